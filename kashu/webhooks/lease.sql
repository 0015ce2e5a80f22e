-- Take what one address is to hear and is due, the oldest first, until a lease ends. What others
-- hold is passed over.
WITH due AS (
    SELECT id
      FROM webhooks.deliveries
     WHERE tenant_id = :tenant::bigint
       AND endpoint_id = :endpoint::uuid
       AND state = 'due'
       AND next_at <= :at::timestamptz
     ORDER BY next_at, id
     LIMIT :most::int
       FOR UPDATE SKIP LOCKED
)
UPDATE webhooks.deliveries AS delivery
   SET tries = delivery.tries + 1,
       attempts = delivery.attempts + 1,
       next_at = :until::timestamptz
  FROM due
 WHERE delivery.tenant_id = :tenant::bigint AND delivery.id = due.id
RETURNING delivery.id, delivery.message_id, delivery.body, delivery.tries, delivery.attempts
