-- Count what is paid for on platforms and not taken in yet: of each SKU that their listings stand
-- for, in units. Not what is in trouble (a person decides), nor of stores where the old way delivers.
-- Locks nothing; reads shop_orders_to_do, which is as long as what there is to do.
SELECT listing.sku_id, sum(least(line.quantity, 1000000) * listing.units)::bigint AS units
  FROM channels.shop_orders AS known
  JOIN channels.connections AS connection
    ON connection.tenant_id = :tenant::bigint AND connection.store_id = known.store_id
 CROSS JOIN LATERAL jsonb_to_recordset(known.lines)
       AS line(item_id text, sku_id text, quantity numeric, refund text)
  JOIN channels.listings AS listing
    ON listing.tenant_id = :tenant::bigint AND listing.store_id = known.store_id
   AND listing.item_id = line.item_id AND listing.variant_id = line.sku_id
 WHERE known.tenant_id = :tenant::bigint
   AND known.step IN ('due', 'unmapped', 'held')
   AND known.shop_state IN ('paid', 'held')
   AND connection.mode <> 'shadow'
   AND listing.sku_id IS NOT NULL
   AND line.quantity > 0
   AND line.refund IS DISTINCT FROM 'done'
 GROUP BY listing.sku_id
