-- Invariant 7: what the books have in doubt at each supplier is that of its orders under way and of
-- top-ups that no order's line was settled with yet, and of nothing else. Takes no lock.
-- Looks at all orders, whatever happened lately: it waits for the proof of everything.
WITH expected AS (
    SELECT attempt.supplier_id, attempt.currency,
           sum(CASE WHEN attempt.state = 'succeeded'
                    THEN coalesce(attempt.charged_e4, 0) - attempt.refunded_e4
                    ELSE attempt.total_e4
                END) AS expected_e4
      FROM purchases.attempts AS attempt
      JOIN purchases.purchases AS purchase
        ON purchase.tenant_id = :tenant_id::bigint AND purchase.id = attempt.purchase_id
     WHERE attempt.tenant_id = :tenant_id::bigint
       AND (attempt.state IN ('sending', 'unclear', 'processing', 'manual')
            OR (attempt.state = 'succeeded' AND NOT attempt.surplus
                AND purchase.goods = 'topup' AND purchase.used_at IS NULL))
     GROUP BY attempt.supplier_id, attempt.currency
), account AS MATERIALIZED (
    SELECT id, owner_id, currency
      FROM ledger.accounts
     WHERE tenant_id = :tenant_id::bigint
       AND kind = 'in_doubt'
), side AS (
    SELECT debit_account_id AS account_id, amount_e4
      FROM ledger.transfers
     WHERE tenant_id = :tenant_id::bigint
       AND debit_account_id IN (SELECT id FROM account)
     UNION ALL
    SELECT credit_account_id, -amount_e4
      FROM ledger.transfers
     WHERE tenant_id = :tenant_id::bigint
       AND credit_account_id IN (SELECT id FROM account)
), compared AS MATERIALIZED (
    SELECT supplier_id, currency, sum(expected_e4) AS expected_e4, sum(booked_e4) AS booked_e4
      FROM (
               SELECT supplier_id, currency, expected_e4, 0 AS booked_e4 FROM expected
                UNION ALL
               SELECT account.owner_id, account.currency, 0, side.amount_e4
                 FROM side
                 JOIN account ON account.id = side.account_id
           ) AS total
     GROUP BY supplier_id, currency
), broken AS (
    SELECT 'money_in_doubt_is_of_no_order' AS rule, coalesce(supplier_id::text, 'none') AS id,
           format('booked %s, its orders come to %s ten-thousandths of %s', booked_e4, expected_e4,
                  currency) AS says
      FROM compared
     WHERE booked_e4 <> expected_e4
), capped AS (
    SELECT rule, id, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM compared) AS checked, capped.rule, capped.id, capped.says,
       capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
