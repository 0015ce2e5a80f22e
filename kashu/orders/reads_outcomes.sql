-- How far the lines of some orders have come, order by order. Takes no lock.
-- LATERAL … OFFSET 0: a look-up for each name, even if planned while the tables were empty.
SELECT "order".source, "order".external_id, "order".id AS order_id, line.id AS line_id,
       line.delivered_count AS delivered, line.waiting_count AS waiting,
       line.refused_count AS refused, line.refunded_count AS refunded,
       sku.code AS sku, line.quantity, line.price_e4
  FROM unnest(:sources::text[], :external_ids::text[]) AS name(source, external_id)
 CROSS JOIN LATERAL (
       SELECT id, source, external_id
         FROM orders.orders
        WHERE tenant_id = :tenant::bigint
          AND source = name.source
          AND external_id = name.external_id
       OFFSET 0
 ) AS "order"
 CROSS JOIN LATERAL (
       SELECT id, number, sku_id, quantity, price_e4, delivered_count, waiting_count,
              refused_count, refunded_count
         FROM orders.lines
        WHERE tenant_id = :tenant::bigint
          AND order_id = "order".id
       OFFSET 0
 ) AS line
  JOIN catalog.skus AS sku ON sku.tenant_id = :tenant::bigint AND sku.id = line.sku_id
 ORDER BY "order".source, "order".external_id, line.number
