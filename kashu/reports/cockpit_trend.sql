-- The curve of sales: hours, or the merchant's days or weeks, in one currency, oldest first.
SELECT date_trunc(:step::text, begins_at, :zone::text) AS begins_at,
       sum(orders)::bigint AS orders, sum(units)::bigint AS units,
       sum(revenue_e4)::bigint AS revenue_e4, sum(profit_e4)::bigint AS profit_e4
  FROM reports.pulse
 WHERE tenant_id = :tenant_id::bigint
   AND currency = :currency::text
   AND begins_at >= :since::timestamptz
   AND begins_at < :until::timestamptz
 GROUP BY 1
 ORDER BY 1
