-- Some lines as they stand. Read under hold() of their SKUs to settle them.
SELECT line.id AS line_id, line.order_id, line.number, line.sku_id, "order".store_id,
       "order".customer_id, line.reservation_id, line.partial_allowed,
       line.delivered_count AS delivered, line.waiting_count AS waiting,
       line.refused_count AS refused, line.refunded_count AS refunded,
       line.unearned_e4, line.earned_e4, line.refunded_e4
  FROM orders.lines AS line
  JOIN orders.orders AS "order"
    ON "order".tenant_id = :tenant::bigint AND "order".id = line.order_id
 WHERE line.tenant_id = :tenant::bigint
   AND line.id = ANY (:ids::uuid[])
 ORDER BY line.id
