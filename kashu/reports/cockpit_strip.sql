-- What was sold in some spans, in one currency: each span's orders, units, revenue and profit.
SELECT span.place, coalesce(sum(pulse.orders), 0)::bigint AS orders,
       coalesce(sum(pulse.units), 0)::bigint AS units,
       coalesce(sum(pulse.revenue_e4), 0)::bigint AS revenue_e4,
       coalesce(sum(pulse.profit_e4), 0)::bigint AS profit_e4
  FROM unnest(:begins::timestamptz[], :ends::timestamptz[]) WITH ORDINALITY
       AS span(begins_at, ends_at, place)
  LEFT JOIN reports.pulse AS pulse
    ON pulse.tenant_id = :tenant_id::bigint
   AND pulse.currency = :currency::text
   AND pulse.begins_at >= span.begins_at
   AND pulse.begins_at < span.ends_at
 GROUP BY span.place
 ORDER BY span.place
