-- Keep the next cards of some lots for a reservation.
-- Under hold() of the lots' SKUs: nobody else is taking cards or moving heads meanwhile.
WITH wanted AS (
    SELECT lot_id, count, head
      FROM unnest(:lots::uuid[], :counts::bigint[], :heads::bigint[]) AS w(lot_id, count, head)
), picked AS MATERIALIZED (
    SELECT wanted.lot_id, card.id, card.position,
           row_number() OVER (ORDER BY wanted.lot_id, card.position) AS number
      FROM wanted
     CROSS JOIN LATERAL (
           SELECT id, position
             FROM stock.cards
            WHERE tenant_id = :tenant::bigint
              AND lot_id = wanted.lot_id
              AND position >= wanted.head
              AND state = 'available'
            ORDER BY position
            LIMIT wanted.count
     ) AS card
), marked AS (
    UPDATE stock.cards
       SET state = 'reserved', reservation_id = :reservation::uuid
      FROM picked
     WHERE cards.tenant_id = :tenant::bigint
       AND cards.id = picked.id
), moved AS (
    INSERT INTO stock.moves (tenant_id, id, card_id, actor, reason, from_state, to_state,
                             from_lot_id, to_lot_id)
    SELECT :tenant::bigint, (:ids::uuid[])[number], id, :actor::text, :reason::text, 'available',
           'reserved', lot_id, lot_id
      FROM picked
), counted AS (
    UPDATE stock.lots
       SET available = available - taken.count, reserved = reserved + taken.count,
           head = taken.last + 1
      FROM (SELECT lot_id, count(*) AS count, max(position) AS last
              FROM picked GROUP BY lot_id) AS taken
     WHERE lots.tenant_id = :tenant::bigint
       AND lots.id = taken.lot_id
)
SELECT lot_id, count(*) AS count
  FROM picked
 GROUP BY lot_id
