-- What sold best in the days since, by SKU, with how long its stock lasts at that pace. No lock.
WITH sold AS (
    SELECT sku_id,
           coalesce(sum(quantity) FILTER (WHERE kind = 'revenue'), 0) AS units,
           coalesce(sum(credit_e4 - debit_e4) FILTER (WHERE kind = 'revenue'), 0) AS revenue_e4,
           sum(credit_e4 - debit_e4) AS profit_e4
      FROM ledger.daily
     WHERE tenant_id = :tenant_id::bigint
       AND currency = :currency::text
       AND posted_on BETWEEN :since::date AND :until::date
       AND sku_id IS NOT NULL
     GROUP BY sku_id
), best AS (
    SELECT sku_id, units, revenue_e4, profit_e4
      FROM sold
     WHERE units > 0
     ORDER BY revenue_e4 DESC, sku_id
     LIMIT :limit::integer
)
SELECT sku.code, sku.name_zh, sku.name_en, best.units::bigint, best.revenue_e4::bigint,
       best.profit_e4::bigint, coalesce(stock.available, 0)::bigint AS available
  FROM best
  JOIN catalog.skus AS sku
    ON sku.tenant_id = :tenant_id::bigint AND sku.id = best.sku_id
 CROSS JOIN LATERAL (
           SELECT sum(lot.available) AS available
             FROM stock.lots AS lot
            WHERE lot.tenant_id = :tenant_id::bigint
              AND lot.sku_id = best.sku_id
              AND lot.stocked
              AND lot.state = 'open'
              AND (lot.expires_on IS NULL OR lot.expires_on >= :until::date)
       ) AS stock
 ORDER BY best.revenue_e4 DESC, best.sku_id
