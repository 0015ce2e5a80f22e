-- Rules with what they say of suppliers: all, or those that could concern some purchases.
SELECT id, sku_id, store_id, customer_id, changed_by, changed_at,
       unit_cost_max_e4, margin_min_ppm, loss_until_at, auto_buy, warehouse_id, due_minutes,
       quality_min_ppm, approval_above_e4, daily_max_e4, reorder, lead_hours, safety_days,
       cover_days, stock_days_max, budget_e4,
       ARRAY(SELECT supplier_id
               FROM purchases.preferences
              WHERE tenant_id = :tenant::bigint AND rule_id = rules.id AND stance = 'allowed')
           AS allowed,
       ARRAY(SELECT supplier_id
               FROM purchases.preferences
              WHERE tenant_id = :tenant::bigint AND rule_id = rules.id AND stance = 'denied')
           AS denied,
       ARRAY(SELECT supplier_id
               FROM purchases.preferences
              WHERE tenant_id = :tenant::bigint AND rule_id = rules.id AND stance = 'shared'
              ORDER BY supplier_id) AS sharing,
       ARRAY(SELECT share
               FROM purchases.preferences
              WHERE tenant_id = :tenant::bigint AND rule_id = rules.id AND stance = 'shared'
              ORDER BY supplier_id) AS shares
  FROM purchases.rules
 WHERE tenant_id = :tenant::bigint
   AND (:any_scope::boolean
        OR ((sku_id IS NULL OR sku_id = ANY (:skus::uuid[]))
            AND (store_id IS NULL OR store_id = ANY (:stores::uuid[]))
            AND (customer_id IS NULL OR customer_id = ANY (:customers::uuid[]))))
 ORDER BY id
