-- Orders, newest first, a page at a time, with how far each has come; of all, or of some. Those
-- that were accepted together have one time: their ids decide. The state is told as state_of() does.
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
   AND "order".state = 'accepted'
   AND "order".accepted_at >= coalesce(:since::timestamptz, '-infinity')
   -- This is what the index serves; an order that isn't there has none before it.
   AND "order".accepted_at <= CASE WHEN :before::uuid IS NULL THEN 'infinity'
                                   ELSE (SELECT last.accepted_at FROM orders.orders AS last
                                          WHERE last.tenant_id = :tenant::bigint
                                            AND last.id = :before::uuid) END
   AND (:before::uuid IS NULL
        OR ("order".accepted_at, "order".id)
           < (SELECT last.accepted_at, last.id FROM orders.orders AS last
               WHERE last.tenant_id = :tenant::bigint AND last.id = :before::uuid))
   AND (:external_id::text IS NULL OR "order".external_id = :external_id::text)
   AND (:store_id::uuid IS NULL OR "order".store_id = :store_id::uuid)
   AND (:customer_id::uuid IS NULL OR "order".customer_id = :customer_id::uuid)
   -- Those that wait are few, and have an index: the others needn't be added up.
   AND (:came_to::text IS DISTINCT FROM 'short'
        OR "order".id IN (SELECT line.order_id FROM orders.lines AS line
                           WHERE line.tenant_id = :tenant::bigint AND line.state = 'short'))
   AND (:came_to::text IS NULL
        OR :came_to::text
           = (SELECT CASE WHEN sum(line.waiting_count) > 0
                          THEN CASE WHEN sum(line.delivered_count) > 0
                                    THEN 'partly_filled' ELSE 'short' END
                          WHEN sum(line.refused_count) > 0
                          THEN CASE WHEN sum(line.delivered_count) > 0
                                    THEN 'partly_filled' ELSE 'refused' END
                          WHEN sum(line.delivered_count) > 0 THEN 'filled'
                          ELSE 'refunded' END
                FROM orders.lines AS line
               WHERE line.tenant_id = :tenant::bigint AND line.order_id = "order".id))
 ORDER BY "order".accepted_at DESC, "order".id DESC
 LIMIT :most::int
