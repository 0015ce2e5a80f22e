-- Lock some purchases that are due, the oldest first; not those that somebody has.
\ir purchase_columns.sql
 WHERE tenant_id = :tenant::bigint
   AND state IN ('wanted', 'held')
   AND next_at <= :at::timestamptz
 ORDER BY next_at, id
 LIMIT :most::integer
   FOR NO KEY UPDATE SKIP LOCKED
