-- What each day did to our money with some suppliers, of each in one currency, oldest first.
-- Takes no lock.
SELECT supplier_id, posted_on, prepaid_debit_e4, prepaid_credit_e4, payable_debit_e4,
       payable_credit_e4, spent_e4
  FROM ledger.supplier_days
 WHERE tenant_id = :tenant_id::bigint
   AND (supplier_id, currency) IN (
           SELECT * FROM unnest(:supplier_ids::uuid[], :currencies::text[])
       )
   AND posted_on BETWEEN :since::date AND :until::date
 ORDER BY supplier_id, posted_on
