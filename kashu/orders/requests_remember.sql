-- Write down requests in order of their names; one that is there already fails the transaction.
INSERT INTO orders.requests (tenant_id, caller, key, body_hash, answer)
SELECT :tenant::bigint, caller, key, body_hash, answer
  FROM unnest(:callers::text[], :keys::text[], :hashes::bytea[], :answers::bytea[])
       AS r(caller, key, body_hash, answer)
