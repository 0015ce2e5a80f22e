-- What was refunded of an order before, oldest first. Under the order's lock.
SELECT external_id AS number, amount_e4
  FROM orders.refunds
 WHERE tenant_id = :tenant::bigint
   AND order_id = :order_id::uuid
   AND state = 'settled'
   AND id <> :except_id::uuid
 ORDER BY at, id
