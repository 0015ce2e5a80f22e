-- By what quantities and prices some SKUs were sold lately. Takes no lock.
-- LATERAL: each SKU's latest lines by its index; ids rise with time.
SELECT wanted.sku_id, count(*) AS sold, max(line.quantity) AS most,
       percentile_disc(0.05) WITHIN GROUP (ORDER BY line.unit_e4) AS low_e4,
       percentile_disc(0.95) WITHIN GROUP (ORDER BY line.unit_e4) AS high_e4
  FROM unnest(:skus::uuid[]) AS wanted(sku_id)
 CROSS JOIN LATERAL (
       SELECT line.quantity, line.price_e4 / line.quantity AS unit_e4, line.order_id
         FROM orders.lines AS line
        WHERE line.tenant_id = :tenant::bigint
          AND line.sku_id = wanted.sku_id
          AND line.price_e4 > 0
        ORDER BY line.order_id DESC
        LIMIT :most::integer
 ) AS line
  JOIN orders.orders AS "order"
    ON "order".tenant_id = :tenant::bigint
   AND "order".id = line.order_id
   AND "order".accepted_at >= :since::timestamptz
 GROUP BY wanted.sku_id
