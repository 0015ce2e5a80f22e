-- The requests of these names that took effect. Takes no lock.
-- LATERAL with a limit: a look-up for each name, even if planned while the table was small.
SELECT known.caller, known.key, known.body_hash, known.answer
  FROM unnest(:callers::text[], :keys::text[]) AS name(caller, key)
 CROSS JOIN LATERAL (
       SELECT caller, key, body_hash, answer
         FROM orders.requests
        WHERE tenant_id = :tenant::bigint
          AND caller = name.caller
          AND key = name.key
        LIMIT 1
 ) AS known
