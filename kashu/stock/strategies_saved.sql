-- All strategies of a merchant by code, each with whom it serves.
SELECT strategy.id, strategy.code, strategy.name, strategy.steps::text AS steps,
       coalesce(
           jsonb_agg(jsonb_build_object('sku_id', use.sku_id, 'store_id', use.store_id,
                                        'customer_id', use.customer_id)
                     ORDER BY use.customer_id, use.store_id, use.sku_id)
               FILTER (WHERE use.id IS NOT NULL),
           '[]'
       )::text AS uses
  FROM stock.strategies AS strategy
  LEFT JOIN stock.strategy_uses AS use
    ON use.tenant_id = :tenant::bigint AND use.strategy_id = strategy.id
 WHERE strategy.tenant_id = :tenant::bigint
   AND (:code::text IS NULL OR strategy.code = :code::text)
 GROUP BY strategy.id, strategy.code, strategy.name, strategy.steps
 ORDER BY strategy.code
