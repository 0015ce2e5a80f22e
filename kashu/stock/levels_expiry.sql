-- Lots that will soon expire with cards in them: one standing alert each, at the nearest threshold.
WITH expiring AS (
    SELECT lot.id AS lot_id, lot.sku_id, lot.available, lot.reserved, lot.expires_on, lot.shared,
           (SELECT min(days) FROM unnest(:thresholds::integer[]) AS days
             WHERE lot.expires_on - :today::date <= days) AS days
      FROM stock.lots AS lot
     WHERE lot.tenant_id = :tenant::bigint
       AND lot.available + lot.reserved > 0
       AND lot.expires_on IS NOT NULL
), near AS (
    SELECT *, row_number() OVER (ORDER BY expires_on, lot_id) AS number
      FROM expiring
     WHERE days IS NOT NULL
), raised AS (
    INSERT INTO stock.alerts (tenant_id, id, kind, sku_id, lot_id, days, facts, raised_at, told_at)
    SELECT :tenant::bigint, coalesce((:ids::uuid[])[number], gen_random_uuid()), 'expiring',
           sku_id, lot_id, days,
           jsonb_build_object('expires_on', expires_on, 'count', available + reserved,
                              'unit', CASE WHEN shared THEN 'use' ELSE 'card' END),
           :at::timestamptz, :at::timestamptz
      FROM near
        ON CONFLICT DO NOTHING
    RETURNING id, kind, sku_id, warehouse_id, lot_id, days, state, facts, true AS told
), cleared AS (
    UPDATE stock.alerts
       SET state = 'cleared', cleared_at = :at::timestamptz
     WHERE tenant_id = :tenant::bigint
       AND state = 'raised'
       AND kind = 'expiring'
       AND NOT EXISTS (SELECT FROM near
                        WHERE near.lot_id = alerts.lot_id
                          AND near.days = alerts.days)
    RETURNING id, kind, sku_id, warehouse_id, lot_id, days, state, facts, true AS told
)
SELECT * FROM raised
 UNION ALL
SELECT * FROM cleared
