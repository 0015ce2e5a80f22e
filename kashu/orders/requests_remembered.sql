-- The requests of these names that took effect. Takes no lock.
SELECT known.caller, known.key, known.body_hash, known.answer
  FROM unnest(:callers::text[], :keys::text[]) AS name(caller, key)
  JOIN orders.requests AS known
    ON known.tenant_id = :tenant::bigint
   AND known.caller = name.caller
   AND known.key = name.key
