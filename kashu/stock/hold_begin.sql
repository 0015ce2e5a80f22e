-- A SKU that never had stock has no level yet: begin one, in the same order.
INSERT INTO stock.levels (tenant_id, sku_id)
SELECT :tenant::bigint, sku_id
  FROM unnest(:skus::uuid[]) AS wanted(sku_id)
 ORDER BY sku_id
    ON CONFLICT DO NOTHING
RETURNING sku_id
