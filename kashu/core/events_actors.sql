-- Who of a tenant caused events, the program itself left out: it has most of them, and the index
-- leaves it out too. As many steps through that index as there are different ones.
WITH RECURSIVE step AS (
    (SELECT actor
       FROM core.events
      WHERE tenant_id = :tenant::bigint AND actor <> 'system'
      ORDER BY actor
      LIMIT 1)
     UNION ALL
    SELECT (SELECT next.actor
              FROM core.events AS next
             WHERE next.tenant_id = :tenant::bigint
               AND next.actor > step.actor
               AND next.actor <> 'system'
             ORDER BY next.actor
             LIMIT 1)
      FROM step
     WHERE step.actor IS NOT NULL
)
SELECT actor AS name FROM step WHERE actor IS NOT NULL
