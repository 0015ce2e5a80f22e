-- Append transfers, making the accounts they name, and add them to the totals of their day.
-- Locks the day's totals in order of their key, so that two writers wait for each other in turn;
-- then those of suppliers, one row for each.
-- Says first, by a lock that all share, since when it has been posting, in seconds of 2020; and only
-- then looks at the clock. So nothing is still to come from before the oldest such lock.
WITH said AS MATERIALIZED (
    SELECT pg_advisory_xact_lock_shared(
               :posting::integer,
               floor(extract(epoch FROM clock_timestamp() - timestamptz '2020-01-01 00:00Z'))::integer
           )
), moment AS MATERIALIZED (
    SELECT clock_timestamp() AS posted_at
      FROM said
), account AS MATERIALIZED (
    SELECT id, kind, owner_id, kind = ANY(:profit_kinds::text[]) AS in_profit,
           kind = ANY(:supplier_kinds::text[]) AND owner_id IS NOT NULL AS with_supplier
      FROM unnest(:account_ids::uuid[], :account_kinds::text[], :account_owners::uuid[])
           AS named(id, kind, owner_id)
), made AS (
    INSERT INTO ledger.accounts (tenant_id, id, kind, owner_id, currency)
    SELECT :tenant_id::bigint, id, kind, owner_id, :currency::text
      FROM account
     ORDER BY id
        ON CONFLICT DO NOTHING
), posting AS MATERIALIZED (
    SELECT *
      FROM unnest(
               :ids::uuid[], :debit_ids::uuid[], :credit_ids::uuid[], :amounts::bigint[],
               :quantities::integer[], :reasons::text[], :subjects::uuid[], :skus::uuid[],
               :stores::uuid[], :customers::uuid[], :suppliers::uuid[], :reverses::uuid[]
           ) AS given(
               id, debit_id, credit_id, amount_e4, quantity, reason, subject_id, sku_id,
               store_id, customer_id, supplier_id, reverses_id
           )
), posted AS (
    INSERT INTO ledger.transfers (
        tenant_id, id, debit_account_id, credit_account_id, amount_e4, currency, quantity,
        posted_at, posted_on, reason, subject_id, sku_id, store_id, customer_id, supplier_id, reverses_id
    )
    SELECT :tenant_id::bigint, id, debit_id, credit_id, amount_e4, :currency::text, quantity,
           posted_at, :posted_on::date, reason, subject_id, sku_id, store_id, customer_id,
           supplier_id, reverses_id
      FROM posting
     CROSS JOIN moment
), side AS (  -- each side that the profit report adds up; units count up where the kind grows
    SELECT account.kind, amount_e4 AS debit_e4, 0 AS credit_e4,
           CASE WHEN account.kind = 'revenue' THEN -abs(quantity) ELSE abs(quantity) END AS units,
           sku_id, store_id, customer_id, supplier_id
      FROM posting
      JOIN account ON account.id = posting.debit_id AND account.in_profit
     UNION ALL
    SELECT account.kind, 0, amount_e4,
           CASE WHEN account.kind = 'revenue' THEN abs(quantity) ELSE -abs(quantity) END,
           sku_id, store_id, customer_id, supplier_id
      FROM posting
      JOIN account ON account.id = posting.credit_id AND account.in_profit
), beside AS (  -- each side that is our money with a supplier; `paid_e4`: what bought goods
    SELECT account.owner_id, account.kind, amount_e4 AS debit_e4, 0 AS credit_e4,
           CASE WHEN other.kind = ANY(:goods_kinds::text[]) AND account.kind <> 'payable'
                THEN -amount_e4 ELSE 0 END AS paid_e4
      FROM posting
      JOIN account ON account.id = posting.debit_id AND account.with_supplier
      JOIN account AS other ON other.id = posting.credit_id
     UNION ALL
    SELECT account.owner_id, account.kind, 0, amount_e4,
           CASE WHEN other.kind = ANY(:goods_kinds::text[]) AND account.kind <> 'payable'
                THEN amount_e4 ELSE 0 END
      FROM posting
      JOIN account ON account.id = posting.credit_id AND account.with_supplier
      JOIN account AS other ON other.id = posting.debit_id
), with_suppliers AS (
    INSERT INTO ledger.supplier_days AS days (
        tenant_id, supplier_id, currency, posted_on,
        prepaid_debit_e4, prepaid_credit_e4, in_doubt_debit_e4, in_doubt_credit_e4,
        payable_debit_e4, payable_credit_e4, recoveries_debit_e4, recoveries_credit_e4, spent_e4
    )
    SELECT :tenant_id::bigint, owner_id, :currency::text, :posted_on::date,
           coalesce(sum(debit_e4) FILTER (WHERE kind = 'prepaid'), 0),
           coalesce(sum(credit_e4) FILTER (WHERE kind = 'prepaid'), 0),
           coalesce(sum(debit_e4) FILTER (WHERE kind = 'in_doubt'), 0),
           coalesce(sum(credit_e4) FILTER (WHERE kind = 'in_doubt'), 0),
           coalesce(sum(debit_e4) FILTER (WHERE kind = 'payable'), 0),
           coalesce(sum(credit_e4) FILTER (WHERE kind = 'payable'), 0),
           coalesce(sum(debit_e4) FILTER (WHERE kind = 'recoveries'), 0),
           coalesce(sum(credit_e4) FILTER (WHERE kind = 'recoveries'), 0),
           coalesce(sum(paid_e4) FILTER (WHERE kind <> 'recoveries'), 0)
      FROM beside
     GROUP BY owner_id
     ORDER BY owner_id
        ON CONFLICT (tenant_id, supplier_id, currency, posted_on)
        DO UPDATE SET
           prepaid_debit_e4 = days.prepaid_debit_e4 + excluded.prepaid_debit_e4,
           prepaid_credit_e4 = days.prepaid_credit_e4 + excluded.prepaid_credit_e4,
           in_doubt_debit_e4 = days.in_doubt_debit_e4 + excluded.in_doubt_debit_e4,
           in_doubt_credit_e4 = days.in_doubt_credit_e4 + excluded.in_doubt_credit_e4,
           payable_debit_e4 = days.payable_debit_e4 + excluded.payable_debit_e4,
           payable_credit_e4 = days.payable_credit_e4 + excluded.payable_credit_e4,
           recoveries_debit_e4 = days.recoveries_debit_e4 + excluded.recoveries_debit_e4,
           recoveries_credit_e4 = days.recoveries_credit_e4 + excluded.recoveries_credit_e4,
           spent_e4 = days.spent_e4 + excluded.spent_e4
)
INSERT INTO ledger.daily AS daily (
    tenant_id, id, posted_on, kind, currency, sku_id, store_id, customer_id, supplier_id,
    debit_e4, credit_e4, quantity
)
SELECT :tenant_id::bigint, gen_random_uuid(), :posted_on::date, kind, :currency::text,
       sku_id, store_id, customer_id, supplier_id, sum(debit_e4), sum(credit_e4), sum(units)
  FROM side
 GROUP BY kind, sku_id, store_id, customer_id, supplier_id
 ORDER BY kind, sku_id, store_id, customer_id, supplier_id
    ON CONFLICT (
           tenant_id, posted_on, kind, currency, sku_id, store_id, customer_id, supplier_id
       )
    DO UPDATE SET debit_e4 = daily.debit_e4 + excluded.debit_e4,
                  credit_e4 = daily.credit_e4 + excluded.credit_e4,
                  quantity = daily.quantity + excluded.quantity
