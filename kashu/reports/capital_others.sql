-- What of ours is with each supplier in other currencies, and what one of each was last entered as
-- in ours. No lock.
WITH money AS (
    SELECT supplier_id, currency,
           sum(prepaid_debit_e4 - prepaid_credit_e4) AS prepaid_e4,
           sum(in_doubt_debit_e4 - in_doubt_credit_e4) AS in_doubt_e4,
           sum(recoveries_debit_e4 - recoveries_credit_e4) AS recoveries_e4,
           sum(payable_credit_e4 - payable_debit_e4) AS payable_e4
      FROM ledger.supplier_days
     WHERE tenant_id = :tenant_id::bigint
       AND currency <> :currency::text
     GROUP BY supplier_id, currency
), with_them AS (  -- less than nothing is prepaid: they lend it to us
    SELECT supplier_id, currency,
           greatest(prepaid_e4, 0) + in_doubt_e4 + recoveries_e4 AS tied_e4,
           payable_e4 + greatest(-prepaid_e4, 0) AS owed_e4
      FROM money
)
SELECT with_them.supplier_id, with_them.currency, with_them.tied_e4::bigint,
       with_them.owed_e4::bigint, rate.rate_e6
  FROM with_them
  LEFT JOIN suppliers.rates AS rate
    ON rate.tenant_id = :tenant_id::bigint AND rate.currency = with_them.currency
 WHERE with_them.tied_e4 <> 0
    OR with_them.owed_e4 <> 0
 ORDER BY with_them.supplier_id, with_them.currency
