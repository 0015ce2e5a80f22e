-- How one card came, and then what happened to it, the latest first. Takes no lock.
WITH card AS (
    SELECT id, lot_id, sku_id
      FROM stock.cards
     WHERE tenant_id = :tenant::bigint
       AND id = :card::uuid
)
SELECT at, kind, actor, reason, line_id, lot_id, facts
  FROM (
           SELECT coalesce(first.received_at, lot.received_at) AS at, 'received' AS kind,
                  import.actor, import.file_name AS reason, NULL::uuid AS line_id,
                  coalesce(first.id, lot.id) AS lot_id,
                  jsonb_build_object('import_id', lot.import_id,
                                     'supplier_id', lot.supplier_id) AS facts,
                  NULL::uuid AS id
             FROM card
             JOIN stock.lots AS lot
               ON lot.tenant_id = :tenant::bigint AND lot.id = card.lot_id
             LEFT JOIN LATERAL (
                  SELECT from_lot_id
                    FROM stock.moves
                   WHERE tenant_id = :tenant::bigint
                     AND card_id = card.id
                   ORDER BY at, id
                   LIMIT 1
             ) AS earliest ON true
             LEFT JOIN stock.lots AS first
               ON first.tenant_id = :tenant::bigint AND first.id = earliest.from_lot_id
             LEFT JOIN stock.imports AS import
               ON import.tenant_id = :tenant::bigint AND import.id = lot.import_id
            UNION ALL
           SELECT at, 'moved', actor, reason, NULL, to_lot_id,
                  jsonb_build_object('from', from_state, 'to', to_state,
                                     'from_lot_id', from_lot_id),
                  id
             FROM stock.moves
            WHERE tenant_id = :tenant::bigint
              AND card_id = :card::uuid
            UNION ALL
           SELECT given.allocated_at, 'allocated', NULL, NULL, given.line_id, given.lot_id,
                  choice.facts || jsonb_build_object('use_number', given.use_number), given.id
             FROM stock.allocations AS given
             JOIN stock.choices AS choice
               ON choice.tenant_id = :tenant::bigint AND choice.id = given.choice_id
            WHERE given.tenant_id = :tenant::bigint
              AND given.card_id = :card::uuid
            UNION ALL
           SELECT released_at, 'released', NULL, released_because, line_id, lot_id,
                  jsonb_build_object('use_number', use_number), id
             FROM stock.allocations
            WHERE tenant_id = :tenant::bigint
              AND card_id = :card::uuid
              AND released_at IS NOT NULL
            UNION ALL
           SELECT at, 'revealed', actor, reason, line_id, NULL,
                  jsonb_build_object('recipient', recipient), id
             FROM stock.reveals
            WHERE tenant_id = :tenant::bigint
              AND card_id = :card::uuid
       ) AS happened
 ORDER BY kind <> 'received', at DESC, kind = 'allocated', id DESC
 LIMIT :count::bigint
