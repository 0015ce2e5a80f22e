-- Give kept cards to lines: the n-th of a (reservation, lot) to whoever the plan says.
-- Under hold() of the lots' SKUs. A reservation of which nothing is left has been used.
WITH wanted AS (
    SELECT reservation_id, lot_id, count
      FROM unnest(:reservations::uuid[], :lots::uuid[], :counts::bigint[])
           AS w(reservation_id, lot_id, count)
), units AS (
    SELECT id, reservation_id, lot_id, number, line_id, choice_id
      FROM unnest(:ids::uuid[], :unit_reservations::uuid[], :unit_lots::uuid[],
                  :unit_numbers::bigint[], :unit_lines::uuid[], :unit_choices::uuid[])
           AS u(id, reservation_id, lot_id, number, line_id, choice_id)
), chosen AS (
    INSERT INTO stock.choices (tenant_id, id, lot_id, strategy_id, facts)
    SELECT :tenant::bigint, id, lot_id, strategy_id, facts
      FROM unnest(:choices::uuid[], :choice_lots::uuid[], :choice_strategies::uuid[],
                  :choice_facts::jsonb[]) AS c(id, lot_id, strategy_id, facts)
), picked AS MATERIALIZED (
    SELECT wanted.reservation_id, wanted.lot_id, card.id,
           row_number() OVER (PARTITION BY wanted.reservation_id, wanted.lot_id
                              ORDER BY card.position, card.id) AS number
      FROM wanted
     CROSS JOIN LATERAL (
           SELECT id, position
             FROM stock.cards
            WHERE tenant_id = :tenant::bigint
              AND reservation_id = wanted.reservation_id
              AND lot_id = wanted.lot_id
            ORDER BY position, id
            LIMIT wanted.count
     ) AS card
), marked AS (
    UPDATE stock.cards
       SET state = 'allocated', reservation_id = NULL
      FROM picked
     WHERE cards.tenant_id = :tenant::bigint
       AND cards.id = picked.id
), counted AS (
    UPDATE stock.lots
       SET reserved = reserved - taken.count, allocated = allocated + taken.count
      FROM (SELECT lot_id, count(*) AS count FROM picked GROUP BY lot_id) AS taken
     WHERE lots.tenant_id = :tenant::bigint
       AND lots.id = taken.lot_id
), used AS (
    UPDATE stock.reservations
       SET state = 'used', ended_at = now()
      FROM (SELECT reservation_id, count(*) AS count FROM picked GROUP BY reservation_id) AS taken
     WHERE reservations.tenant_id = :tenant::bigint
       AND reservations.id = taken.reservation_id
       AND taken.count = (SELECT count(*)
                            FROM stock.cards AS kept
                           WHERE kept.tenant_id = :tenant::bigint
                             AND kept.reservation_id = taken.reservation_id)
)
INSERT INTO stock.allocations (tenant_id, id, card_id, line_id, lot_id, choice_id)
SELECT :tenant::bigint, units.id, picked.id, units.line_id, units.lot_id, units.choice_id
  FROM units
  JOIN picked
    ON picked.reservation_id = units.reservation_id
   AND picked.lot_id = units.lot_id
   AND picked.number = units.number
RETURNING line_id, card_id
