-- Take the next cards of some lots and give the n-th of each to whoever the plan says.
-- Under hold() of the lots' SKUs: nobody else is taking cards or moving heads meanwhile.
WITH wanted AS (  -- a lot's units begin at `first` in the arrays of units
    SELECT lot_id, count, head, first
      FROM unnest(:lots::uuid[], :counts::bigint[], :heads::bigint[], :firsts::bigint[])
           AS w(lot_id, count, head, first)
), chosen AS (
    INSERT INTO stock.choices (tenant_id, id, lot_id, strategy_id, facts)
    SELECT :tenant::bigint, id, lot_id, strategy_id, facts
      FROM unnest(:choices::uuid[], :choice_lots::uuid[], :choice_strategies::uuid[],
                  :choice_facts::jsonb[]) AS c(id, lot_id, strategy_id, facts)
), picked AS MATERIALIZED (  -- LATERAL: each lot's walk starts at its head and stops at its count
    SELECT wanted.lot_id, card.id, card.position,
           wanted.first - 1 + row_number() OVER (PARTITION BY wanted.lot_id ORDER BY card.position)
               AS unit
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
), given AS MATERIALIZED (  -- who sees it at once, by place in :readers; 0 for nobody
    SELECT id, lot_id, position, unit, (:unit_readers::integer[])[unit] AS reader
      FROM picked
), kept AS (  -- ANY, not a join: how many are picked can't be foreseen, and a scan is never right
    UPDATE stock.cards
       SET state = 'allocated'
     WHERE tenant_id = :tenant::bigint
       AND id = ANY (ARRAY(SELECT id FROM given WHERE reader = 0))
), seen AS (
    UPDATE stock.cards
       SET state = 'revealed'
     WHERE tenant_id = :tenant::bigint
       AND id = ANY (ARRAY(SELECT id FROM given WHERE reader > 0))
), told AS (
    INSERT INTO stock.reveals (tenant_id, id, card_id, actor, reason, recipient, line_id)
    SELECT :tenant::bigint, (:reveal_ids::uuid[])[unit], id, (:readers::text[])[reader],
           :reason::text, (:readers::text[])[reader], (:unit_lines::uuid[])[unit]
      FROM given
     WHERE reader > 0
), counted AS (  -- where cards are missing the head is NULL, which no lot accepts
    UPDATE stock.lots
       SET available = available - taken.count,
           allocated = allocated + taken.count - taken.seen, revealed = revealed + taken.seen,
           head = CASE WHEN taken.found = taken.count THEN taken.last + 1 END
      FROM (SELECT wanted.lot_id, wanted.count, count(given.id) AS found,
                   count(*) FILTER (WHERE given.reader > 0) AS seen, max(given.position) AS last
              FROM wanted
              LEFT JOIN given USING (lot_id)
             GROUP BY wanted.lot_id, wanted.count) AS taken
     WHERE lots.tenant_id = :tenant::bigint
       AND lots.id = ANY (:lots::uuid[])
       AND lots.id = taken.lot_id
)
INSERT INTO stock.allocations (tenant_id, id, card_id, line_id, lot_id, choice_id, revealed_at)
SELECT :tenant::bigint, (:ids::uuid[])[unit], id, (:unit_lines::uuid[])[unit], lot_id,
       (:unit_choices::uuid[])[unit], CASE WHEN reader > 0 THEN now() END
  FROM given
