-- A market: suppliers that are connected, SKUs, and an offer of each supplier for each SKU.
INSERT INTO suppliers.suppliers (tenant_id, id, code, name, fee_ppm, rebate_ppm)
SELECT %(tenant)s, gen_random_uuid(), 'zs' || n, 'S' || n, n * 100, n * 50
  FROM generate_series(1, %(suppliers)s) AS n;
INSERT INTO suppliers.connections (
    tenant_id, supplier_id, protocol, account, sealed_secret, notice_token, prices_ok_at
)
SELECT tenant_id, id, 'bench', 'us', '', code, now()
  FROM suppliers.suppliers
 WHERE tenant_id = %(tenant)s;
INSERT INTO suppliers.quality (
    tenant_id, supplier_id, attempts, success_ppm, p95_ms, invalid_ppm, price_changes, unclear
)
SELECT tenant_id, id, 200, 950000 + 200 * (substr(code, 3)::int %% 200), 900, 500, 3, 1
  FROM suppliers.suppliers
 WHERE tenant_id = %(tenant)s AND code LIKE 'zs%%';
INSERT INTO catalog.skus (
    tenant_id, id, product_id, code, name_zh, name_en, period, days, terminal, account_type,
    fulfilment, face_value_e4, returnable
)
SELECT %(tenant)s, gen_random_uuid(), product.id, 'zz-' || lpad(n::text, 5, '0'), '规格', 'SKU',
       'month', 31, 'all', 'phone', 'card', 300000, true
  FROM generate_series(1, %(skus)s) AS n,
       (SELECT id FROM catalog.products WHERE tenant_id = %(tenant)s LIMIT 1) AS product;
INSERT INTO suppliers.offers (
    tenant_id, id, supplier_id, ref, title, goods, sku_id, units, unit_cost_e4, stock, seen_at
)
SELECT %(tenant)s, gen_random_uuid(), supplier.id, sku.code, '月卡', 'card', sku.id,
       1, 140000 + (hashtext(supplier.code || sku.code) & 16383), 500, now()
  FROM suppliers.suppliers AS supplier,
       catalog.skus AS sku
 WHERE supplier.tenant_id = %(tenant)s AND supplier.code LIKE 'zs%%'
   AND sku.tenant_id = %(tenant)s AND sku.code LIKE 'zz-%%';
