-- A page of the orders behind a part of the profit report, the latest first, and what each did to it
-- in these days. Takes no lock.
-- Walks the journal back in time and stops when the page is full: an order stands where its last
-- posting stands, and what is of no order, such as a lot that expired, where its own does.
-- What it costs grows with the page and what the filters leave out on the way, not with the journal.
WITH part AS NOT MATERIALIZED (  -- looked up where it is named: by time, and by subject
    SELECT transfer.id, transfer.subject_id, transfer.currency, transfer.posted_at,
           transfer.quantity, transfer.amount_e4, debit.kind AS debit, credit.kind AS credit
\ir profit_orders_part.sql
), page AS MATERIALIZED (
    SELECT part.posted_at AS at, part.currency, owner.order_id, moved.units, moved.revenue_e4,
           moved.cost_e4, moved.profit_e4, coalesce(owner.order_id, part.subject_id) AS key
      FROM part
     CROSS JOIN LATERAL (  -- of a line's order, or of that of the line a top-up was bought for
         SELECT coalesce(
                    (SELECT line.order_id
                       FROM orders.lines AS line
                      WHERE line.tenant_id = :tenant_id::bigint
                        AND line.id = part.subject_id),
                    (SELECT line.order_id
                       FROM purchases.attempts AS attempt
                       JOIN purchases.purchases AS purchase
                         ON purchase.tenant_id = :tenant_id::bigint
                        AND purchase.id = attempt.purchase_id
                       JOIN orders.lines AS line
                         ON line.tenant_id = :tenant_id::bigint
                        AND line.id = purchase.subject_id
                      WHERE attempt.tenant_id = :tenant_id::bigint
                        AND attempt.id = part.subject_id)
                ) AS order_id
         OFFSET 0  -- once for each posting, not wherever it is named
     ) AS owner
     CROSS JOIN LATERAL (  -- all that the order's postings are about
         SELECT CASE WHEN owner.order_id IS NULL THEN ARRAY[part.subject_id]
                ELSE ARRAY(
                    SELECT line.id
                      FROM orders.lines AS line
                     WHERE line.tenant_id = :tenant_id::bigint
                       AND line.order_id = owner.order_id
                     UNION ALL
                    SELECT attempt.id
                      FROM orders.lines AS line
                      JOIN purchases.purchases AS purchase
                        ON purchase.tenant_id = :tenant_id::bigint
                       AND purchase.subject_id = line.id
                      JOIN purchases.attempts AS attempt
                        ON attempt.tenant_id = :tenant_id::bigint
                       AND attempt.purchase_id = purchase.id
                     WHERE line.tenant_id = :tenant_id::bigint
                       AND line.order_id = owner.order_id
                ) END AS ids
         OFFSET 0
     ) AS subject
     CROSS JOIN LATERAL (
         SELECT sum(CASE WHEN credit = 'revenue' THEN abs(quantity)
                         WHEN debit = 'revenue' THEN -abs(quantity) ELSE 0 END)::bigint AS units,
                sum(CASE WHEN credit = 'revenue' THEN amount_e4
                         WHEN debit = 'revenue' THEN -amount_e4 ELSE 0 END)::bigint AS revenue_e4,
                sum(CASE WHEN debit = 'cost_of_goods' THEN amount_e4
                         WHEN credit = 'cost_of_goods' THEN -amount_e4 ELSE 0 END)::bigint
                    AS cost_e4,
                sum(CASE WHEN credit = ANY (:profit_kinds::text[]) THEN amount_e4 ELSE 0 END
                  - CASE WHEN debit = ANY (:profit_kinds::text[]) THEN amount_e4 ELSE 0 END)::bigint
                    AS profit_e4,
                bool_or((every.posted_at, every.id) > (part.posted_at, part.id)) AS went_on
           FROM part AS every
          WHERE every.subject_id = ANY (subject.ids)
            AND every.currency = part.currency
     ) AS moved
     WHERE NOT moved.went_on  -- else it stands later, with all of this
       AND (:after_at::timestamptz IS NULL OR part.posted_at <= :after_at::timestamptz)
       AND (:after_at::timestamptz IS NULL
            OR (part.posted_at, coalesce(owner.order_id, part.subject_id), part.currency)
             < (:after_at::timestamptz, :after_key::uuid, :after_currency::text))
     ORDER BY part.posted_at DESC, key DESC, part.currency DESC
     LIMIT :limit::integer
)
SELECT page.key, page.order_id, lot.id AS lot_id, "order".external_id AS number,
       store.name AS store_name, page.at, page.currency, page.units, page.revenue_e4,
       page.cost_e4, page.profit_e4
  FROM page
  LEFT JOIN orders.orders AS "order"
    ON "order".tenant_id = :tenant_id::bigint AND "order".id = page.order_id
  LEFT JOIN channels.stores AS store
    ON store.tenant_id = :tenant_id::bigint AND store.id = "order".store_id
  LEFT JOIN stock.lots AS lot
    ON lot.tenant_id = :tenant_id::bigint AND lot.id = page.key AND page.order_id IS NULL
 ORDER BY page.at DESC, page.key DESC, page.currency DESC
