-- Invariant 8: nothing is allocated after its refund. Reads a snapshot; takes no lock.
-- Times are those transactions began at, and the two may have waited for each other: hence the
-- minute, far more than who waits for a lock is given, and the rules on states, which need no clock.
-- `lines`: only these, to which something happened lately, and those beside them; NULL: all.
WITH cancelled AS MATERIALIZED (
    SELECT "order".id, min(refund.at) AS at
      FROM orders.orders AS "order"
      LEFT JOIN orders.refunds AS refund
        ON refund.tenant_id = :tenant_id::bigint AND refund.order_id = "order".id
       AND refund.state = 'settled' AND (refund.wanted ->> 'unseen_only')::boolean
     WHERE "order".tenant_id = :tenant_id::bigint
       AND "order".cancelled
       AND (:lines::uuid[] IS NULL OR "order".id = ANY (ARRAY(
               SELECT lines.order_id
                 FROM orders.lines
                WHERE lines.tenant_id = :tenant_id::bigint
                  AND lines.id = ANY (:lines::uuid[])
           )))
     GROUP BY "order".id
), line AS (
    SELECT id, quantity, waiting_count, refunded_count + refused_count AS gone_count,
           false AS cancelled, NULL::timestamptz AS cancelled_at
      FROM orders.lines
     WHERE tenant_id = :tenant_id::bigint
       AND refunded_count + refused_count = quantity
       AND (:lines::uuid[] IS NULL OR id = ANY (:lines::uuid[]))
     UNION ALL
    SELECT lines.id, lines.quantity, lines.waiting_count, 0, true, cancelled.at
      FROM cancelled
      JOIN orders.lines
        ON lines.tenant_id = :tenant_id::bigint AND lines.order_id = cancelled.id
), held AS MATERIALIZED (
    SELECT line.id, line.quantity, line.waiting_count, line.gone_count, line.cancelled,
           line.cancelled_at, count(allocation.id) AS lives,
           count(allocation.id) FILTER (WHERE allocation.revealed_at IS NULL) AS unseen,
           max(allocation.allocated_at) AS last_allocated_at
      FROM line
      LEFT JOIN stock.allocations AS allocation
        ON allocation.tenant_id = :tenant_id::bigint AND allocation.line_id = line.id
       AND allocation.released_at IS NULL
     GROUP BY line.id, line.quantity, line.waiting_count, line.gone_count, line.cancelled,
              line.cancelled_at
), broken AS (
    SELECT 'refunded_line_has_cards' AS rule, id,
           format('%s of %s refunded or refused, %s allocated', gone_count, quantity, lives)
               AS says
      FROM held
     WHERE gone_count = quantity AND lives > 0
     UNION ALL
    SELECT 'cancelled_line_still_waits', id, format('%s waiting', waiting_count)
      FROM held
     WHERE cancelled AND waiting_count > 0
     UNION ALL
    SELECT 'cancelled_line_has_unseen_cards', id, format('%s allocated, not seen', unseen)
      FROM held
     WHERE cancelled AND unseen > 0
     UNION ALL
    SELECT 'line_was_given_cards_after_its_cancellation', id,
           format('cancelled %s, allocated %s', cancelled_at, last_allocated_at)
      FROM held
     WHERE last_allocated_at > cancelled_at + interval '1 minute'
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM held) AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
