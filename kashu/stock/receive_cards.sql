-- Put the arrivals into their lots, but none that this SKU ever had, or has from a place before;
-- count what got in, by lot. `uses` is how often each may be used, NULL for cards used once.
-- No lock but the unique index: where another transaction is adding the same card, wait for it.
WITH added AS (
    INSERT INTO stock.cards (
        tenant_id, id, sku_id, lot_id, position, state, max_uses, sealed, key_version,
        blind_index, tail
    )
    SELECT :tenant::bigint, id, :sku::uuid, lot_id, place, :state::text,
           coalesce(:uses::integer, 1), sealed, :key_version::integer, blind_index, tail
      FROM pg_temp.arriving
     ORDER BY place
        ON CONFLICT (tenant_id, sku_id, blind_index) DO NOTHING
    RETURNING id, lot_id
), shared AS (  -- all the uses of a card that many share, in one run
    INSERT INTO stock.free_uses (tenant_id, id, card_id, first_use, last_use)
    SELECT :tenant::bigint, gen_random_uuid(), id, 1, :uses::integer
      FROM added
     WHERE :uses::integer IS NOT NULL
)
SELECT lot_id, count(*) AS count
  FROM added
 GROUP BY lot_id
