-- Orders, newest first, a page at a time by time; or those with one outside number.
SELECT "order".id AS order_id, "order".source, "order".external_id, "order".state,
       store.code AS store_code, customer.code AS customer_code, "order".currency,
       "order".total_e4, "order".cancelled, "order".paid_at, "order".accepted_at
  FROM orders.orders AS "order"
  LEFT JOIN channels.stores AS store
    ON store.tenant_id = :tenant::bigint AND store.id = "order".store_id
  LEFT JOIN customers.customers AS customer
    ON customer.tenant_id = :tenant::bigint AND customer.id = "order".customer_id
 WHERE "order".tenant_id = :tenant::bigint
   AND "order".state = 'accepted'
   AND (:before::timestamptz IS NULL OR "order".accepted_at < :before::timestamptz)
   AND (:external_id::text IS NULL OR "order".external_id = :external_id::text)
 ORDER BY "order".accepted_at DESC, "order".id DESC
 LIMIT :most::int
