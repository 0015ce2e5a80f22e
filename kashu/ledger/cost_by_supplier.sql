-- What the goods of each supplier cost for each subject, less what came back. Takes no lock.
-- A reversal is finance's own correction, and isn't the subject's.
WITH cost AS (
    SELECT id
      FROM ledger.accounts
     WHERE tenant_id = :tenant_id::bigint
       AND kind = 'cost_of_goods'
), side AS (
    SELECT t.subject_id, t.supplier_id, t.quantity, t.amount_e4
      FROM ledger.transfers AS t
      JOIN cost ON cost.id = t.debit_account_id
     WHERE t.tenant_id = :tenant_id::bigint
       AND t.subject_id = ANY (:subject_ids::uuid[])
       AND t.reverses_id IS NULL
     UNION ALL
    SELECT t.subject_id, t.supplier_id, -t.quantity, -t.amount_e4
      FROM ledger.transfers AS t
      JOIN cost ON cost.id = t.credit_account_id
     WHERE t.tenant_id = :tenant_id::bigint
       AND t.subject_id = ANY (:subject_ids::uuid[])
       AND t.reverses_id IS NULL
)
SELECT subject_id, supplier_id, sum(quantity)::bigint AS units, sum(amount_e4)::bigint AS cost_e4
  FROM side
 GROUP BY subject_id, supplier_id
 ORDER BY subject_id, supplier_id
