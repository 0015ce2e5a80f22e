-- Invariant 4: the day's totals, which reports read, are the sum of their transfers.
-- Reads a snapshot; takes no lock.
-- `days`: only these, on which something was posted lately; NULL: all. There is no index by day:
-- nothing is posted on a day before it begins, anywhere, at `days_begin_at`.
WITH account AS MATERIALIZED (
    SELECT id, kind
      FROM ledger.accounts
     WHERE tenant_id = :tenant_id::bigint
), whole AS MATERIALIZED (  -- one scan; what follows works on the few sums
    SELECT posted_on, currency, debit_account_id, credit_account_id, sku_id, store_id,
           customer_id, supplier_id, sum(amount_e4) AS amount_e4, sum(abs(quantity)) AS quantity
      FROM ledger.transfers
     WHERE tenant_id = :tenant_id::bigint
       AND (:days::date[] IS NULL OR posted_on = ANY (:days::date[])
                                 AND posted_at >= :days_begin_at::timestamptz)
     GROUP BY posted_on, currency, debit_account_id, credit_account_id, sku_id, store_id,
              customer_id, supplier_id
), side AS (
    SELECT account.kind, whole.posted_on, whole.currency, whole.sku_id, whole.store_id,
           whole.customer_id, whole.supplier_id, whole.amount_e4 AS debit_e4, 0 AS credit_e4,
           CASE WHEN account.kind = 'revenue' THEN -quantity ELSE quantity END AS units
      FROM whole
      JOIN account ON account.id = whole.debit_account_id
     UNION ALL
    SELECT account.kind, whole.posted_on, whole.currency, whole.sku_id, whole.store_id,
           whole.customer_id, whole.supplier_id, 0, whole.amount_e4,
           CASE WHEN account.kind = 'revenue' THEN quantity ELSE -quantity END
      FROM whole
      JOIN account ON account.id = whole.credit_account_id
), due AS (
    SELECT posted_on, kind, currency, sku_id, store_id, customer_id, supplier_id,
           sum(debit_e4) AS debit_e4, sum(credit_e4) AS credit_e4, sum(units) AS quantity
      FROM side
     WHERE kind = ANY (:profit_kinds::text[])
     GROUP BY posted_on, kind, currency, sku_id, store_id, customer_id, supplier_id
), both_ways AS (  -- equal NULLs meet by UNION, not by a join, which would compare row by row
    SELECT posted_on, kind, currency, sku_id, store_id, customer_id, supplier_id,
           min(id::text) AS id, sum(kept_debit_e4) AS kept_debit_e4,
           sum(kept_credit_e4) AS kept_credit_e4, sum(kept_quantity) AS kept_quantity,
           sum(debit_e4) AS debit_e4, sum(credit_e4) AS credit_e4, sum(quantity) AS quantity
      FROM (
               SELECT posted_on, kind, currency, sku_id, store_id, customer_id, supplier_id, id,
                      debit_e4 AS kept_debit_e4, credit_e4 AS kept_credit_e4,
                      quantity AS kept_quantity, 0 AS debit_e4, 0 AS credit_e4, 0 AS quantity
                 FROM ledger.daily
                WHERE tenant_id = :tenant_id::bigint
                  AND (:days::date[] IS NULL OR posted_on = ANY (:days::date[]))
                UNION ALL
               SELECT posted_on, kind, currency, sku_id, store_id, customer_id, supplier_id, NULL,
                      0, 0, 0, debit_e4, credit_e4, quantity
                 FROM due
           ) AS total
     GROUP BY posted_on, kind, currency, sku_id, store_id, customer_id, supplier_id
), broken AS (
    SELECT 'daily_total_is_not_its_transfers' AS rule,
           coalesce(id, concat_ws(' ', posted_on, kind, currency, sku_id, store_id)) AS id,
           format('%s %s: keeps %s/%s/%s, transfers say %s/%s/%s (debit/credit/units)',
                  posted_on, kind, kept_debit_e4, kept_credit_e4, kept_quantity, debit_e4,
                  credit_e4, quantity) AS says
      FROM both_ways
     WHERE (kept_debit_e4, kept_credit_e4, kept_quantity)
           IS DISTINCT FROM (debit_e4, credit_e4, quantity)
), capped AS (
    SELECT rule, id, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM both_ways) AS checked, capped.rule, capped.id, capped.says,
       capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
