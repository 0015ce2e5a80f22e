-- When the last order came, and what waits for stock. No lock.
SELECT (
           SELECT accepted_at
             FROM orders.orders
            WHERE tenant_id = :tenant_id::bigint
              AND state <> 'foretold'
            ORDER BY accepted_at DESC
            LIMIT 1
       ) AS last_order_at,
       count(*) AS short_lines, coalesce(sum(line.waiting_count), 0)::bigint AS short_units
  FROM orders.lines AS line
 WHERE line.tenant_id = :tenant_id::bigint
   AND line.state = 'short'
