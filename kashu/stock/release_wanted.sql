-- Which SKUs the live allocations of some lines are of: what to lock.
SELECT DISTINCT lot.sku_id
  FROM stock.allocations AS held
  JOIN stock.lots AS lot
    ON lot.tenant_id = :tenant::bigint AND lot.id = held.lot_id
 WHERE held.tenant_id = :tenant::bigint
   AND held.line_id = ANY (:lines::uuid[])
   AND held.released_at IS NULL
