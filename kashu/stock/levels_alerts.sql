-- Low and out, of a SKU and of what a warehouse has of it: raise what has come to be, clear what
-- has gone. Stock that may be given counts. Low has hysteresis: raised at or below `low`, cleared
-- at or above `enough`; between, it stays. What comes again within its quiet hours stands untold.
WITH level AS (
    SELECT sku_id, NULL::uuid AS warehouse_id, low, enough, quiet_hours
      FROM stock.levels
     WHERE tenant_id = :tenant::bigint
       AND low IS NOT NULL
     UNION ALL
    SELECT sku_id, warehouse_id, low, enough, quiet_hours
      FROM stock.warehouse_levels
     WHERE tenant_id = :tenant::bigint
), shelf AS (
    SELECT lot.sku_id, lot.warehouse_id, sum(lot.available) AS available
      FROM stock.lots AS lot
     WHERE lot.tenant_id = :tenant::bigint
       AND lot.sku_id IN (SELECT sku_id FROM level)
       AND lot.stocked
       AND lot.state = 'open'
       AND (lot.expires_on IS NULL OR lot.expires_on >= :today::date)
     GROUP BY lot.sku_id, lot.warehouse_id
), counted AS (
    SELECT level.*, coalesce(sum(shelf.available), 0) AS available,
           CASE sku.fulfilment WHEN 'shared' THEN 'use' ELSE 'card' END AS unit
      FROM level
      JOIN catalog.skus AS sku
        ON sku.tenant_id = :tenant::bigint AND sku.id = level.sku_id
      LEFT JOIN shelf
        ON shelf.sku_id = level.sku_id
       AND (level.warehouse_id IS NULL OR shelf.warehouse_id = level.warehouse_id)
     GROUP BY level.sku_id, level.warehouse_id, level.low, level.enough, level.quiet_hours,
              sku.fulfilment
), judged AS MATERIALIZED (
    SELECT counted.*, kind.*, EXISTS (
               SELECT
                 FROM stock.alerts AS told
                WHERE told.tenant_id = :tenant::bigint
                  AND told.sku_id = counted.sku_id
                  AND told.told_at > :at::timestamptz - counted.quiet_hours * interval '1 hour'
                  AND told.warehouse_id IS NOT DISTINCT FROM counted.warehouse_id
                  AND told.kind = kind.kind
           ) AS is_quiet
      FROM counted
     CROSS JOIN LATERAL (
           VALUES ('low', available <= low, available >= enough),
                  ('out', available = 0, available > 0)
         ) AS kind(kind, is_so, is_over)
), raised AS (
    INSERT INTO stock.alerts (tenant_id, id, kind, sku_id, warehouse_id, facts, raised_at, told_at)
    SELECT :tenant::bigint,
           coalesce((:ids::uuid[])[row_number() OVER (ORDER BY sku_id, warehouse_id, kind)],
                    gen_random_uuid()),
           kind, sku_id, warehouse_id,
           jsonb_build_object('available', available, 'low', low, 'enough', enough, 'unit', unit),
           :at::timestamptz, CASE WHEN NOT is_quiet THEN :at::timestamptz END
      FROM judged
     WHERE is_so
        ON CONFLICT DO NOTHING
    RETURNING id, kind, sku_id, warehouse_id, lot_id, days, state, facts, told_at IS NOT NULL AS told
), told AS (  -- still so when its quiet hours are over
    UPDATE stock.alerts
       SET told_at = :at::timestamptz
      FROM judged
     WHERE alerts.tenant_id = :tenant::bigint
       AND alerts.state = 'raised'
       AND alerts.told_at IS NULL
       AND alerts.kind = judged.kind
       AND alerts.sku_id = judged.sku_id
       AND alerts.warehouse_id IS NOT DISTINCT FROM judged.warehouse_id
       AND NOT judged.is_over
       AND NOT judged.is_quiet
    RETURNING alerts.id, alerts.kind, alerts.sku_id, alerts.warehouse_id, alerts.lot_id,
              alerts.days, alerts.state, alerts.facts, true AS told
), cleared AS (  -- also those whose levels were taken away
    UPDATE stock.alerts
       SET state = 'cleared', cleared_at = :at::timestamptz
     WHERE tenant_id = :tenant::bigint
       AND state = 'raised'
       AND kind IN ('low', 'out')
       AND NOT EXISTS (SELECT FROM judged
                        WHERE judged.kind = alerts.kind
                          AND judged.sku_id = alerts.sku_id
                          AND judged.warehouse_id IS NOT DISTINCT FROM alerts.warehouse_id
                          AND NOT judged.is_over)
    RETURNING id, kind, sku_id, warehouse_id, lot_id, days, state, facts,
              told_at IS NOT NULL AS told
)
SELECT * FROM raised
 UNION ALL
SELECT * FROM told
 UNION ALL
SELECT * FROM cleared
