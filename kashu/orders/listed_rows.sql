-- Some orders with whose they are in words. Takes no lock.
-- LATERAL … OFFSET 0: a look-up for each order, even if planned while the tables were empty.
SELECT "order".id AS order_id, "order".source, "order".external_id, "order".state,
       "order".store_id, store.code AS store_code, "order".customer_id,
       customer.code AS customer_code, "order".currency, "order".total_e4, "order".cancelled,
       "order".paid_at, "order".accepted_at, store.name AS store_name,
       customer.name AS customer_name, coalesce(nullif(told.buyer, ''), named.buyer, '') AS buyer,
       told.buyer IS NOT NULL AS from_platform
  FROM unnest(:orders::uuid[]) AS wanted(id)
 CROSS JOIN LATERAL (
       SELECT *
         FROM orders.orders
        WHERE tenant_id = :tenant::bigint
          AND id = wanted.id
       OFFSET 0
 ) AS "order"
  LEFT JOIN channels.stores AS store
    ON store.tenant_id = :tenant::bigint AND store.id = "order".store_id
  LEFT JOIN customers.customers AS customer
    ON customer.tenant_id = :tenant::bigint AND customer.id = "order".customer_id
  LEFT JOIN LATERAL (
       SELECT buyer
         FROM orders.buyers
        WHERE tenant_id = :tenant::bigint
          AND order_id = wanted.id
       OFFSET 0
 ) AS named ON true
  LEFT JOIN LATERAL (
       SELECT buyer
         FROM channels.shop_orders
        WHERE tenant_id = :tenant::bigint
          AND store_id = "order".store_id
          AND number = "order".external_id
       OFFSET 0
 ) AS told ON true
