-- The arrivals that didn't get in, and the card that was there before each. Takes no lock.
SELECT arriving.place, known.lot_id, known.position
  FROM pg_temp.arriving
 CROSS JOIN LATERAL (  -- LIMIT: so that each is looked up, whatever the planner believes
       SELECT id, lot_id, position
         FROM stock.cards
        WHERE tenant_id = :tenant::bigint
          AND sku_id = :sku::uuid
          AND blind_index = arriving.blind_index
        LIMIT 1
 ) AS known
 WHERE known.id <> arriving.id
 ORDER BY arriving.place
