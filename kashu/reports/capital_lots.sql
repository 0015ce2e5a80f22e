-- Every lot that holds anything, with how old it is, and since when its SKU is known. No lock.
WITH sku AS (
    SELECT sku_id, min((received_at AT TIME ZONE :timezone::text)::date) AS first_on
      FROM stock.lots
     WHERE tenant_id = :tenant_id::bigint
     GROUP BY sku_id
)
SELECT lot.id AS lot_id, lot.sku_id, lot.warehouse_id, lot.supplier_id, lot.unit_cost_e4,
       lot.expires_on, lot.received_at, lot.available, lot.head, lot.shared,
       warehouse.priority AS warehouse_priority, lot.reserved, lot.state,
       :today::date - (lot.received_at AT TIME ZONE :timezone::text)::date AS age_days,
       :today::date - sku.first_on + 1 AS known_days
  FROM stock.lots AS lot
  JOIN stock.warehouses AS warehouse
    ON warehouse.tenant_id = :tenant_id::bigint AND warehouse.id = lot.warehouse_id
  JOIN sku ON sku.sku_id = lot.sku_id
 WHERE lot.tenant_id = :tenant_id::bigint
   AND lot.currency = :currency::text
   AND lot.available + lot.reserved > 0
 ORDER BY lot.sku_id, lot.id
