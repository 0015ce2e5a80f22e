-- Make lots, each with as many available as are about to come into it. Nobody else sees them yet.
INSERT INTO stock.lots (
    tenant_id, id, sku_id, warehouse_id, supplier_id, unit_cost_e4, currency, expires_on, available
)
SELECT :tenant::bigint, id, sku_id, warehouse_id, supplier_id, unit_cost_e4, currency, expires_on,
       count
  FROM unnest(:ids::uuid[], :skus::uuid[], :warehouses::uuid[], :suppliers::uuid[],
              :costs::bigint[], :currencies::text[], :expiries::date[], :counts::integer[])
       AS made(id, sku_id, warehouse_id, supplier_id, unit_cost_e4, currency, expires_on, count)
