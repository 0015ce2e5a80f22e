-- The levels that are set, each with what may be given of it today. Takes no lock.
SELECT level.sku_id, level.warehouse_id, level.low, level.enough, level.quiet_hours,
       coalesce((SELECT sum(lot.available)
                   FROM stock.lots AS lot
                  WHERE lot.tenant_id = :tenant::bigint
                    AND lot.sku_id = level.sku_id
                    AND (level.warehouse_id IS NULL OR lot.warehouse_id = level.warehouse_id)
                    AND lot.stocked
                    AND lot.state = 'open'
                    AND (lot.expires_on IS NULL OR lot.expires_on >= :today::date)), 0)::bigint
           AS available,
       CASE sku.fulfilment WHEN 'shared' THEN 'use' ELSE 'card' END AS unit
  FROM (
           SELECT sku_id, NULL::uuid AS warehouse_id, low, enough, quiet_hours
             FROM stock.levels
            WHERE tenant_id = :tenant::bigint
              AND low IS NOT NULL
            UNION ALL
           SELECT sku_id, warehouse_id, low, enough, quiet_hours
             FROM stock.warehouse_levels
            WHERE tenant_id = :tenant::bigint
       ) AS level
  JOIN catalog.skus AS sku
    ON sku.tenant_id = :tenant::bigint AND sku.id = level.sku_id
 WHERE :sku::uuid IS NULL OR level.sku_id = :sku::uuid
 ORDER BY level.sku_id, level.warehouse_id NULLS FIRST
