-- What is held of each SKU: what of it can be given today, how long that lasts, what expires when,
-- what is frozen and why, which alerts stand. A SKU that ever had a lot, has a level, or was sold
-- of late. Held: available or reserved; frozen and expired as shelves.sql counts them. Takes no lock.
WITH lot AS (
    SELECT sku_id, currency, unit_cost_e4, expires_on, state = 'frozen' AS is_frozen, frozen_reason,
           available, reserved, allocated, revealed, redeemed, quarantined, void, returned,
           available + reserved AS held,
           coalesce(expires_on < :today::date, false) AS has_expired,
           expires_on - :today::date AS days_left,
           (received_at AT TIME ZONE :timezone::text)::date AS received_on
      FROM stock.lots
     WHERE tenant_id = :tenant::bigint
       AND (:sku::uuid IS NULL OR sku_id = :sku::uuid)
       AND (:warehouse::uuid IS NULL OR warehouse_id = :warehouse::uuid)
       AND (:supplier::uuid IS NULL OR supplier_id = :supplier::uuid)
), stock AS (
    SELECT sku_id, count(*) AS lots,
           coalesce(sum(available) FILTER (WHERE NOT is_frozen AND NOT has_expired), 0)::bigint
               AS available,
           sum(reserved)::bigint AS reserved,
           coalesce(sum(available) FILTER (WHERE is_frozen), 0)::bigint AS frozen,
           coalesce(sum(available) FILTER (WHERE NOT is_frozen AND has_expired), 0)::bigint
               AS expired,
           sum(allocated)::bigint AS allocated, sum(revealed)::bigint AS revealed,
           sum(redeemed)::bigint AS redeemed, sum(quarantined)::bigint AS quarantined,
           sum(void)::bigint AS void, sum(returned)::bigint AS returned,
           min(expires_on) FILTER (WHERE held > 0 AND NOT has_expired) AS next_expiry_on,
           min(received_on) AS since_on,
           :today::date - min(received_on) FILTER (WHERE held > 0) AS oldest_days,
           jsonb_build_object(
               'expired', coalesce(sum(held) FILTER (WHERE has_expired), 0),
               'within_7', coalesce(sum(held) FILTER (WHERE days_left BETWEEN 0 AND 7), 0),
               'within_30', coalesce(sum(held) FILTER (WHERE days_left BETWEEN 8 AND 30), 0),
               'within_60', coalesce(sum(held) FILTER (WHERE days_left BETWEEN 31 AND 60), 0),
               'later', coalesce(sum(held) FILTER (WHERE days_left > 60), 0),
               'none', coalesce(sum(held) FILTER (WHERE days_left IS NULL), 0)
           ) AS by_expiry
      FROM lot
     GROUP BY sku_id
), cost AS (
    SELECT sku_id, jsonb_object_agg(currency, cost_e4) AS costs_e4
      FROM (SELECT sku_id, currency, sum(held * unit_cost_e4)::bigint AS cost_e4
              FROM lot
             GROUP BY sku_id, currency) AS each
     WHERE cost_e4 > 0
     GROUP BY sku_id
), why AS (
    SELECT sku_id, jsonb_agg(jsonb_build_object('reason', frozen_reason, 'units', units,
                                                'lots', lots) ORDER BY units DESC) AS frozen_why
      FROM (SELECT sku_id, frozen_reason, sum(available)::bigint AS units, count(*) AS lots
              FROM lot
             WHERE is_frozen
               AND available > 0
             GROUP BY sku_id, frozen_reason) AS each
     GROUP BY sku_id
), sale AS (
    SELECT sku_id,
           greatest(sum(quantity) FILTER (WHERE posted_on > :today::date - 7), 0)::bigint AS week,
           greatest(sum(quantity), 0)::bigint AS month
      FROM ledger.daily
     WHERE tenant_id = :tenant::bigint
       AND posted_on > :today::date - 30
       AND posted_on <= :today::date
       AND kind = 'cost_of_goods'
       AND (:sku::uuid IS NULL OR sku_id = :sku::uuid)
     GROUP BY sku_id
), alert AS (
    SELECT sku_id, array_agg(DISTINCT kind) AS kinds
      FROM stock.alerts
     WHERE tenant_id = :tenant::bigint
       AND state = 'raised'
       AND (:warehouse::uuid IS NULL OR warehouse_id IS NULL OR warehouse_id = :warehouse::uuid)
     GROUP BY sku_id
)
SELECT sku.id AS sku_id, sku.code, sku.name_zh, sku.name_en,
       CASE sku.fulfilment WHEN 'shared' THEN 'use' ELSE 'card' END AS unit,
       coalesce(stock.lots, 0) AS lots, coalesce(stock.available, 0) AS available,
       coalesce(stock.reserved, 0) AS reserved, coalesce(stock.frozen, 0) AS frozen,
       coalesce(stock.expired, 0) AS expired, coalesce(stock.allocated, 0) AS allocated,
       coalesce(stock.revealed, 0) AS revealed, coalesce(stock.redeemed, 0) AS redeemed,
       coalesce(stock.quarantined, 0) AS quarantined, coalesce(stock.void, 0) AS void,
       coalesce(stock.returned, 0) AS returned, stock.next_expiry_on,
       least(7, greatest(1, :today::date - stock.since_on + 1)) AS week_days,
       coalesce(sale.week, 0) AS sold_7,
       least(30, greatest(1, :today::date - stock.since_on + 1)) AS month_days,
       coalesce(sale.month, 0) AS sold_30, stock.oldest_days,
       coalesce(stock.by_expiry, '{}') AS by_expiry,
       coalesce(cost.costs_e4, '{}') AS costs_e4, coalesce(why.frozen_why, '[]') AS frozen_why,
       coalesce(alert.kinds, '{}') AS alerts, level.low, level.enough
  FROM catalog.skus AS sku
  LEFT JOIN stock ON stock.sku_id = sku.id
  LEFT JOIN stock.levels AS level
    ON level.tenant_id = :tenant::bigint AND level.sku_id = sku.id
  LEFT JOIN cost ON cost.sku_id = sku.id
  LEFT JOIN why ON why.sku_id = sku.id
  LEFT JOIN sale ON sale.sku_id = sku.id
  LEFT JOIN alert ON alert.sku_id = sku.id
 WHERE sku.tenant_id = :tenant::bigint
   AND (:sku::uuid IS NULL OR sku.id = :sku::uuid)
   AND (stock.sku_id IS NOT NULL
        OR :warehouse::uuid IS NULL AND :supplier::uuid IS NULL
           AND (level.low IS NOT NULL OR sale.month > 0))
 ORDER BY sku.code
