-- How far the orders of platforms that were first seen since a moment have come, by store. No lock.
SELECT store.code, store.name, known.step, count(*) AS orders
  FROM channels.shop_orders AS known
  JOIN channels.stores AS store
    ON store.tenant_id = :tenant_id::bigint AND store.id = known.store_id
 WHERE known.tenant_id = :tenant_id::bigint
   AND known.first_seen_at >= :since::timestamptz
 GROUP BY store.code, store.name, known.step
 ORDER BY store.code, known.step
