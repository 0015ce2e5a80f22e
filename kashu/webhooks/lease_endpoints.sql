-- The addresses that are to hear something now.
SELECT endpoint.id
  FROM webhooks.endpoints AS endpoint
 WHERE endpoint.tenant_id = :tenant::bigint
   AND endpoint.state = 'open'
   AND (endpoint.resume_at IS NULL OR endpoint.resume_at <= :at::timestamptz)
   AND EXISTS (SELECT FROM webhooks.deliveries AS delivery
                WHERE delivery.tenant_id = :tenant::bigint
                  AND delivery.endpoint_id = endpoint.id
                  AND delivery.state = 'due'
                  AND delivery.next_at <= :at::timestamptz)
