-- Put cards into their lots, but none that its SKU ever had, or has from a place before; tell
-- which got in. No lock but the unique index: where another transaction is adding the same card,
-- wait for it.
INSERT INTO stock.cards (
    tenant_id, id, sku_id, lot_id, position, state, max_uses, sealed, key_version, blind_index, tail
)
SELECT :tenant::bigint, id, sku_id, lot_id, place, 'available', 1, sealed, :key_version::integer,
       blind_index, tail
  FROM unnest(:ids::uuid[], :skus::uuid[], :lots::uuid[], :places::integer[], :sealed::bytea[],
              :indexes::bytea[], :tails::text[])
       WITH ORDINALITY
       AS packed(id, sku_id, lot_id, place, sealed, blind_index, tail, number)
 ORDER BY number
    ON CONFLICT (tenant_id, sku_id, blind_index) DO NOTHING
RETURNING id
