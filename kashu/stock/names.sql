-- What SKUs, warehouses, suppliers, stores and customers are called. Takes no lock.
SELECT id, code, name_zh, name_en
  FROM catalog.skus
 WHERE tenant_id = :tenant::bigint
   AND id = ANY (:ids::uuid[])
 UNION ALL
SELECT id, code, name, name
  FROM stock.warehouses
 WHERE tenant_id = :tenant::bigint
   AND id = ANY (:ids::uuid[])
 UNION ALL
SELECT id, code, name, name
  FROM suppliers.suppliers
 WHERE tenant_id = :tenant::bigint
   AND id = ANY (:ids::uuid[])
 UNION ALL
SELECT id, code, name, name
  FROM channels.stores
 WHERE tenant_id = :tenant::bigint
   AND id = ANY (:ids::uuid[])
 UNION ALL
SELECT id, code, name, name
  FROM customers.customers
 WHERE tenant_id = :tenant::bigint
   AND id = ANY (:ids::uuid[])
