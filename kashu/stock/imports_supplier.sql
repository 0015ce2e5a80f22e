-- The supplier of a code. In SQL, since suppliers is a module above this one. Takes no lock.
SELECT id AS supplier_id
  FROM suppliers.suppliers
 WHERE tenant_id = :tenant::bigint
   AND code = :code::text
