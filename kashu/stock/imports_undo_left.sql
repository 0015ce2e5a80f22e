-- The lots of an import, and how many of their cards are no longer as they came: not available,
-- given to somebody once, moved, or seen. Under hold() of the SKU: none leaves while we count.
SELECT lot.id AS lot_id, lot.warehouse_id, lot.supplier_id, lot.unit_cost_e4, lot.currency,
       lot.available AS units, count(card.id) AS cards,
       count(card.id) FILTER (
         WHERE card.state <> CASE WHEN lot.sold_elsewhere THEN 'void' ELSE 'available' END
            OR EXISTS (
                 SELECT FROM stock.allocations
                  WHERE allocations.tenant_id = :tenant::bigint
                    AND allocations.card_id = card.id
               )
            OR EXISTS (
                 SELECT FROM stock.moves
                  WHERE moves.tenant_id = :tenant::bigint
                    AND moves.card_id = card.id
               )
            OR EXISTS (
                 SELECT FROM stock.reveals
                  WHERE reveals.tenant_id = :tenant::bigint
                    AND reveals.card_id = card.id
               )
       ) AS left_count
  FROM stock.lots AS lot
  LEFT JOIN stock.cards AS card
    ON card.tenant_id = :tenant::bigint
   AND card.lot_id = lot.id
 WHERE lot.tenant_id = :tenant::bigint
   AND lot.import_id = :import_id::uuid
 GROUP BY lot.tenant_id, lot.id
 ORDER BY lot.id
