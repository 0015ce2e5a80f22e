-- Lock some purchases that are due, the oldest first; not those that somebody has.
SELECT id, sku_id, goods, quantity, received_count, warehouse_id, cause, subject_id, store_id,
       customer_id, supplier_id, unit_cost_max_e4, facts, state, said, actor, approved_by,
       approved_at, created_at, due_at, next_at, ended_at, used_at, sealed_inputs, key_version,
       masked_account
  FROM purchases.purchases
 WHERE tenant_id = :tenant::bigint
   AND state IN ('wanted', 'held')
   AND next_at <= :at::timestamptz
 ORDER BY next_at, id
 LIMIT :most::integer
   FOR NO KEY UPDATE SKIP LOCKED
