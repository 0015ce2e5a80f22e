-- What was sold since midnight: orders as their list counts them, the rest as the books' day has it.
-- Orders are added up from the pulse; what came since it was last counted is counted now. No lock.
WITH counted AS (
    SELECT coalesce(max(begins_at), :midnight::timestamptz) AS until
      FROM reports.pulse
     WHERE tenant_id = :tenant_id::bigint
       AND begins_at >= :midnight::timestamptz
), sold AS (
    SELECT coalesce(sum(quantity) FILTER (WHERE kind = 'revenue'), 0) AS units,
           coalesce(sum(credit_e4 - debit_e4) FILTER (WHERE kind = 'revenue'), 0) AS revenue_e4,
           coalesce(sum(credit_e4 - debit_e4), 0) AS profit_e4
      FROM ledger.daily
     WHERE tenant_id = :tenant_id::bigint
       AND posted_on = :today::date
       AND currency = :currency::text
)
SELECT (
           SELECT coalesce(sum(pulse.orders), 0)
             FROM reports.pulse
            WHERE pulse.tenant_id = :tenant_id::bigint
              AND pulse.begins_at >= :midnight::timestamptz
              AND pulse.begins_at < counted.until
       )::bigint + (
           SELECT count(*)
             FROM orders.orders
            WHERE orders.tenant_id = :tenant_id::bigint
              AND orders.accepted_at >= counted.until
              AND orders.state <> 'foretold'
       ) AS orders,
       sold.units::bigint, sold.revenue_e4::bigint, sold.profit_e4::bigint
  FROM counted
 CROSS JOIN sold
