-- Take back some live allocations of some lines, the latest first; unseen cards go to the front,
-- and unseen uses of a shared card are free again.
-- Under hold() of their SKUs: nobody reveals or takes the cards meanwhile.
-- LATERAL … OFFSET 0 and ANY: a look-up for each row, whatever the planner thinks of their number.
WITH wanted AS (
    SELECT line_id, count
      FROM unnest(:lines::uuid[], :counts::bigint[]) AS w(line_id, count)
), rule AS (
    SELECT sku_id, returnable
      FROM unnest(:skus::uuid[], :returnables::boolean[]) AS r(sku_id, returnable)
), picked AS MATERIALIZED (
    SELECT given.*, row_number() OVER (ORDER BY given.id) AS number,
           CASE WHEN given.seen THEN 'quarantined'
                WHEN NOT given.shared AND given.returnable THEN 'available'
                WHEN NOT given.shared THEN 'quarantined'
                WHEN given.state = 'allocated' THEN 'available'  -- its last use comes free again
                ELSE given.state
           END AS becomes
      FROM wanted
     CROSS JOIN LATERAL (
           SELECT held.id, held.line_id, held.card_id, held.use_number, held.lot_id, card.state,
                  card.position, held.revealed_at IS NOT NULL AS seen, rule.returnable,
                  lot.sku_id, lot.shared, lot.head, lot.warehouse_id, lot.supplier_id,
                  lot.unit_cost_e4,
                  CASE WHEN lot.shared AND held.revealed_at IS NULL THEN 'allocated'
                       WHEN lot.shared THEN 'revealed'
                       ELSE card.state
                  END AS was
             FROM (
                      SELECT id, line_id, card_id, use_number, lot_id, allocated_at, revealed_at,
                             released_at
                        FROM stock.allocations
                       WHERE tenant_id = :tenant::bigint
                         AND line_id = wanted.line_id
                      OFFSET 0
                  ) AS held
            CROSS JOIN LATERAL (
                  SELECT sku_id, shared, head, warehouse_id, supplier_id, unit_cost_e4
                    FROM stock.lots
                   WHERE tenant_id = :tenant::bigint
                     AND id = held.lot_id
                  OFFSET 0
                ) AS lot
             JOIN rule
               ON rule.sku_id = lot.sku_id
            CROSS JOIN LATERAL (
                  SELECT state, position
                    FROM stock.cards
                   WHERE tenant_id = :tenant::bigint
                     AND id = held.card_id
                  OFFSET 0
                ) AS card
            WHERE held.released_at IS NULL
              AND (held.revealed_at IS NULL OR NOT :unseen_only::boolean)
            ORDER BY (:unseen_first::boolean AND held.revealed_at IS NOT NULL),
                     held.allocated_at DESC, held.id DESC
            LIMIT wanted.count
     ) AS given
), freed AS (
    UPDATE stock.allocations
       SET released_at = now(), released_because = :because::text
     WHERE tenant_id = :tenant::bigint
       AND id = ANY (ARRAY(SELECT id FROM picked))
), freed_uses AS (  -- neighbours come back as one run
    INSERT INTO stock.free_uses (tenant_id, id, card_id, first_use, last_use)
    SELECT :tenant::bigint, gen_random_uuid(), card_id, min(use_number), max(use_number)
      FROM (
               SELECT card_id, use_number,
                      use_number - row_number() OVER (PARTITION BY card_id ORDER BY use_number)
                          AS run
                 FROM picked
                WHERE shared
                  AND NOT seen
           ) AS numbered
     GROUP BY card_id, run
), changed AS (  -- what comes back keeps its order, in front of all others of its lot
    SELECT card_id, lot_id, becomes,
           CASE WHEN becomes = 'available'
                THEN head - 1 - count(*) OVER same
                     + row_number() OVER (same ORDER BY position, card_id)
           END AS position
      FROM (
               SELECT DISTINCT card_id, lot_id, becomes, head, position
                 FROM picked
                WHERE NOT shared
                   OR (state = 'allocated' AND becomes = 'available')
           ) AS card
    WINDOW same AS (PARTITION BY lot_id, becomes)
), marked AS (
    UPDATE stock.cards
       SET state = changed.becomes, position = coalesce(changed.position, cards.position)
      FROM changed
     WHERE cards.tenant_id = :tenant::bigint
       AND cards.id = ANY (ARRAY(SELECT card_id FROM changed))
       AND cards.id = changed.card_id
), counted AS (
    UPDATE stock.lots
       SET available = available + counts.to_available, allocated = allocated - from_allocated,
           revealed = revealed - from_revealed, redeemed = redeemed - from_redeemed,
           quarantined = quarantined + to_quarantined, void = void + to_void,
           returned = returned + to_returned,
           head = head - (SELECT count(*)
                            FROM changed
                           WHERE changed.lot_id = counts.lot_id
                             AND changed.becomes = 'available')
      FROM (SELECT lot_id,
                   count(*) FILTER (WHERE was = 'allocated') AS from_allocated,
                   count(*) FILTER (WHERE was = 'revealed') AS from_revealed,
                   count(*) FILTER (WHERE was = 'redeemed') AS from_redeemed,
                   count(*) FILTER (WHERE becomes = 'available') AS to_available,
                   count(*) FILTER (WHERE becomes = 'quarantined') AS to_quarantined,
                   count(*) FILTER (WHERE becomes = 'void') AS to_void,
                   count(*) FILTER (WHERE becomes = 'returned') AS to_returned
              FROM picked GROUP BY lot_id) AS counts
     WHERE lots.tenant_id = :tenant::bigint
       AND lots.id = counts.lot_id
), moved AS (
    INSERT INTO stock.moves (tenant_id, id, card_id, actor, reason, from_state, to_state,
                             from_lot_id, to_lot_id)
    SELECT :tenant::bigint, (:ids::uuid[])[number], card_id, :actor::text, :because::text, was,
           becomes, lot_id, lot_id
      FROM picked
)
SELECT line_id, lot_id, sku_id, warehouse_id, supplier_id, unit_cost_e4, count(*) AS count,
       seen AS revealed,
       (becomes = 'available' OR (shared AND NOT seen AND becomes = 'quarantined'))
           AS returned_to_stock
  FROM picked
 GROUP BY line_id, lot_id, sku_id, warehouse_id, supplier_id, unit_cost_e4, seen, shared, becomes
 ORDER BY line_id, lot_id, seen, becomes
