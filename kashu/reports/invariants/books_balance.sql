-- Invariant 4: each transfer has two sides of its own currency, and each currency comes to zero.
-- Reads a snapshot; takes no lock.
-- `since`: only transfers from then on, since earlier ones never change; NULL: all.
WITH pair AS MATERIALIZED (
    SELECT debit_account_id, credit_account_id, currency, count(*) AS transfers,
           sum(amount_e4) AS amount_e4, min(amount_e4) AS least_e4, min(id::text) AS first_id
      FROM ledger.transfers
     WHERE tenant_id = :tenant_id::bigint
       AND (:since::timestamptz IS NULL OR posted_at >= :since::timestamptz)
     GROUP BY debit_account_id, credit_account_id, currency
), sided AS MATERIALIZED (
    SELECT pair.currency, pair.transfers, pair.amount_e4, pair.least_e4, pair.first_id,
           pair.debit_account_id = pair.credit_account_id AS one_sided,
           debit.currency AS debit_currency, credit.currency AS credit_currency
      FROM pair
      LEFT JOIN ledger.accounts AS debit
        ON debit.tenant_id = :tenant_id::bigint AND debit.id = pair.debit_account_id
      LEFT JOIN ledger.accounts AS credit
        ON credit.tenant_id = :tenant_id::bigint AND credit.id = pair.credit_account_id
), side AS (
    SELECT debit_currency AS currency, amount_e4 FROM sided
     UNION ALL
    SELECT credit_currency, -amount_e4 FROM sided
), broken AS (
    SELECT 'transfer_has_not_two_sides' AS rule, first_id AS id,
           format('%s such transfers: %s to %s in %s', transfers,
                  coalesce(credit_currency, 'no account'), coalesce(debit_currency, 'no account'),
                  currency) AS says
      FROM sided
     WHERE one_sided
        OR debit_currency IS DISTINCT FROM currency
        OR credit_currency IS DISTINCT FROM currency
     UNION ALL
    SELECT 'transfer_is_negative', first_id, format('%s ten-thousandths', least_e4)
      FROM sided
     WHERE least_e4 < 0
     UNION ALL
    SELECT 'currency_does_not_come_to_zero', coalesce(currency, 'none'),
           format('debits less credits are %s ten-thousandths', sum(amount_e4))
      FROM side
     GROUP BY currency
    HAVING sum(amount_e4) <> 0
), capped AS (
    SELECT rule, id, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT coalesce(sum(transfers), 0)::bigint FROM pair) AS checked, capped.rule, capped.id,
       capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
