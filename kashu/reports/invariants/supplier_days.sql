-- Invariant 7: our money with each supplier, as its days count it, is what the transfers say.
-- Reads a snapshot; takes no lock. Adds up all transfers: it waits for the proof of everything.
WITH pair AS MATERIALIZED (
    SELECT debit_account_id, credit_account_id, posted_on, currency, sum(amount_e4) AS amount_e4
      FROM ledger.transfers
     WHERE tenant_id = :tenant_id::bigint
       AND (debit_account_id IN (
               SELECT id FROM ledger.accounts
                WHERE tenant_id = :tenant_id::bigint
                  AND kind IN ('prepaid', 'in_doubt', 'payable', 'recoveries'))
            OR credit_account_id IN (
               SELECT id FROM ledger.accounts
                WHERE tenant_id = :tenant_id::bigint
                  AND kind IN ('prepaid', 'in_doubt', 'payable', 'recoveries')))
     GROUP BY debit_account_id, credit_account_id, posted_on, currency
), side AS (
    SELECT mine.owner_id AS supplier_id, pair.currency, pair.posted_on, mine.kind,
           pair.amount_e4 AS moved_e4
      FROM pair
      JOIN ledger.accounts AS mine
        ON mine.tenant_id = :tenant_id::bigint AND mine.id = pair.debit_account_id
     UNION ALL
    SELECT mine.owner_id, pair.currency, pair.posted_on, mine.kind, -pair.amount_e4
      FROM pair
      JOIN ledger.accounts AS mine
        ON mine.tenant_id = :tenant_id::bigint AND mine.id = pair.credit_account_id
), posted AS MATERIALIZED (
    SELECT supplier_id, currency, posted_on,
           coalesce(sum(moved_e4) FILTER (WHERE kind = 'prepaid'), 0) AS prepaid_e4,
           coalesce(sum(moved_e4) FILTER (WHERE kind = 'in_doubt'), 0) AS in_doubt_e4,
           coalesce(sum(moved_e4) FILTER (WHERE kind = 'payable'), 0) AS payable_e4,
           coalesce(sum(moved_e4) FILTER (WHERE kind = 'recoveries'), 0) AS recoveries_e4
      FROM side
     WHERE kind IN ('prepaid', 'in_doubt', 'payable', 'recoveries')
       AND supplier_id IS NOT NULL
     GROUP BY supplier_id, currency, posted_on
), kept AS MATERIALIZED (
    SELECT supplier_id, currency, posted_on,
           prepaid_debit_e4 - prepaid_credit_e4 AS prepaid_e4,
           in_doubt_debit_e4 - in_doubt_credit_e4 AS in_doubt_e4,
           payable_debit_e4 - payable_credit_e4 AS payable_e4,
           recoveries_debit_e4 - recoveries_credit_e4 AS recoveries_e4
      FROM ledger.supplier_days
     WHERE tenant_id = :tenant_id::bigint
), broken AS (
    SELECT 'supplier_day_is_not_what_was_posted' AS rule,
           format('%s %s %s', supplier_id, posted_on, currency) AS id,
           format('prepaid %s, in doubt %s, payable %s, recoveries %s off',
                  coalesce(kept.prepaid_e4, 0) - coalesce(posted.prepaid_e4, 0),
                  coalesce(kept.in_doubt_e4, 0) - coalesce(posted.in_doubt_e4, 0),
                  coalesce(kept.payable_e4, 0) - coalesce(posted.payable_e4, 0),
                  coalesce(kept.recoveries_e4, 0) - coalesce(posted.recoveries_e4, 0)) AS says
      FROM kept
      FULL JOIN posted USING (supplier_id, currency, posted_on)
     WHERE coalesce(kept.prepaid_e4, 0) <> coalesce(posted.prepaid_e4, 0)
        OR coalesce(kept.in_doubt_e4, 0) <> coalesce(posted.in_doubt_e4, 0)
        OR coalesce(kept.payable_e4, 0) <> coalesce(posted.payable_e4, 0)
        OR coalesce(kept.recoveries_e4, 0) <> coalesce(posted.recoveries_e4, 0)
), capped AS (
    SELECT rule, id, says, count(*) OVER (PARTITION BY rule) AS total,
           row_number() OVER (PARTITION BY rule ORDER BY id) AS place
      FROM broken
)
SELECT (SELECT count(*) FROM kept) AS checked, capped.rule, capped.id, capped.says, capped.total
  FROM (VALUES (1)) AS always(one)
  LEFT JOIN capped ON capped.place <= 20
 ORDER BY capped.rule, capped.id
