-- For how many days the shortest-lived of the last ten lots of each SKU was good. No lock.
SELECT wanted.sku_id, min(lot.days)::integer AS days
  FROM unnest(:skus::uuid[]) AS wanted(sku_id)
 CROSS JOIN LATERAL (
       SELECT greatest(expires_on - (received_at AT TIME ZONE :timezone::text)::date, 0) AS days
         FROM stock.lots
        WHERE tenant_id = :tenant::bigint
          AND sku_id = wanted.sku_id
          AND expires_on IS NOT NULL
          AND NOT sold_elsewhere
        ORDER BY received_at DESC
        LIMIT 10
       ) AS lot
 GROUP BY wanted.sku_id
