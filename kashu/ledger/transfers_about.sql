-- The transfers about some subjects, oldest first, with the accounts they name. Takes no lock.
SELECT t.id, t.posted_at, t.posted_on, debit.kind AS debit_kind, debit.owner_id AS debit_owner_id,
       credit.kind AS credit_kind, credit.owner_id AS credit_owner_id, t.amount_e4, t.currency,
       t.quantity, t.reason, t.subject_id, t.sku_id, t.store_id, t.customer_id, t.supplier_id,
       t.reverses_id, mirror.id AS reversed_by_id
  FROM ledger.transfers AS t
  JOIN ledger.accounts AS debit
    ON debit.tenant_id = :tenant_id::bigint AND debit.id = t.debit_account_id
  JOIN ledger.accounts AS credit
    ON credit.tenant_id = :tenant_id::bigint AND credit.id = t.credit_account_id
  LEFT JOIN ledger.transfers AS mirror
    ON mirror.tenant_id = :tenant_id::bigint AND mirror.reverses_id = t.id
 WHERE t.tenant_id = :tenant_id::bigint
   AND t.subject_id = ANY (:subject_ids::uuid[])
 ORDER BY t.posted_at, t.id
