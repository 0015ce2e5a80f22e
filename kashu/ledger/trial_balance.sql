-- What each account was debited and credited until a moment, from the transfers alone: one scan
-- adds up each pair of accounts, of which there are few. Takes no lock.
WITH pair AS MATERIALIZED (
    SELECT debit_account_id, credit_account_id, sum(amount_e4) AS amount_e4
      FROM ledger.transfers
     WHERE tenant_id = :tenant_id::bigint
       AND posted_at <= :at::timestamptz
     GROUP BY debit_account_id, credit_account_id
), side AS (
    SELECT debit_account_id AS account_id, amount_e4 AS debit_e4, 0 AS credit_e4
      FROM pair
     UNION ALL
    SELECT credit_account_id, 0, amount_e4
      FROM pair
)
SELECT account.id AS account_id, account.kind, account.owner_id, account.currency,
       sum(side.debit_e4)::bigint AS debit_e4, sum(side.credit_e4)::bigint AS credit_e4,
       sum(side.debit_e4 - side.credit_e4)::bigint AS balance_e4
  FROM side
  JOIN ledger.accounts AS account
    ON account.tenant_id = :tenant_id::bigint AND account.id = side.account_id
 GROUP BY account.id, account.kind, account.owner_id, account.currency
 ORDER BY account.currency, account.kind, account.owner_id NULLS FIRST
