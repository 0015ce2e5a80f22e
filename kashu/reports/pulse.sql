-- Add up what was sold since a moment, ten minutes at a time, by store and SKU. Takes no lock; one
-- at a time does it, after the rows since then were taken away.
INSERT INTO reports.pulse (
    tenant_id, id, begins_at, currency, store_id, sku_id, orders, units, revenue_e4, profit_e4
)
SELECT :tenant_id::bigint, gen_random_uuid(), begins_at, currency, store_id, sku_id,
       sum(orders), sum(units), sum(revenue_e4), sum(profit_e4)
  FROM (
           SELECT date_bin('10 minutes', moved.posted_at, timestamptz '2020-01-01 00:00Z') AS begins_at,
                  moved.currency, moved.store_id, moved.sku_id, 0 AS orders,
                  CASE WHEN credit.kind = 'revenue' THEN abs(moved.quantity)
                       WHEN debit.kind = 'revenue' THEN -abs(moved.quantity)
                       ELSE 0 END AS units,
                  CASE WHEN credit.kind = 'revenue' THEN moved.amount_e4
                       WHEN debit.kind = 'revenue' THEN -moved.amount_e4
                       ELSE 0 END AS revenue_e4,
                  CASE WHEN credit.kind = ANY(:profit_kinds::text[]) THEN moved.amount_e4 ELSE 0 END
                  - CASE WHEN debit.kind = ANY(:profit_kinds::text[]) THEN moved.amount_e4 ELSE 0 END
                      AS profit_e4
             FROM ledger.transfers AS moved
             JOIN ledger.accounts AS debit
               ON debit.tenant_id = :tenant_id::bigint AND debit.id = moved.debit_account_id
             JOIN ledger.accounts AS credit
               ON credit.tenant_id = :tenant_id::bigint AND credit.id = moved.credit_account_id
            WHERE moved.tenant_id = :tenant_id::bigint
              AND moved.posted_at >= :since::timestamptz
              AND (credit.kind = ANY(:profit_kinds::text[])
                   OR debit.kind = ANY(:profit_kinds::text[]))
            UNION ALL
           SELECT date_bin('10 minutes', accepted_at, timestamptz '2020-01-01 00:00Z'),
                  currency, store_id, NULL, 1, 0, 0, 0
             FROM orders.orders
            WHERE tenant_id = :tenant_id::bigint
              AND accepted_at >= :since::timestamptz
              AND state <> 'foretold'
       ) AS fact
 GROUP BY begins_at, currency, store_id, sku_id
