-- What is held of each SKU from each supplier in each warehouse, by state, expiry and age.
-- Held: available or reserved. Takes no lock.
WITH lot AS (
    SELECT *, available + reserved AS held, expires_on - :today::date AS days_left,
           :today::date - (received_at AT TIME ZONE :timezone::text)::date AS age_days
      FROM stock.lots
     WHERE tenant_id = :tenant::bigint
       AND (:sku::uuid IS NULL OR sku_id = :sku::uuid)
)
SELECT sku_id, warehouse_id, supplier_id, currency, count(*) AS lots,
       sum(available)::bigint AS available, sum(reserved)::bigint AS reserved,
       sum(allocated)::bigint AS allocated, sum(revealed)::bigint AS revealed,
       sum(redeemed)::bigint AS redeemed, sum(quarantined)::bigint AS quarantined,
       sum(void)::bigint AS void, sum(returned)::bigint AS returned,
       coalesce(sum(available) FILTER (WHERE state = 'frozen'), 0)::bigint AS frozen,
       sum(held * unit_cost_e4)::bigint AS cost_e4,
       jsonb_build_object(
           'expired', coalesce(sum(held) FILTER (WHERE days_left < 0), 0),
           'within_1', coalesce(sum(held) FILTER (WHERE days_left BETWEEN 0 AND 1), 0),
           'within_7', coalesce(sum(held) FILTER (WHERE days_left BETWEEN 2 AND 7), 0),
           'within_14', coalesce(sum(held) FILTER (WHERE days_left BETWEEN 8 AND 14), 0),
           'within_30', coalesce(sum(held) FILTER (WHERE days_left BETWEEN 15 AND 30), 0),
           'within_60', coalesce(sum(held) FILTER (WHERE days_left BETWEEN 31 AND 60), 0),
           'later', coalesce(sum(held) FILTER (WHERE days_left > 60), 0),
           'none', coalesce(sum(held) FILTER (WHERE days_left IS NULL), 0)
       ) AS by_expiry,
       jsonb_build_object(
           'up_to_30', coalesce(sum(held) FILTER (WHERE age_days <= 30), 0),
           'up_to_60', coalesce(sum(held) FILTER (WHERE age_days BETWEEN 31 AND 60), 0),
           'up_to_90', coalesce(sum(held) FILTER (WHERE age_days BETWEEN 61 AND 90), 0),
           'older', coalesce(sum(held) FILTER (WHERE age_days > 90), 0)
       ) AS by_age
  FROM lot
 GROUP BY sku_id, warehouse_id, supplier_id, currency
 ORDER BY sku_id, warehouse_id, supplier_id, currency
