-- What is kept under some reservations, lot by lot, as the planner wants it; `available` counts it.
-- Under hold() of the lots' SKUs: nobody else takes what is kept, or freezes its lot.
SELECT kept.reservation_id, lot.id AS lot_id, lot.sku_id, lot.warehouse_id, lot.supplier_id,
       lot.unit_cost_e4, lot.expires_on, lot.received_at, kept.count AS available, lot.head,
       lot.shared, warehouse.priority AS warehouse_priority
  FROM (
           SELECT card.reservation_id, card.lot_id, count(*) AS count
             FROM stock.cards AS card
            WHERE card.tenant_id = :tenant::bigint
              AND card.reservation_id = ANY (:reservations::uuid[])
            GROUP BY card.reservation_id, card.lot_id
       ) AS kept
  JOIN stock.lots AS lot
    ON lot.tenant_id = :tenant::bigint AND lot.id = kept.lot_id
  JOIN stock.warehouses AS warehouse
    ON warehouse.tenant_id = :tenant::bigint AND warehouse.id = lot.warehouse_id
 WHERE lot.sku_id = ANY (:skus::uuid[])
   AND lot.state = 'open'
