-- Lock the levels of some SKUs, in order, so that two who want the same never wait for each other.
SELECT sku_id
  FROM stock.levels
 WHERE tenant_id = :tenant::bigint
   AND sku_id = ANY (:skus::uuid[])
 ORDER BY sku_id
   FOR UPDATE
