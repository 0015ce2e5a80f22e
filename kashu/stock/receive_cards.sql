-- Put the arrivals into their lots, but none that this SKU ever had, or has from a place before;
-- count what got in, by lot.
-- No lock but the unique index: where another transaction is adding the same card, wait for it.
WITH added AS (
    INSERT INTO stock.cards (
        tenant_id, id, sku_id, lot_id, position, max_uses, sealed, key_version, blind_index, tail
    )
    SELECT :tenant::bigint, id, :sku::uuid, lot_id, place, :max_uses::integer, sealed,
           :key_version::integer, blind_index, tail
      FROM pg_temp.arriving
     ORDER BY place
        ON CONFLICT (tenant_id, sku_id, blind_index) DO NOTHING
    RETURNING lot_id
)
SELECT lot_id, count(*) AS count
  FROM added
 GROUP BY lot_id
