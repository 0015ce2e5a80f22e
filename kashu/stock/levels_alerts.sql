-- Low and out: raise what has come to be, clear what has gone. Stock that may be given counts.
-- Low has hysteresis: raised at or below `low`, cleared at or above `enough`; between, it stays.
WITH counted AS (
    SELECT level.sku_id, level.low, level.enough, coalesce(sum(lot.available), 0) AS available
      FROM stock.levels AS level
      LEFT JOIN stock.lots AS lot
        ON lot.tenant_id = :tenant::bigint
       AND lot.sku_id = level.sku_id
       AND lot.stocked
       AND lot.state = 'open'
       AND (lot.expires_on IS NULL OR lot.expires_on >= :today::date)
     WHERE level.tenant_id = :tenant::bigint
       AND level.low IS NOT NULL
     GROUP BY level.sku_id, level.low, level.enough
), judged AS (
    SELECT 'low' AS kind, sku_id, available, low, enough, available <= low AS raised,
           available >= enough AS cleared
      FROM counted
     UNION ALL
    SELECT 'out', sku_id, available, low, enough, available = 0, available > 0
      FROM counted
), numbered AS (
    SELECT *, row_number() OVER (ORDER BY sku_id, kind) AS number FROM judged WHERE raised
), raised AS (
    INSERT INTO stock.alerts (tenant_id, id, kind, sku_id, facts)
    SELECT :tenant::bigint, coalesce((:ids::uuid[])[number], gen_random_uuid()), kind, sku_id,
           jsonb_build_object('available', available, 'low', low, 'enough', enough,
                              'unit', 'card')
      FROM numbered
        ON CONFLICT DO NOTHING
    RETURNING id, kind, sku_id, lot_id, days, state, facts
), cleared AS (  -- also those whose thresholds were taken away
    UPDATE stock.alerts
       SET state = 'cleared', cleared_at = now()
     WHERE tenant_id = :tenant::bigint
       AND state = 'raised'
       AND kind IN ('low', 'out')
       AND NOT EXISTS (SELECT FROM judged
                        WHERE judged.kind = alerts.kind
                          AND judged.sku_id = alerts.sku_id
                          AND NOT judged.cleared)
    RETURNING id, kind, sku_id, lot_id, days, state, facts
)
SELECT * FROM raised
 UNION ALL
SELECT * FROM cleared
