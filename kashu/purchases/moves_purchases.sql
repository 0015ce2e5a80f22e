-- Write purchases as they stand now; what was typed is forgotten where it isn't needed any more.
-- They are locked.
UPDATE purchases.purchases AS purchase
   SET state = stands.state,
       said = stands.said,
       received_count = stands.received_count,
       next_at = stands.next_at,
       ended_at = stands.ended_at,
       used_at = stands.used_at,
       sealed_inputs = CASE WHEN stands.forgets THEN NULL ELSE sealed_inputs END,
       key_version = CASE WHEN stands.forgets THEN NULL ELSE key_version END
  FROM unnest(:ids::uuid[], :states::text[], :said::text[], :received::integer[],
              :next_at::timestamptz[], :ended::timestamptz[], :used::timestamptz[],
              :forgets::boolean[])
       AS stands(id, state, said, received_count, next_at, ended_at, used_at, forgets)
 WHERE purchase.tenant_id = :tenant::bigint
   AND purchase.id = ANY (:ids::uuid[])
   AND purchase.id = stands.id
