-- Invariant 7: what a supplier's exchange accounts hold is of its orders, of what a statement made
-- of them, or of a movement: of each, what was spent of theirs is what it came to in ours, at the
-- rate that it keeps, to the nearest ten-thousandth of each unit. Takes no lock.
-- Looks at all of these accounts, whatever happened lately: it waits for the proof of everything.
WITH RECURSIVE foreign_attempt AS MATERIALIZED (
    SELECT id, supplier_id, currency, rate_e6
      FROM purchases.attempts
     WHERE tenant_id = :tenant_id::bigint
       AND currency <> :ours::text
), lot AS (  -- what came into stock is booked under its lot, and goes back under where it is then
    SELECT receipt.lot_id, receipt.attempt_id
      FROM purchases.receipts AS receipt
      JOIN foreign_attempt ON foreign_attempt.id = receipt.attempt_id
     WHERE receipt.tenant_id = :tenant_id::bigint
     UNION ALL
    SELECT moved.id, lot.attempt_id
      FROM lot
      JOIN stock.lots AS moved
        ON moved.tenant_id = :tenant_id::bigint AND moved.origin_lot_id = lot.lot_id
), known AS MATERIALIZED (
    SELECT id AS subject_id, id, supplier_id, currency, rate_e6
      FROM foreign_attempt
     UNION ALL
    SELECT lot.lot_id, attempt.id, attempt.supplier_id, attempt.currency, attempt.rate_e6
      FROM lot
      JOIN foreign_attempt AS attempt ON attempt.id = lot.attempt_id
     UNION ALL
    SELECT id, id, supplier_id, currency, rate_e6
      FROM suppliers.movements
     WHERE tenant_id = :tenant_id::bigint
       AND rate_e6 IS NOT NULL
     UNION ALL
    SELECT resolution.finding_id, resolution.finding_id, statement.supplier_id,
           statement.currency, resolution.rate_e6
      FROM purchases.resolutions AS resolution
      JOIN purchases.statements AS statement
        ON statement.tenant_id = :tenant_id::bigint AND statement.id = resolution.statement_id
     WHERE resolution.tenant_id = :tenant_id::bigint
       AND resolution.rate_e6 IS NOT NULL
), account AS MATERIALIZED (
    SELECT id, owner_id, currency
      FROM ledger.accounts
     WHERE tenant_id = :tenant_id::bigint
       AND kind = 'exchange'
), side AS (
    SELECT subject_id, debit_account_id AS account_id, amount_e4, quantity
      FROM ledger.transfers
     WHERE tenant_id = :tenant_id::bigint
       AND debit_account_id IN (SELECT id FROM account)
     UNION ALL
    SELECT subject_id, credit_account_id, -amount_e4, quantity
      FROM ledger.transfers
     WHERE tenant_id = :tenant_id::bigint
       AND credit_account_id IN (SELECT id FROM account)
), booked AS MATERIALIZED (
    SELECT coalesce(known.id, side.subject_id) AS id, known.rate_e6, known.currency,
           coalesce(sum(side.amount_e4) FILTER (WHERE account.currency = known.currency), 0)
               AS theirs_e4,
           coalesce(-sum(side.amount_e4) FILTER (WHERE account.currency = :ours::text), 0)
               AS ours_e4,
           sum(greatest(abs(side.quantity), 1)) FILTER (WHERE account.currency = :ours::text)
               AS units,
           count(*) FILTER (WHERE known.id IS NULL
                               OR account.owner_id IS DISTINCT FROM known.supplier_id
                               OR account.currency NOT IN (known.currency, :ours::text)) AS strange
      FROM side
      JOIN account ON account.id = side.account_id
      LEFT JOIN known ON known.subject_id = side.subject_id
     GROUP BY coalesce(known.id, side.subject_id), known.rate_e6, known.currency
), broken AS (
    SELECT 'exchange_is_of_nothing_known' AS rule, id,
           format('%s transfers of an exchange account are not of this', strange) AS says
      FROM booked
     WHERE strange > 0
     UNION ALL
    SELECT 'exchange_is_not_at_its_rate', id,
           format('%s ten-thousandths of %s were spent and %s of ours at %s millionths',
                  theirs_e4, currency, ours_e4, rate_e6)
      FROM booked
     WHERE strange = 0
       AND abs(ours_e4 * 1000000 - theirs_e4 * rate_e6) > 500000 * coalesce(units, 1)
), capped AS (
    SELECT rule, id::text, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM booked) AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
