-- Lock some purchases, in order of id, and read them as they are then.
\ir purchase_columns.sql
 WHERE tenant_id = :tenant::bigint
   AND id = ANY (:ids::uuid[])
 ORDER BY id
   FOR NO KEY UPDATE
