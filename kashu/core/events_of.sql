-- One subject's events, oldest first. Takes no lock.
SELECT id, kind, at, actor, subject_id, facts
  FROM core.events
 WHERE tenant_id = :tenant::bigint
   AND subject_id = :subject::uuid
 ORDER BY id
