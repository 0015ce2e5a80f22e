-- The lots of a SKU that hold anything, as the planner sees them and with what is reserved.
-- Takes no lock.
SELECT lot.id AS lot_id, lot.sku_id, lot.warehouse_id, lot.supplier_id, lot.unit_cost_e4,
       lot.expires_on, lot.received_at, lot.available, lot.head, lot.shared,
       warehouse.priority AS warehouse_priority, lot.reserved, lot.currency, lot.state,
       :today::date - (lot.received_at AT TIME ZONE :timezone::text)::date AS age_days
  FROM stock.lots AS lot
  JOIN stock.warehouses AS warehouse
    ON warehouse.tenant_id = :tenant::bigint AND warehouse.id = lot.warehouse_id
 WHERE lot.tenant_id = :tenant::bigint
   AND lot.sku_id = :sku::uuid
   AND lot.available + lot.reserved > 0
