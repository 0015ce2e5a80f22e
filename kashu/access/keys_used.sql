-- Note that keys were used, once a minute at most. Skips keys that another process notes just now.
UPDATE access.api_keys AS key
   SET last_used_at = now()
 WHERE key.tenant_id = :tenant::bigint
   AND key.id IN (
       SELECT due.id
         FROM access.api_keys AS due
        WHERE due.tenant_id = :tenant::bigint
          AND due.id = ANY(:keys::uuid[])
          AND (due.last_used_at IS NULL OR due.last_used_at < now() - interval '1 minute')
          FOR UPDATE SKIP LOCKED
       )
RETURNING key.id
