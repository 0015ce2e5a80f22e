-- Write messages for addresses that are still open. Locks those addresses, in order of id, so that
-- none is disabled meanwhile and left with something due; a message is told once to each.
WITH told AS (
    SELECT id
      FROM webhooks.endpoints
     WHERE tenant_id = :tenant::bigint AND state = 'open'
     ORDER BY id
       FOR SHARE
)
INSERT INTO webhooks.deliveries
       (tenant_id, id, endpoint_id, message_id, type, body, happened_at, next_at)
SELECT :tenant::bigint, message.id, message.endpoint_id, message.message_id, message.type,
       message.body, message.happened_at, :at::timestamptz
  FROM unnest(:ids::uuid[], :endpoints::uuid[], :messages::uuid[], :types::text[],
              :bodies::text[], :moments::timestamptz[])
       AS message(id, endpoint_id, message_id, type, body, happened_at)
  JOIN told ON told.id = message.endpoint_id
    ON CONFLICT DO NOTHING
