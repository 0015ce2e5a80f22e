-- Use nonces up; returns those that were new. Takes no lock but on the rows it inserts, in order.
INSERT INTO access.nonces (tenant_id, key_id, nonce)
SELECT :tenant::bigint, used.key_id, used.nonce
  FROM unnest(:keys::uuid[], :nonces::text[]) AS used(key_id, nonce)
 ORDER BY used.key_id, used.nonce
    ON CONFLICT DO NOTHING
RETURNING key_id, nonce
