-- Who saw the cards that some lines hold or held. Takes no lock.
WITH held AS MATERIALIZED (
    SELECT DISTINCT card_id, line_id
      FROM stock.allocations
     WHERE tenant_id = :tenant::bigint
       AND line_id = ANY (:lines::uuid[])
)
SELECT held.line_id, reveal.at, reveal.actor, reveal.reason, reveal.recipient, count(*) AS count
  FROM held
  JOIN stock.reveals AS reveal
    ON reveal.tenant_id = :tenant::bigint
   AND reveal.card_id = held.card_id
   AND reveal.line_id = held.line_id
 GROUP BY held.line_id, reveal.at, reveal.actor, reveal.reason, reveal.recipient
 ORDER BY reveal.at, held.line_id
