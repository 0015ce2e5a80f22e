-- Orders accepted in each of the last 60 seconds, by how many seconds ago. No lock.
SELECT greatest(floor(extract(epoch FROM :at::timestamptz - accepted_at)), 0)::integer AS ago,
       count(*) AS orders
  FROM orders.orders
 WHERE tenant_id = :tenant_id::bigint
   AND state <> 'foretold'
   AND accepted_at > :at::timestamptz - interval '1 minute'
 GROUP BY 1
