-- Invariant 7: of each order at a supplier, what was sent = received + in doubt + refunded + asked
-- back: in doubt is what its state says, nothing more, nothing less. And a purchase that is being
-- ordered has one order under way, no other has any. Takes no lock.
-- `since`: only orders under way and those that were made or ended from then on; NULL: all.
WITH doubt AS MATERIALIZED (
    SELECT id
      FROM ledger.accounts
     WHERE tenant_id = :tenant_id::bigint
       AND kind = 'in_doubt'
), attempt AS MATERIALIZED (
    SELECT attempt.id, attempt.state,
           CASE WHEN attempt.state IN ('sending', 'unclear', 'processing', 'manual')
                THEN attempt.total_e4
                WHEN attempt.state = 'succeeded' AND NOT attempt.surplus
                     AND purchase.goods = 'topup' AND purchase.used_at IS NULL
                THEN coalesce(attempt.charged_e4, 0) - attempt.refunded_e4
                ELSE 0
            END AS expected_e4
      FROM purchases.attempts AS attempt
      JOIN purchases.purchases AS purchase
        ON purchase.tenant_id = :tenant_id::bigint AND purchase.id = attempt.purchase_id
     WHERE attempt.tenant_id = :tenant_id::bigint
       AND (:since::timestamptz IS NULL
            OR attempt.state IN ('sending', 'unclear', 'processing', 'manual')
            OR attempt.made_at >= :since::timestamptz
            OR attempt.ended_at >= :since::timestamptz)
), subject AS MATERIALIZED (  -- what came into stock is booked under its lot
    SELECT id AS attempt_id, id AS subject_id FROM attempt
     UNION ALL
    SELECT receipt.attempt_id, receipt.lot_id
      FROM purchases.receipts AS receipt
      JOIN attempt ON attempt.id = receipt.attempt_id
     WHERE receipt.tenant_id = :tenant_id::bigint
), booked AS (
    SELECT subject.attempt_id,
           sum(CASE WHEN debited.id IS NULL THEN 0 ELSE transfer.amount_e4 END)
           - sum(CASE WHEN credited.id IS NULL THEN 0 ELSE transfer.amount_e4 END) AS doubt_e4
      FROM subject
      JOIN ledger.transfers AS transfer
        ON transfer.tenant_id = :tenant_id::bigint AND transfer.subject_id = subject.subject_id
      LEFT JOIN doubt AS debited ON debited.id = transfer.debit_account_id
      LEFT JOIN doubt AS credited ON credited.id = transfer.credit_account_id
     GROUP BY subject.attempt_id
), under_way AS MATERIALIZED (
    SELECT purchase.id, purchase.state, count(attempt.id) AS orders
      FROM purchases.purchases AS purchase
      LEFT JOIN purchases.attempts AS attempt
        ON attempt.tenant_id = :tenant_id::bigint AND attempt.purchase_id = purchase.id
       AND attempt.state IN ('sending', 'unclear', 'processing', 'manual')
     WHERE purchase.tenant_id = :tenant_id::bigint
       AND (purchase.state = 'placed' OR attempt.id IS NOT NULL)
     GROUP BY purchase.id, purchase.state
), broken AS (
    SELECT 'order_money_does_not_add_up' AS rule, attempt.id,
           format('%s: %s ten-thousandths are in doubt, it should be %s', attempt.state,
                  coalesce(booked.doubt_e4, 0), attempt.expected_e4) AS says
      FROM attempt
      LEFT JOIN booked ON booked.attempt_id = attempt.id
     WHERE coalesce(booked.doubt_e4, 0) <> attempt.expected_e4
     UNION ALL
    SELECT 'purchase_denies_its_orders', id, format('it is %s, with %s orders under way', state,
                                                    orders)
      FROM under_way
     WHERE (state = 'placed') <> (orders = 1)
        OR orders > 1
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM attempt) AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
