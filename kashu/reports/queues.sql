-- What waits to be done, by queue: how much, and since when. Few rows each, whatever the history.
SELECT 'shop_orders_to_take_in' AS name, count(*) AS due, min(next_at) AS oldest_at
  FROM channels.shop_orders
 WHERE tenant_id = :tenant::bigint AND step = 'due' AND next_at <= now()
 UNION ALL
SELECT 'shop_orders_to_deliver', count(*), min(next_at)
  FROM channels.shop_orders
 WHERE tenant_id = :tenant::bigint AND step = 'taken' AND next_at <= now()
 UNION ALL
SELECT 'shop_orders_to_confirm', count(*), min(next_at)
  FROM channels.shop_orders
 WHERE tenant_id = :tenant::bigint AND step = 'sent' AND next_at <= now()
 UNION ALL
SELECT 'shop_orders_in_trouble', count(*), min(next_at)
  FROM channels.shop_orders
 WHERE tenant_id = :tenant::bigint AND step IN ('trouble', 'unmapped')
 UNION ALL
SELECT 'lines_short', count(*), min(placed.accepted_at)
  FROM orders.lines AS line
  JOIN orders.orders AS placed
    ON placed.tenant_id = :tenant::bigint AND placed.id = line.order_id
 WHERE line.tenant_id = :tenant::bigint AND line.state = 'short'
 UNION ALL
SELECT 'purchases_to_place', count(*), min(next_at)
  FROM purchases.purchases
 WHERE tenant_id = :tenant::bigint AND state = 'wanted' AND next_at <= now()
 UNION ALL
SELECT 'purchases_held', count(*), min(created_at)
  FROM purchases.purchases
 WHERE tenant_id = :tenant::bigint AND state = 'held'
 UNION ALL
SELECT 'supplier_orders_to_ask', count(*), min(next_at)
  FROM purchases.attempts
 WHERE tenant_id = :tenant::bigint
   AND state IN ('sending', 'unclear', 'processing')
   AND next_at <= now()
 UNION ALL
SELECT 'supplier_orders_for_a_person', count(*), min(made_at)
  FROM purchases.attempts
 WHERE tenant_id = :tenant::bigint AND state = 'manual'
 UNION ALL
SELECT 'events_to_pass_on', count(*), min(event.at)
  FROM core.untold AS note
  JOIN core.events AS event ON event.tenant_id = :tenant::bigint AND event.id = note.id
 WHERE note.tenant_id = :tenant::bigint
 UNION ALL
SELECT 'messages_to_send', count(*), min(next_at)
  FROM webhooks.deliveries
 WHERE tenant_id = :tenant::bigint AND state = 'due' AND next_at <= now()
