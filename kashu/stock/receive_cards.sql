-- Put the arrivals that aren't turned away into their lots, and count those that got in.
-- No lock but the unique index: where another transaction adds the same card, we wait for it.
WITH added AS (
    INSERT INTO stock.cards (
        tenant_id, id, sku_id, lot_id, position, max_uses, sealed, key_version, blind_index, tail
    )
    SELECT :tenant::bigint, arriving.id, :sku::uuid, lot.id, arriving.place, :max_uses::integer,
           arriving.sealed, :key_version::integer, arriving.blind_index, arriving.tail
      FROM pg_temp.arriving
      JOIN unnest(:lots::uuid[], :expiries::date[]) AS lot(id, expires_on)
        ON coalesce(lot.expires_on, 'infinity') = arriving.expires_on
     WHERE NOT EXISTS (SELECT FROM pg_temp.turned_away WHERE turned_away.place = arriving.place)
        ON CONFLICT (tenant_id, sku_id, blind_index) DO NOTHING
    RETURNING 1
)
SELECT count(*) AS count FROM added
