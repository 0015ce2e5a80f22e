-- How the last orders at some suppliers went, each supplier's newest first, and how often its
-- breaker opened in a row. Takes no lock.
SELECT link.supplier_id, link.breaks, noted.at, noted.outcome, noted.latency_ms
  FROM suppliers.connections AS link
 CROSS JOIN LATERAL (
       SELECT at, id, outcome, latency_ms
         FROM purchases.placings
        WHERE tenant_id = :tenant::bigint
          AND supplier_id = link.supplier_id
          AND at > :since::timestamptz
        ORDER BY at DESC, id DESC
        LIMIT :most::integer
 ) AS noted
 WHERE link.tenant_id = :tenant::bigint
   AND link.supplier_id = ANY (:suppliers::uuid[])
 ORDER BY link.supplier_id, noted.at DESC, noted.id DESC
