-- As allocate_take.sql, for lots whose cards serve many: what is taken is a free use of a card.
-- A use is free unless it is somebody's, or somebody has seen the secret through it.
-- Under hold() of the lots' SKUs. The heads are not moved: a card stays until its uses are gone.
WITH wanted AS (
    SELECT lot_id, count, head, first
      FROM unnest(:lots::uuid[], :counts::bigint[], :heads::bigint[], :firsts::bigint[])
           AS w(lot_id, count, head, first)
), chosen AS (
    INSERT INTO stock.choices (tenant_id, id, lot_id, strategy_id, facts)
    SELECT :tenant::bigint, id, lot_id, strategy_id, facts
      FROM unnest(:choices::uuid[], :choice_lots::uuid[], :choice_strategies::uuid[],
                  :choice_facts::jsonb[]) AS c(id, lot_id, strategy_id, facts)
), picked AS MATERIALIZED (
    SELECT wanted.lot_id, use.card_id, use.use_number, use.left_count,
           wanted.first - 1 + row_number() OVER (PARTITION BY wanted.lot_id
                                                 ORDER BY use.position, use.use_number) AS unit
      FROM wanted
     CROSS JOIN LATERAL (
           SELECT card.id AS card_id, card.position, slot.use_number,
                  count(*) OVER (PARTITION BY card.id) AS left_count
             FROM stock.cards AS card
            CROSS JOIN LATERAL generate_series(1, card.max_uses) AS slot(use_number)
            WHERE card.tenant_id = :tenant::bigint
              AND card.lot_id = wanted.lot_id
              AND card.position >= wanted.head
              AND card.state = 'available'
              AND NOT EXISTS (
                    SELECT FROM stock.allocations AS taken
                     WHERE taken.tenant_id = :tenant::bigint
                       AND taken.card_id = card.id
                       AND taken.use_number = slot.use_number
                       AND taken.released_at IS NULL
              )
              AND NOT EXISTS (
                    SELECT FROM stock.allocations AS seen
                     WHERE seen.tenant_id = :tenant::bigint
                       AND seen.card_id = card.id
                       AND seen.use_number = slot.use_number
                       AND seen.revealed_at IS NOT NULL
              )
            ORDER BY card.position, slot.use_number
            LIMIT wanted.count
     ) AS use
), marked AS (  -- a card whose last use is taken is no longer ours to give
    UPDATE stock.cards
       SET state = 'allocated'
      FROM (SELECT card_id, count(*) AS count, min(left_count) AS left_count
              FROM picked GROUP BY card_id) AS taken
     WHERE cards.tenant_id = :tenant::bigint
       AND cards.id = taken.card_id
       AND taken.count = taken.left_count
), counted AS (  -- where uses are missing the head is NULL, which no lot accepts
    UPDATE stock.lots
       SET available = available - taken.count, allocated = allocated + taken.count,
           head = CASE WHEN taken.found = taken.count THEN head END
      FROM (SELECT wanted.lot_id, wanted.count, count(picked.card_id) AS found
              FROM wanted
              LEFT JOIN picked USING (lot_id)
             GROUP BY wanted.lot_id, wanted.count) AS taken
     WHERE lots.tenant_id = :tenant::bigint
       AND lots.id = ANY (:lots::uuid[])
       AND lots.id = taken.lot_id
)
INSERT INTO stock.allocations (tenant_id, id, card_id, use_number, line_id, lot_id, choice_id)
SELECT :tenant::bigint, (:ids::uuid[])[unit], card_id, use_number, (:unit_lines::uuid[])[unit],
       lot_id, (:unit_choices::uuid[])[unit]
  FROM picked
