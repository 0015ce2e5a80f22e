-- Write what became of purchases that were to be ordered. They are locked; one that isn't to be
-- ordered any more isn't written, and isn't told.
UPDATE purchases.purchases AS purchase
   SET state = begun.state, said = begun.said, next_at = begun.next_at
  FROM unnest(:ids::uuid[], :states::text[], :said::text[], :next_at::timestamptz[])
       AS begun(id, state, said, next_at)
 WHERE purchase.tenant_id = :tenant::bigint
   AND purchase.id = ANY (:ids::uuid[])
   AND purchase.id = begun.id
   AND purchase.state IN ('wanted', 'held')
RETURNING purchase.id
