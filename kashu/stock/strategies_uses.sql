-- The uses of strategies that may serve some SKUs, stores and customers. Takes no lock.
SELECT use.sku_id, use.store_id, use.customer_id, use.strategy_id, strategy.name, strategy.steps
  FROM stock.strategy_uses AS use
  JOIN stock.strategies AS strategy
    ON strategy.tenant_id = :tenant::bigint AND strategy.id = use.strategy_id
 WHERE use.tenant_id = :tenant::bigint
   AND (use.sku_id IS NULL OR use.sku_id = ANY (:skus::uuid[]))
   AND (use.store_id IS NULL OR use.store_id = ANY (:stores::uuid[]))
   AND (use.customer_id IS NULL OR use.customer_id = ANY (:customers::uuid[]))
