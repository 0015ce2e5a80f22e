-- Invariant 9: nothing was seen without a record written no later. Reads a snapshot; takes no lock.
WITH seen AS MATERIALIZED (
    SELECT id, card_id, line_id, revealed_at
      FROM stock.allocations
     WHERE tenant_id = :tenant_id::bigint
       AND revealed_at IS NOT NULL
), told AS MATERIALIZED (
    SELECT card_id, line_id, min(at) AS first_at
      FROM stock.reveals
     WHERE tenant_id = :tenant_id::bigint
     GROUP BY card_id, line_id
), missing AS (
    SELECT seen.id, seen.card_id, seen.revealed_at, told.first_at
      FROM seen
      LEFT JOIN told ON told.card_id = seen.card_id AND told.line_id = seen.line_id
     WHERE told.first_at IS NULL
        OR told.first_at > seen.revealed_at
), broken AS (
    SELECT 'card_was_seen_without_a_record' AS rule, id,
           format('card %s seen %s, recorded %s', card_id, revealed_at,
                  coalesce(first_at::text, 'never')) AS says
      FROM missing
     UNION ALL
    SELECT 'seen_card_has_no_record', card.id, card.state
      FROM stock.cards AS card
     WHERE card.tenant_id = :tenant_id::bigint
       AND card.state IN ('revealed', 'redeemed')
       AND NOT EXISTS (
               SELECT
                 FROM told
                WHERE told.card_id = card.id
           )
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM seen) AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
