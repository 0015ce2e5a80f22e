-- What of some SKUs is on order for stock, and the last reorder that a person didn't want. No lock.
SELECT wanted.sku_id,
       coalesce(underway.on_order, 0)::integer AS on_order,
       coalesce(underway.tied_e4, 0)::bigint AS tied_e4,
       underway.open_id,
       declined.at AS declined_at
  FROM unnest(:skus::uuid[]) AS wanted(sku_id)
  LEFT JOIN LATERAL (
       SELECT sum(quantity - received_count)
                  FILTER (WHERE state <> 'draft' AND cause IN ('hand', 'reorder')) AS on_order,
              sum((quantity - received_count) * unit_cost_max_e4)
                  FILTER (WHERE state <> 'draft' AND cause IN ('hand', 'reorder')) AS tied_e4,
              (array_agg(id) FILTER (WHERE cause = 'reorder'))[1] AS open_id
         FROM purchases.purchases
        WHERE tenant_id = :tenant::bigint
          AND sku_id = wanted.sku_id
          AND state IN ('asked', 'draft', 'held', 'placed', 'wanted')
       ) AS underway ON true
  LEFT JOIN LATERAL (
       SELECT max(ended_at) AS at
         FROM purchases.purchases
        WHERE tenant_id = :tenant::bigint
          AND sku_id = wanted.sku_id
          AND created_at > :since::timestamptz - interval '7 days'
          AND cause = 'reorder'
          AND state = 'cancelled'
          AND ended_at > :since::timestamptz
       ) AS declined ON true
