-- Take orders whose buyer or platform is still to be told, the most urgent first, until a lease
-- ends; one of many lines is many calls, and its lease as much longer. What others hold is passed.
-- Attempts are counted while they are in vain; looks whether goods came are none, beyond the first.
WITH due AS (
    SELECT known.id
      FROM channels.shop_orders AS known
      JOIN channels.connections AS link
        ON link.tenant_id = :tenant::bigint AND link.store_id = known.store_id
     WHERE known.tenant_id = :tenant::bigint
       AND known.step IN ('taken', 'sent')
       AND known.next_at <= :at::timestamptz
       AND link.mode <> 'stopped'
       AND link.grant_state = 'granted'
       AND known.store_id <> ALL (:besides::uuid[])
       AND (known.ticket IS NOT NULL) = :asked::boolean
     ORDER BY known.ship_by ASC NULLS LAST, known.id
     LIMIT :most::int
       FOR UPDATE OF known SKIP LOCKED
)
UPDATE channels.shop_orders AS known
   SET next_at = :at::timestamptz
                 + :lease::interval * greatest(jsonb_array_length(known.lines), 1),
       attempts = 1 + CASE WHEN known.said IN ('short', 'being_topped_up')
                           THEN least(known.attempts, 2) ELSE known.attempts END,
       said = ''
  FROM due
 WHERE known.tenant_id = :tenant::bigint AND known.id = due.id
RETURNING known.id, known.store_id, known.number, known.step, known.shop_state, known.paid_at,
          known.ship_by, known.paid_e4, known.lines, known.order_id, known.attempts, known.doubt,
          known.said, known.next_at, known.complete, known.sent_at, known.released_at,
          known.places, known.ticket, known.failed, known.sealed_account, known.masked_accounts,
          known.sealed_token
