-- The listings on sale that stand for some SKUs, or for bundles of them, and what each is made of.
-- No lock.
WITH sold AS (
    SELECT unnest(:skus::uuid[]) AS sku_id
     UNION
    SELECT part.bundle_id
      FROM catalog.bundle_parts AS part
     WHERE part.tenant_id = :tenant::bigint
       AND part.part_id = ANY (:skus::uuid[])
),
made_of AS (
    SELECT sold.sku_id,
           coalesce(array_agg(part.part_id ORDER BY part.place)
                        FILTER (WHERE part.part_id IS NOT NULL), ARRAY[sold.sku_id]) AS part_ids,
           coalesce(array_agg(part.units ORDER BY part.place)
                        FILTER (WHERE part.part_id IS NOT NULL), ARRAY[1]) AS part_units
      FROM sold
      LEFT JOIN catalog.bundle_parts AS part
        ON part.tenant_id = :tenant::bigint
       AND part.bundle_id = sold.sku_id
     GROUP BY sold.sku_id
)
SELECT listing.id AS listing_id,
       store.code AS store,
       listing.title,
       listing.item_id,
       listing.variant_id,
       listing.price_e4,
       listing.units,
       made_of.part_ids,
       made_of.part_units
  FROM made_of
  JOIN channels.listings AS listing
    ON listing.tenant_id = :tenant::bigint
   AND listing.sku_id = made_of.sku_id
   AND listing.on_sale
  JOIN channels.stores AS store
    ON store.tenant_id = :tenant::bigint
   AND store.id = listing.store_id
 ORDER BY store.code, listing.item_id, listing.variant_id
 LIMIT :limit::int
