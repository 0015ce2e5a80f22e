-- All orders behind a part of the profit report, for a file: adds the journal of these days up once.
-- As profit_orders_page.sql, in the same order. Takes no lock.
WITH moved AS MATERIALIZED (
    SELECT transfer.subject_id, transfer.currency, max(transfer.posted_at) AS at,
           sum(CASE WHEN credit.kind = 'revenue' THEN abs(quantity)
                    WHEN debit.kind = 'revenue' THEN -abs(quantity) ELSE 0 END) AS units,
           sum(amount_e4) FILTER (WHERE credit.kind = 'revenue') AS sold_e4,
           sum(amount_e4) FILTER (WHERE debit.kind = 'revenue') AS back_e4,
           sum(amount_e4) FILTER (WHERE debit.kind = 'cost_of_goods') AS cost_e4,
           sum(amount_e4) FILTER (WHERE credit.kind = 'cost_of_goods') AS uncost_e4,
           sum(amount_e4) FILTER (WHERE credit.kind = ANY (:profit_kinds::text[])) AS up_e4,
           sum(amount_e4) FILTER (WHERE debit.kind = ANY (:profit_kinds::text[])) AS down_e4
\ir profit_orders_part.sql
     GROUP BY transfer.subject_id, transfer.currency
), of_order AS (  -- a line's own, or of the top-up that was bought for it
    SELECT coalesce(line.order_id, bought.order_id) AS order_id,
           coalesce(line.order_id, bought.order_id, moved.subject_id) AS key, moved.currency,
           max(moved.at) AS at, sum(moved.units)::bigint AS units,
           sum(coalesce(sold_e4, 0) - coalesce(back_e4, 0))::bigint AS revenue_e4,
           sum(coalesce(cost_e4, 0) - coalesce(uncost_e4, 0))::bigint AS cost_e4,
           sum(coalesce(up_e4, 0) - coalesce(down_e4, 0))::bigint AS profit_e4
      FROM moved
      LEFT JOIN orders.lines AS line
        ON line.tenant_id = :tenant_id::bigint AND line.id = moved.subject_id
      LEFT JOIN purchases.attempts AS attempt
        ON attempt.tenant_id = :tenant_id::bigint AND attempt.id = moved.subject_id
      LEFT JOIN purchases.purchases AS purchase
        ON purchase.tenant_id = :tenant_id::bigint AND purchase.id = attempt.purchase_id
      LEFT JOIN orders.lines AS bought
        ON bought.tenant_id = :tenant_id::bigint AND bought.id = purchase.subject_id
     GROUP BY 1, 2, 3
)
SELECT of_order.key, of_order.order_id, lot.id AS lot_id, "order".external_id AS number,
       store.name AS store_name, of_order.at, of_order.currency, of_order.units,
       of_order.revenue_e4, of_order.cost_e4, of_order.profit_e4
  FROM of_order
  LEFT JOIN orders.orders AS "order"
    ON "order".tenant_id = :tenant_id::bigint AND "order".id = of_order.order_id
  LEFT JOIN channels.stores AS store
    ON store.tenant_id = :tenant_id::bigint AND store.id = "order".store_id
  LEFT JOIN stock.lots AS lot
    ON lot.tenant_id = :tenant_id::bigint AND lot.id = of_order.key AND of_order.order_id IS NULL
 ORDER BY of_order.at DESC, of_order.key DESC, of_order.currency DESC
 LIMIT :limit::integer
