-- The strategies that could serve any of some SKUs, stores and customers, and for whom each is.
SELECT use.sku_id, use.store_id, use.customer_id, strategy.id, strategy.name,
       strategy.steps::text AS steps
  FROM stock.strategy_uses AS use
  JOIN stock.strategies AS strategy
    ON strategy.tenant_id = :tenant::bigint AND strategy.id = use.strategy_id
 WHERE use.tenant_id = :tenant::bigint
   AND (use.sku_id IS NULL OR use.sku_id = ANY (:skus::uuid[]))
   AND (use.store_id IS NULL OR use.store_id = ANY (:stores::uuid[]))
   AND (use.customer_id IS NULL OR use.customer_id = ANY (:customers::uuid[]))
