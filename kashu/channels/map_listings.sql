-- Map a store's listings; those that aren't known yet are noted, not for sale as far as we know.
-- Returns those that were changed. Those that are there are locked already, in order of id.
INSERT INTO channels.listings AS known (
    tenant_id, id, store_id, item_id, variant_id, merchant_code, on_sale, sku_id, units
)
SELECT :tenant::bigint, id, :store::uuid, item_id, variant_id, merchant_code, false, sku_id, units
  FROM unnest(:ids::uuid[], :items::text[], :variants::text[], :codes::text[], :skus::uuid[],
              :units::integer[])
       AS told(id, item_id, variant_id, merchant_code, sku_id, units)
 ORDER BY item_id, variant_id
    ON CONFLICT (tenant_id, store_id, item_id, variant_id)
    DO UPDATE
   SET sku_id = excluded.sku_id, units = excluded.units
 WHERE (known.sku_id, known.units) IS DISTINCT FROM (excluded.sku_id, excluded.units)
RETURNING known.id, known.sku_id, known.units
