-- What is so just now: orders of the last minute, lines that wait for stock, what waits longest.
SELECT (SELECT count(*)
          FROM orders.orders
         WHERE tenant_id = :tenant_id::bigint
           AND state <> 'foretold'
           AND accepted_at > :at::timestamptz - interval '1 minute') AS last_minute,
       count(*) AS short_lines, coalesce(sum(line.waiting_count), 0)::bigint AS short_units
  FROM orders.lines AS line
 WHERE line.tenant_id = :tenant_id::bigint
   AND line.state = 'short'
