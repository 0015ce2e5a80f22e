-- What the codes of a filter stand for: the stores, suppliers, customers or SKUs. Takes no lock.
WITH wanted AS (
    SELECT dimension, code
      FROM unnest(:dimensions::text[], :codes::text[]) AS w(dimension, code)
), sku AS MATERIALIZED (
    SELECT sku.id, sku.code AS sku, sku.period, product.code AS product, brand.code AS brand
      FROM catalog.skus AS sku
      JOIN catalog.products AS product
        ON product.tenant_id = :tenant_id::bigint AND product.id = sku.product_id
      JOIN catalog.brands AS brand
        ON brand.tenant_id = :tenant_id::bigint AND brand.id = product.brand_id
     WHERE sku.tenant_id = :tenant_id::bigint
), known AS (
    SELECT 'sku' AS dimension, sku AS code, id FROM sku
     UNION ALL
    SELECT 'period', period, id FROM sku
     UNION ALL
    SELECT 'product', product, id FROM sku
     UNION ALL
    SELECT 'brand', brand, id FROM sku
     UNION ALL
    SELECT 'store', code, id FROM channels.stores WHERE tenant_id = :tenant_id::bigint
     UNION ALL
    SELECT 'supplier', code, id FROM suppliers.suppliers WHERE tenant_id = :tenant_id::bigint
     UNION ALL
    SELECT 'customer', code, id FROM customers.customers WHERE tenant_id = :tenant_id::bigint
)
SELECT wanted.dimension, wanted.code, known.id
  FROM wanted
  LEFT JOIN known ON known.dimension = wanted.dimension AND known.code = wanted.code
 ORDER BY wanted.dimension, wanted.code, known.id
