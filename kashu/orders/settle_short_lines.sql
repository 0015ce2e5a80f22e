-- The short lines of a SKU that wait for stock, oldest first: ids rise with time. Not those whose
-- account is topped up. Under hold() of the SKU.
SELECT line.id AS line_id, line.order_id, line.number, line.sku_id, "order".store_id,
       "order".customer_id, line.reservation_id, line.partial_allowed,
       line.delivered_count AS delivered, line.waiting_count AS waiting,
       line.refused_count AS refused, line.refunded_count AS refunded,
       line.unearned_e4, line.earned_e4, line.refunded_e4
  FROM orders.lines AS line
  JOIN orders.orders AS "order"
    ON "order".tenant_id = :tenant::bigint AND "order".id = line.order_id
 WHERE line.tenant_id = :tenant::bigint
   AND line.sku_id = :sku::uuid
   AND line.state = 'short'
   AND line.id > :after::uuid
   AND NOT EXISTS (
           SELECT FROM orders.buying AS topup
            WHERE topup.tenant_id = :tenant::bigint AND topup.line_id = line.id
              AND topup.goods = 'topup'
       )
 ORDER BY line.id
 LIMIT :most::int
