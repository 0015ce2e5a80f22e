-- Which SKUs the live allocations of some lines are of, and whether a card of theirs may come back.
SELECT DISTINCT lot.sku_id, sku.returnable
  FROM stock.allocations AS held
  JOIN stock.lots AS lot
    ON lot.tenant_id = :tenant::bigint AND lot.id = held.lot_id
  JOIN catalog.skus AS sku
    ON sku.tenant_id = :tenant::bigint AND sku.id = lot.sku_id
 WHERE held.tenant_id = :tenant::bigint
   AND held.line_id = ANY (:lines::uuid[])
   AND held.released_at IS NULL
