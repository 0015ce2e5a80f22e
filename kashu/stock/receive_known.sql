-- The arrivals that didn't get in, and the card that was there before each. Takes no lock.
SELECT arriving.place, known.lot_id, known.position, known.sold_elsewhere, known.for_sale
  FROM pg_temp.arriving
 CROSS JOIN LATERAL (  -- LIMIT: so that each is looked up, whatever the planner believes
       SELECT card.id, card.lot_id, card.position, lot.sold_elsewhere,
              card.state IN ('available', 'reserved') AS for_sale
         FROM stock.cards AS card
         JOIN stock.lots AS lot
           ON lot.tenant_id = :tenant::bigint
          AND lot.id = card.lot_id
        WHERE card.tenant_id = :tenant::bigint
          AND card.sku_id = :sku::uuid
          AND card.blind_index = arriving.blind_index
        LIMIT 1
 ) AS known
 WHERE known.id <> arriving.id
 ORDER BY arriving.place
