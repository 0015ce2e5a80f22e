-- Revenue, costs and losses by any crossing of dimensions, from the day's totals alone.
-- Takes no lock. What isn't asked for is NULL throughout, so it doesn't divide the groups.
WITH fact AS MATERIALIZED (  -- by id first: names are joined to what is left
    SELECT CASE WHEN :by_day::boolean THEN posted_on END AS day,
           CASE WHEN :by_week::boolean
                THEN posted_on - (extract(isodow FROM posted_on)::integer - 1) END AS week,
           CASE WHEN :by_month::boolean
                THEN posted_on - (extract(day FROM posted_on)::integer - 1) END AS month,
           currency,
           CASE WHEN :by_any_sku::boolean THEN sku_id END AS sku_id,
           CASE WHEN :by_store::boolean THEN store_id END AS store_id,
           CASE WHEN :by_supplier::boolean THEN supplier_id END AS supplier_id,
           CASE WHEN :by_customer::boolean THEN customer_id END AS customer_id,
           sum(quantity) FILTER (WHERE kind = 'revenue') AS units,
           sum(credit_e4 - debit_e4) FILTER (WHERE kind = 'revenue') AS revenue_e4,
           sum(debit_e4 - credit_e4) FILTER (WHERE kind = 'cost_of_goods') AS cost_e4,
           sum(debit_e4 - credit_e4) FILTER (WHERE kind = 'after_sales_loss')
               AS after_sales_loss_e4,
           sum(debit_e4 - credit_e4) FILTER (WHERE kind = 'channel_fees') AS channel_fees_e4,
           sum(debit_e4 - credit_e4) FILTER (WHERE kind = 'expired_stock') AS expired_stock_e4,
           sum(debit_e4 - credit_e4) FILTER (WHERE kind = 'stock_loss') AS stock_loss_e4,
           sum(credit_e4 - debit_e4) AS profit_e4
      FROM ledger.daily
     WHERE tenant_id = :tenant_id::bigint
       AND posted_on BETWEEN :since::date AND :until::date
       AND (:skus::uuid[] IS NULL OR sku_id = ANY(:skus::uuid[]))
       AND (:stores::uuid[] IS NULL OR store_id = ANY(:stores::uuid[]))
       AND (:suppliers::uuid[] IS NULL OR supplier_id = ANY(:suppliers::uuid[]))
       AND (:customers::uuid[] IS NULL OR customer_id = ANY(:customers::uuid[]))
       AND NOT (:no_sku::boolean AND sku_id IS NOT NULL)
       AND NOT (:no_store::boolean AND store_id IS NOT NULL)
       AND NOT (:no_supplier::boolean AND supplier_id IS NOT NULL)
       AND NOT (:no_customer::boolean AND customer_id IS NOT NULL)
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), sku AS MATERIALIZED (  -- NULL where its dimension isn't asked for
    SELECT sku.id,
           CASE WHEN :by_sku::boolean THEN sku.code END AS sku_code,
           CASE WHEN :by_sku::boolean
                THEN CASE WHEN :chinese::boolean THEN sku.name_zh ELSE sku.name_en END
            END AS sku_name,
           CASE WHEN :by_period::boolean THEN sku.period END AS period,
           CASE WHEN :by_product::boolean THEN product.code END AS product_code,
           CASE WHEN :by_product::boolean
                THEN CASE WHEN :chinese::boolean THEN product.name_zh ELSE product.name_en END
            END AS product_name,
           CASE WHEN :by_brand::boolean THEN brand.code END AS brand_code,
           CASE WHEN :by_brand::boolean
                THEN CASE WHEN :chinese::boolean THEN brand.name_zh ELSE brand.name_en END
            END AS brand_name
      FROM catalog.skus AS sku
      JOIN catalog.products AS product
        ON product.tenant_id = :tenant_id::bigint AND product.id = sku.product_id
      JOIN catalog.brands AS brand
        ON brand.tenant_id = :tenant_id::bigint AND brand.id = product.brand_id
     WHERE sku.tenant_id = :tenant_id::bigint
)
SELECT fact.day, fact.week, fact.month, store.code AS store_code, store.name AS store_name,
       supplier.code AS supplier_code, supplier.name AS supplier_name, sku.brand_code,
       sku.brand_name, sku.product_code, sku.product_name, sku.sku_code, sku.sku_name, sku.period,
       customer.code AS customer_code, customer.name AS customer_name, fact.currency,
       coalesce(sum(fact.units), 0)::bigint AS units,
       coalesce(sum(fact.revenue_e4), 0)::bigint AS revenue_e4,
       coalesce(sum(fact.cost_e4), 0)::bigint AS cost_e4,
       coalesce(sum(fact.after_sales_loss_e4), 0)::bigint AS after_sales_loss_e4,
       coalesce(sum(fact.channel_fees_e4), 0)::bigint AS channel_fees_e4,
       coalesce(sum(fact.expired_stock_e4), 0)::bigint AS expired_stock_e4,
       coalesce(sum(fact.stock_loss_e4), 0)::bigint AS stock_loss_e4,
       sum(fact.profit_e4)::bigint AS profit_e4
  FROM fact
  LEFT JOIN sku ON sku.id = fact.sku_id
  LEFT JOIN channels.stores AS store
    ON store.tenant_id = :tenant_id::bigint AND store.id = fact.store_id
  LEFT JOIN suppliers.suppliers AS supplier
    ON supplier.tenant_id = :tenant_id::bigint AND supplier.id = fact.supplier_id
  LEFT JOIN customers.customers AS customer
    ON customer.tenant_id = :tenant_id::bigint AND customer.id = fact.customer_id
 GROUP BY fact.day, fact.week, fact.month, store.code, store.name, supplier.code, supplier.name,
          sku.brand_code, sku.brand_name, sku.product_code, sku.product_name, sku.sku_code,
          sku.sku_name, sku.period, customer.code, customer.name, fact.currency
 LIMIT :limit::integer
