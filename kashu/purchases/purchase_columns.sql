-- Purchases, with their columns as the fields of Purchase have them.
SELECT id, sku_id, goods, quantity, received_count, warehouse_id, cause, subject_id, store_id,
       customer_id, supplier_id, unit_cost_max_e4, facts, state, said, actor, approved_by,
       approved_at, created_at, due_at, next_at, ended_at, used_at, sealed_inputs, key_version,
       masked_account
  FROM purchases.purchases
