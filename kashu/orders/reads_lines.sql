-- The lines of some orders, by order and number, with what their SKU is called.
SELECT line.order_id, line.id AS line_id, line.number, line.sku_id, sku.code AS sku_code,
       sku.name_zh AS sku_name_zh, sku.name_en AS sku_name_en, line.state, line.quantity,
       line.delivered_count AS delivered, line.waiting_count AS waiting,
       line.refused_count AS refused, line.refunded_count AS refunded, line.price_e4,
       line.earned_e4, line.refunded_e4, sku.fulfilment
  FROM orders.lines AS line
  JOIN catalog.skus AS sku ON sku.tenant_id = :tenant::bigint AND sku.id = line.sku_id
 WHERE line.tenant_id = :tenant::bigint
   AND line.order_id = ANY (:orders::uuid[])
 ORDER BY line.order_id, line.number
