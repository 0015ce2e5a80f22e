-- How many cards some lines hold, by SKU: what to lock, and how many reveals it will be.
SELECT lot.sku_id, count(*) AS count
  FROM stock.allocations AS held
  JOIN stock.lots AS lot
    ON lot.tenant_id = :tenant::bigint AND lot.id = held.lot_id
 WHERE held.tenant_id = :tenant::bigint
   AND held.line_id = ANY (:lines::uuid[])
   AND held.released_at IS NULL
 GROUP BY lot.sku_id
