-- Take the next cards of some lots and give the n-th of each to whoever the plan says.
-- Under hold() of the lots' SKUs: nobody else is taking cards or moving heads meanwhile.
WITH wanted AS (
    SELECT lot_id, count, head
      FROM unnest(:lots::uuid[], :counts::bigint[], :heads::bigint[]) AS w(lot_id, count, head)
), units AS (
    SELECT id, lot_id, number, line_id, choice_id
      FROM unnest(:ids::uuid[], :unit_lots::uuid[], :unit_numbers::bigint[], :unit_lines::uuid[],
                  :unit_choices::uuid[]) AS u(id, lot_id, number, line_id, choice_id)
), chosen AS (
    INSERT INTO stock.choices (tenant_id, id, lot_id, strategy_id, facts)
    SELECT :tenant::bigint, id, lot_id, strategy_id, facts
      FROM unnest(:choices::uuid[], :choice_lots::uuid[], :choice_strategies::uuid[],
                  :choice_facts::jsonb[]) AS c(id, lot_id, strategy_id, facts)
), picked AS MATERIALIZED (  -- LATERAL: each lot's walk starts at its head and stops at its count
    SELECT wanted.lot_id, card.id, card.position,
           row_number() OVER (PARTITION BY wanted.lot_id ORDER BY card.position) AS number
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
       SET state = 'allocated'
      FROM picked
     WHERE cards.tenant_id = :tenant::bigint
       AND cards.id = picked.id
), counted AS (
    UPDATE stock.lots
       SET available = available - taken.count, allocated = allocated + taken.count,
           head = taken.last + 1
      FROM (SELECT lot_id, count(*) AS count, max(position) AS last
              FROM picked GROUP BY lot_id) AS taken
     WHERE lots.tenant_id = :tenant::bigint
       AND lots.id = taken.lot_id
)
INSERT INTO stock.allocations (tenant_id, id, card_id, line_id, lot_id, choice_id)
SELECT :tenant::bigint, units.id, picked.id, units.line_id, units.lot_id, units.choice_id
  FROM units
  JOIN picked ON picked.lot_id = units.lot_id AND picked.number = units.number
RETURNING line_id, card_id
