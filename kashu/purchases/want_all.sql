-- Write purchases; one that has an open one for its line, or whose SKU is reordered already, isn't
-- written, and isn't told. Waits for whoever is writing such a one.
INSERT INTO purchases.purchases (
    tenant_id, id, sku_id, goods, quantity, warehouse_id, cause, subject_id, store_id, customer_id,
    supplier_id, unit_cost_max_e4, amount_e4, facts, state, said, actor, asked_by, created_at,
    next_at, due_at, sealed_inputs, key_version, masked_account
)
SELECT :tenant::bigint, id, sku_id, goods, quantity, warehouse_id, cause, subject_id, store_id,
       customer_id, supplier_id, unit_cost_max_e4, amount_e4, facts, state, said, :actor::text,
       :actor::text, :at::timestamptz, :at::timestamptz, due_at, sealed_inputs, key_version,
       masked_account
  FROM unnest(:ids::uuid[], :skus::uuid[], :goods::text[], :quantities::integer[],
              :warehouses::uuid[], :causes::text[], :subjects::uuid[], :stores::uuid[],
              :customers::uuid[], :suppliers::uuid[], :unit_costs::bigint[], :amounts::bigint[],
              :facts::jsonb[], :states::text[], :said::text[], :due::timestamptz[],
              :inputs::bytea[], :key_versions::integer[], :accounts::text[])
       AS wanted(id, sku_id, goods, quantity, warehouse_id, cause, subject_id, store_id,
                 customer_id, supplier_id, unit_cost_max_e4, amount_e4, facts, state, said, due_at,
                 sealed_inputs, key_version, masked_account)
    ON CONFLICT DO NOTHING
RETURNING id
