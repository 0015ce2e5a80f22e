-- Which of some ids are no warehouse, and which are no supplier, of this merchant.
SELECT wanted.id, 'warehouse' AS kind
  FROM unnest(:warehouses::uuid[]) AS wanted(id)
 WHERE NOT EXISTS (
           SELECT FROM stock.warehouses AS warehouse
            WHERE warehouse.tenant_id = :tenant::bigint AND warehouse.id = wanted.id
       )
 UNION ALL
SELECT wanted.id, 'supplier'
  FROM unnest(:suppliers::uuid[]) AS wanted(id)
 WHERE NOT EXISTS (
           SELECT FROM suppliers.suppliers AS supplier
            WHERE supplier.tenant_id = :tenant::bigint AND supplier.id = wanted.id
       )
