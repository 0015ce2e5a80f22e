-- What an account was debited less credited until a transfer, it included. Takes no lock.
-- One scan of the transfers by time, as the trial balance: no index by account.
SELECT coalesce(
           sum(CASE WHEN debit_account_id = :account_id::uuid THEN amount_e4 ELSE -amount_e4 END), 0
       )::bigint AS balance_e4
  FROM ledger.transfers
 WHERE tenant_id = :tenant_id::bigint
   AND :account_id::uuid IN (debit_account_id, credit_account_id)
   AND posted_at <= :until_at::timestamptz
   AND (posted_at, id) <= (:until_at::timestamptz, :until_id::uuid)
