-- What is held of each SKU in each warehouse, what of it can be given today, and what expires
-- soonest. Held: available or reserved. Takes no lock.
WITH lot AS (
    SELECT sku_id, warehouse_id, currency, expires_on, available, reserved, unit_cost_e4,
           state = 'frozen' AS is_frozen,
           coalesce(expires_on < :today::date, false) AS has_expired
      FROM stock.lots
     WHERE tenant_id = :tenant::bigint
       AND (:sku::uuid IS NULL OR sku_id = :sku::uuid)
       AND (:warehouse::uuid IS NULL OR warehouse_id = :warehouse::uuid)
), shelf AS (
    SELECT sku_id, warehouse_id, currency,
           sum(available + reserved)::bigint AS held,
           coalesce(sum(available) FILTER (WHERE NOT is_frozen AND NOT has_expired), 0)::bigint
               AS available,
           sum(reserved)::bigint AS reserved,
           coalesce(sum(available) FILTER (WHERE is_frozen), 0)::bigint AS frozen,
           coalesce(sum(available) FILTER (WHERE NOT is_frozen AND has_expired), 0)::bigint
               AS expired,
           min(expires_on) FILTER (WHERE NOT has_expired AND available + reserved > 0)
               AS expires_on,
           sum((available + reserved) * unit_cost_e4)::bigint AS cost_e4
      FROM lot
     GROUP BY sku_id, warehouse_id, currency
)
SELECT sku.code AS sku, sku.name_zh, sku.name_en, warehouse.code AS warehouse, shelf.held,
       shelf.available, shelf.reserved, shelf.frozen, shelf.expired, shelf.expires_on,
       soonest.held AS expiring, shelf.currency, shelf.cost_e4
  FROM shelf
  JOIN catalog.skus AS sku ON sku.tenant_id = :tenant::bigint AND sku.id = shelf.sku_id
  JOIN stock.warehouses AS warehouse
    ON warehouse.tenant_id = :tenant::bigint AND warehouse.id = shelf.warehouse_id
 CROSS JOIN LATERAL (
    SELECT coalesce(sum(lot.available + lot.reserved), 0)::bigint AS held
      FROM lot
     WHERE (lot.sku_id, lot.warehouse_id, lot.currency, lot.expires_on)
         = (shelf.sku_id, shelf.warehouse_id, shelf.currency, shelf.expires_on)
 ) AS soonest
 ORDER BY sku.code, warehouse.priority, warehouse.code, shelf.currency
