-- Some purchases.
\ir purchase_columns.sql
 WHERE tenant_id = :tenant::bigint
   AND id = ANY (:ids::uuid[])
