-- What is tied up with each supplier: stock at cost, money there, and how fast it turns. No lock.
-- Stock is what inventory holds: available, reserved, and held back before anybody had it.
WITH stock AS (
    SELECT lot.supplier_id,
           sum(lot.unit_cost_e4 * (lot.available + lot.reserved)) AS stock_e4,
           sum(lot.unit_cost_e4 * (lot.available + lot.reserved))
               FILTER (WHERE lot.received_at < :at::timestamptz - interval '90 days') AS old_e4,
           sum(lot.unit_cost_e4 * (lot.available + lot.reserved))
               FILTER (WHERE lot.expires_on <= :today::date + 30) AS expiring_e4,
           sum(lot.available + lot.reserved) AS units
      FROM stock.lots AS lot
     WHERE lot.tenant_id = :tenant_id::bigint
       AND lot.currency = :currency::text
       AND lot.available + lot.reserved > 0
     GROUP BY lot.supplier_id
), money AS (
    SELECT d.supplier_id,
           sum(d.prepaid_debit_e4 - d.prepaid_credit_e4) AS prepaid_e4,
           sum(d.in_doubt_debit_e4 - d.in_doubt_credit_e4) AS in_doubt_e4,
           sum(d.recoveries_debit_e4 - d.recoveries_credit_e4) AS recoveries_e4,
           sum(d.payable_credit_e4 - d.payable_debit_e4) AS payable_e4
      FROM ledger.supplier_days AS d
     WHERE d.tenant_id = :tenant_id::bigint
       AND d.currency = :currency::text
     GROUP BY d.supplier_id
), sold AS (
    SELECT daily.supplier_id, sum(daily.debit_e4 - daily.credit_e4) AS cost_e4
      FROM ledger.daily AS daily
     WHERE daily.tenant_id = :tenant_id::bigint
       AND daily.currency = :currency::text
       AND daily.kind = 'cost_of_goods'
       AND daily.posted_on > :today::date - :days::integer
       AND daily.supplier_id IS NOT NULL
     GROUP BY daily.supplier_id
)
SELECT s.id AS supplier_id, s.code, s.name,
       coalesce(stock.stock_e4, 0)::bigint AS stock_e4, coalesce(stock.units, 0)::bigint AS units,
       coalesce(stock.old_e4, 0)::bigint AS old_e4,
       coalesce(stock.expiring_e4, 0)::bigint AS expiring_e4,
       coalesce(money.prepaid_e4, 0)::bigint AS prepaid_e4,
       coalesce(money.in_doubt_e4, 0)::bigint AS in_doubt_e4,
       coalesce(money.recoveries_e4, 0)::bigint AS recoveries_e4,
       coalesce(money.payable_e4, 0)::bigint AS payable_e4,
       coalesce(sold.cost_e4, 0)::bigint AS sold_e4
  FROM suppliers.suppliers AS s
  LEFT JOIN stock
    ON stock.supplier_id = s.id
  LEFT JOIN money
    ON money.supplier_id = s.id
  LEFT JOIN sold
    ON sold.supplier_id = s.id
 WHERE s.tenant_id = :tenant_id::bigint
 ORDER BY s.code
