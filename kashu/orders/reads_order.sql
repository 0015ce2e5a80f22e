-- One order. Takes no lock.
SELECT "order".id AS order_id, "order".source, "order".external_id, "order".state,
       "order".store_id, store.code AS store_code, "order".customer_id,
       customer.code AS customer_code, "order".currency, "order".total_e4, "order".cancelled,
       "order".paid_at, "order".accepted_at
  FROM orders.orders AS "order"
  LEFT JOIN channels.stores AS store
    ON store.tenant_id = :tenant::bigint AND store.id = "order".store_id
  LEFT JOIN customers.customers AS customer
    ON customer.tenant_id = :tenant::bigint AND customer.id = "order".customer_id
 WHERE "order".tenant_id = :tenant::bigint
   AND "order".id = :order_id::uuid
