-- Lock an order by its name: whoever accepts, refunds or cancels it meets here.
SELECT id AS order_id, state
  FROM orders.orders
 WHERE tenant_id = :tenant::bigint
   AND source = :source::text
   AND external_id = :external_id::text
   FOR UPDATE
