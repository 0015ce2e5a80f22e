-- As allocate_take.sql, for lots whose cards serve many: what is taken is a free use of a card.
-- Under hold() of the lots' SKUs. A card stays at the head of its lot until its uses are gone.
WITH wanted AS (
    SELECT lot_id, count, head, first
      FROM unnest(:lots::uuid[], :counts::bigint[], :heads::bigint[], :firsts::bigint[])
           AS w(lot_id, count, head, first)
), chosen AS (
    INSERT INTO stock.choices (tenant_id, id, lot_id, strategy_id, facts)
    SELECT :tenant::bigint, id, lot_id, strategy_id, facts
      FROM unnest(:choices::uuid[], :choice_lots::uuid[], :choice_strategies::uuid[],
                  :choice_facts::jsonb[]) AS c(id, lot_id, strategy_id, facts)
), run AS MATERIALIZED (  -- each card and each run has a use at least: no more of them are needed
    SELECT wanted.lot_id, wanted.count, wanted.first, card.id AS card_id, card.position,
           free.id, free.first_use, free.last_use,
           sum(free.last_use - free.first_use + 1) OVER in_order
               - (free.last_use - free.first_use + 1) AS before
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
     CROSS JOIN LATERAL (
           SELECT id, first_use, last_use
             FROM stock.free_uses
            WHERE tenant_id = :tenant::bigint
              AND card_id = card.id
            ORDER BY last_use
            LIMIT wanted.count
     ) AS free
    WINDOW in_order AS (PARTITION BY wanted.lot_id ORDER BY card.position, card.id, free.last_use)
), taken AS MATERIALIZED (  -- the front of each, as far as it is wanted
    SELECT *, least(last_use, first_use + count - before - 1) AS until
      FROM run
     WHERE before < count
), emptied AS (
    DELETE FROM stock.free_uses
     WHERE tenant_id = :tenant::bigint
       AND id = ANY (ARRAY(SELECT id FROM taken WHERE until = last_use))
), shortened AS (
    UPDATE stock.free_uses
       SET first_use = taken.until + 1
      FROM taken
     WHERE free_uses.tenant_id = :tenant::bigint
       AND free_uses.id = ANY (ARRAY(SELECT id FROM taken WHERE until < last_use))
       AND free_uses.id = taken.id
), touched AS (  -- a card whose last use is taken is no longer ours to give
    SELECT lot_id, card_id, position, count,
           sum(until - first_use + 1) AS found,
           bool_and(until = last_use) AND NOT EXISTS (
               SELECT FROM stock.free_uses AS further
                WHERE further.tenant_id = :tenant::bigint
                  AND further.card_id = taken.card_id
                  AND further.last_use > max(taken.last_use)
           ) AS is_used_up
      FROM taken
     GROUP BY lot_id, card_id, position, count
), marked AS (
    UPDATE stock.cards
       SET state = 'allocated'
     WHERE tenant_id = :tenant::bigint
       AND id = ANY (ARRAY(SELECT card_id FROM touched WHERE is_used_up))
), counted AS (  -- where uses are missing the head is NULL, which no lot accepts
    UPDATE stock.lots
       SET available = available - went.count, allocated = allocated + went.count,
           head = CASE WHEN went.found = went.count THEN went.head END
      FROM (SELECT wanted.lot_id, wanted.count, coalesce(sum(touched.found), 0) AS found,
                   max(touched.position + touched.is_used_up::integer) AS head
              FROM wanted
              LEFT JOIN touched USING (lot_id)
             GROUP BY wanted.lot_id, wanted.count) AS went
     WHERE lots.tenant_id = :tenant::bigint
       AND lots.id = ANY (:lots::uuid[])
       AND lots.id = went.lot_id
)
INSERT INTO stock.allocations (tenant_id, id, card_id, use_number, line_id, lot_id, choice_id)
SELECT :tenant::bigint, (:ids::uuid[])[unit], card_id, use_number, (:unit_lines::uuid[])[unit],
       lot_id, (:unit_choices::uuid[])[unit]
  FROM (
           SELECT taken.card_id, use_number, taken.lot_id,
                  taken.first + taken.before + use_number - taken.first_use AS unit
             FROM taken
            CROSS JOIN LATERAL generate_series(taken.first_use, taken.until) AS use_number
       ) AS picked
