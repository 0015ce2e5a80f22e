-- What was written down since, the newest first: what a hint needs, and no facts. Takes no lock.
SELECT id, kind, subject_id
  FROM core.events
 WHERE tenant_id = :tenant::bigint
   AND id >= :since::uuid
 ORDER BY id DESC
 LIMIT :limit::int
