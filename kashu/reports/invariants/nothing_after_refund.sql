-- Invariant 8: nothing is allocated after its refund. Reads a snapshot; takes no lock.
-- Times are those transactions began at, and the two may have waited for each other: hence the
-- minute (no transaction lives longer), and the rules on states, which need no clock.
WITH held AS MATERIALIZED (
    SELECT line_id, max(allocated_at) AS last_allocated_at, count(*) AS lives,
           count(*) FILTER (WHERE revealed_at IS NULL) AS unseen
      FROM stock.allocations
     WHERE tenant_id = :tenant_id::bigint
       AND released_at IS NULL
     GROUP BY line_id
), line AS MATERIALIZED (
    SELECT line.id, line.quantity, line.waiting_count, line.refunded_count + line.refused_count
               AS gone_count, "order".cancelled,
           coalesce(held.lives, 0) AS lives, coalesce(held.unseen, 0) AS unseen,
           held.last_allocated_at,
           min(refund.at) AS cancelled_at
      FROM orders.lines AS line
      JOIN orders.orders AS "order"
        ON "order".tenant_id = :tenant_id::bigint AND "order".id = line.order_id
      LEFT JOIN held ON held.line_id = line.id
      LEFT JOIN orders.refunds AS refund
        ON refund.tenant_id = :tenant_id::bigint AND refund.order_id = line.order_id
       AND refund.state = 'settled' AND "order".cancelled
       AND (refund.wanted ->> 'unseen_only')::boolean
     WHERE line.tenant_id = :tenant_id::bigint
     GROUP BY line.id, line.quantity, line.waiting_count, line.refunded_count,
              line.refused_count, "order".cancelled, held.lives, held.unseen,
              held.last_allocated_at
), broken AS (
    SELECT 'refunded_line_has_cards' AS rule, id,
           format('%s of %s refunded or refused, %s allocated', gone_count, quantity, lives)
               AS says
      FROM line
     WHERE gone_count = quantity AND lives > 0
     UNION ALL
    SELECT 'cancelled_line_still_waits', id, format('%s waiting', waiting_count)
      FROM line
     WHERE cancelled AND waiting_count > 0
     UNION ALL
    SELECT 'cancelled_line_has_unseen_cards', id, format('%s allocated, not seen', unseen)
      FROM line
     WHERE cancelled AND unseen > 0
     UNION ALL
    SELECT 'line_was_given_cards_after_its_cancellation', id,
           format('cancelled %s, allocated %s', cancelled_at, last_allocated_at)
      FROM line
     WHERE last_allocated_at > cancelled_at + interval '1 minute'
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM line) AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
