-- The cards that were there before some that didn't get in. Takes no lock.
SELECT away.id, known.lot_id, known.position, known.sold_elsewhere
  FROM unnest(:ids::uuid[], :skus::uuid[], :indexes::bytea[]) AS away(id, sku_id, blind_index)
 CROSS JOIN LATERAL (  -- LIMIT: so that each is looked up, whatever the planner believes
       SELECT card.lot_id, card.position, lot.sold_elsewhere
         FROM stock.cards AS card
         JOIN stock.lots AS lot
           ON lot.tenant_id = :tenant::bigint
          AND lot.id = card.lot_id
        WHERE card.tenant_id = :tenant::bigint
          AND card.sku_id = away.sku_id
          AND card.blind_index = away.blind_index
        LIMIT 1
 ) AS known
