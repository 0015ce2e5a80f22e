-- Nobody waits any more for what is bought for some lines: what isn't under way is ended.
-- Locks: their purchases, in order of id, against who orders them.
WITH held AS MATERIALIZED (
    SELECT id
      FROM purchases.purchases
     WHERE tenant_id = :tenant::bigint
       AND subject_id = ANY (:lines::uuid[])
       AND state = ANY (:cancellable::text[])
     ORDER BY id
       FOR NO KEY UPDATE
)
UPDATE purchases.purchases AS purchase
   SET state = CASE WHEN received_count > 0 THEN 'part' ELSE 'cancelled' END,
       said = 'not_wanted_any_more',
       ended_at = now(),
       sealed_inputs = NULL,
       key_version = NULL
  FROM held
 WHERE purchase.tenant_id = :tenant::bigint
   AND purchase.id = held.id
   AND purchase.state = ANY (:cancellable::text[])
RETURNING purchase.id
