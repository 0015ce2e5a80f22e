-- Our money with some suppliers until the end of a day, by currency; NULL: now. Takes no lock.
SELECT supplier_id,
       sum(prepaid_debit_e4 - prepaid_credit_e4)::bigint AS prepaid_e4,
       sum(in_doubt_debit_e4 - in_doubt_credit_e4)::bigint AS in_doubt_e4,
       sum(payable_credit_e4 - payable_debit_e4)::bigint AS payable_e4,
       sum(recoveries_debit_e4 - recoveries_credit_e4)::bigint AS recoveries_e4,
       currency
  FROM ledger.supplier_days
 WHERE tenant_id = :tenant_id::bigint
   AND supplier_id = ANY (:supplier_ids::uuid[])
   AND (:until::date IS NULL OR posted_on <= :until::date)
 GROUP BY supplier_id, currency
