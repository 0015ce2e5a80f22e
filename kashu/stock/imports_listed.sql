-- What the ids in imports are called, and what is left of their cards: how many are in stock, and
-- whether any is no longer as it came, as the counters of their lots tell it. Takes no lock.
-- In SQL, since suppliers is a module above this one.
SELECT import.id AS import_id,
       warehouse.code AS warehouse, warehouse.name AS warehouse_name,
       supplier.code AS supplier, supplier.name AS supplier_name,
       coalesce(held.in_stock, 0) AS in_stock, coalesce(held.touched, false) AS touched
  FROM stock.imports AS import
  JOIN stock.warehouses AS warehouse
    ON warehouse.tenant_id = :tenant::bigint
   AND warehouse.id = import.warehouse_id
  JOIN suppliers.suppliers AS supplier
    ON supplier.tenant_id = :tenant::bigint
   AND supplier.id = import.supplier_id
  LEFT JOIN LATERAL (
         SELECT sum(lot.available)::bigint AS in_stock,
                bool_or(lot.origin_lot_id IS NOT NULL
                        OR lot.reserved + lot.allocated + lot.revealed + lot.redeemed
                           + lot.quarantined + lot.returned > 0
                        OR (lot.void > 0 AND NOT lot.sold_elsewhere)) AS touched
           FROM stock.lots AS lot
          WHERE lot.tenant_id = :tenant::bigint
            AND lot.import_id = import.id
       ) AS held
    ON true
 WHERE import.tenant_id = :tenant::bigint
   AND import.id = ANY(:imports::uuid[])
