-- Invariant 9: nothing was seen without a record written no later. Reads a snapshot; takes no lock.
-- That a card which counts as seen has an allocation which says so is for card_allocations.sql.
-- `lines`: only what these have, to which something happened lately; NULL: all. What was given
-- earlier and is seen now without a record leaves no trace by which it could be found sooner.
WITH broken AS (
    SELECT 'card_was_seen_without_a_record' AS rule, seen.id,
           format('card %s of line %s, seen %s', seen.card_id, seen.line_id, seen.revealed_at)
               AS says
      FROM stock.allocations AS seen
     WHERE seen.tenant_id = :tenant_id::bigint
       AND seen.revealed_at IS NOT NULL
       AND (:lines::uuid[] IS NULL OR seen.line_id = ANY (:lines::uuid[]))
       AND NOT EXISTS (
               SELECT
                 FROM stock.reveals AS told
                WHERE told.tenant_id = :tenant_id::bigint
                  AND told.card_id = seen.card_id
                  AND told.line_id = seen.line_id
                  AND told.at <= seen.revealed_at
           )
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM stock.allocations
         WHERE tenant_id = :tenant_id::bigint AND revealed_at IS NOT NULL
           AND (:lines::uuid[] IS NULL OR line_id = ANY (:lines::uuid[]))) AS checked,
       capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
