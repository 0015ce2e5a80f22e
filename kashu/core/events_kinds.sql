-- The kinds of events that a tenant has: as many steps through the index as
-- there are different ones, whatever the number of events.
WITH RECURSIVE step AS (
    (SELECT kind FROM core.events WHERE tenant_id = :tenant::bigint ORDER BY kind LIMIT 1)
     UNION ALL
    SELECT (SELECT next.kind
              FROM core.events AS next
             WHERE next.tenant_id = :tenant::bigint AND next.kind > step.kind
             ORDER BY next.kind
             LIMIT 1)
      FROM step
     WHERE step.kind IS NOT NULL
)
SELECT kind AS name FROM step WHERE kind IS NOT NULL
