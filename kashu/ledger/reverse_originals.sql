-- Transfers with the accounts they name, oldest first. Takes no lock: they never change.
SELECT t.id, debit.kind AS debit_kind, debit.owner_id AS debit_owner_id,
       credit.kind AS credit_kind, credit.owner_id AS credit_owner_id, t.amount_e4, t.currency,
       t.quantity, t.subject_id, t.sku_id, t.store_id, t.customer_id, t.supplier_id
  FROM ledger.transfers AS t
  JOIN ledger.accounts AS debit
    ON debit.tenant_id = :tenant_id::bigint AND debit.id = t.debit_account_id
  JOIN ledger.accounts AS credit
    ON credit.tenant_id = :tenant_id::bigint AND credit.id = t.credit_account_id
 WHERE t.tenant_id = :tenant_id::bigint
   AND t.id = ANY(:ids::uuid[])
 ORDER BY t.id
