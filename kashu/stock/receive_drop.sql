-- Take new lots away into which nothing came. Nobody else sees these lots yet.
DELETE FROM stock.lots
 WHERE tenant_id = :tenant::bigint
   AND id = ANY (:ids::uuid[])
