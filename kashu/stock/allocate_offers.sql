-- The open lots of some SKUs that have cards, as the planner wants them.
-- Under hold() of the SKUs: nobody takes cards or freezes lots between this and the taking.
SELECT lot.id AS lot_id, lot.sku_id, lot.warehouse_id, lot.supplier_id, lot.unit_cost_e4,
       lot.expires_on, lot.received_at, lot.available, lot.head, lot.shared,
       warehouse.priority AS warehouse_priority
  FROM stock.lots AS lot
  JOIN stock.warehouses AS warehouse
    ON warehouse.tenant_id = :tenant::bigint AND warehouse.id = lot.warehouse_id
 WHERE lot.tenant_id = :tenant::bigint
   AND lot.sku_id = ANY (:skus::uuid[])
   AND lot.stocked
   AND lot.state = 'open'
