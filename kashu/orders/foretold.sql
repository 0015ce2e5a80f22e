-- The refunds that came before their orders, in the order they came. Under the orders' locks.
SELECT id AS refund_id, order_id, wanted
  FROM orders.refunds
 WHERE tenant_id = :tenant::bigint
   AND order_id = ANY (:orders::uuid[])
   AND state = 'foretold'
 ORDER BY order_id, id
