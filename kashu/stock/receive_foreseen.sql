-- The arrivals that wouldn't get in: those that this SKU ever had, and those that come twice, of
-- which the first would. In order of place. Takes no lock.
SELECT arrival.place, arrival.first_place, known.id IS NOT NULL AS in_stock
  FROM (
         SELECT place, blind_index, min(place) OVER (PARTITION BY blind_index) AS first_place
           FROM pg_temp.arriving
       ) AS arrival
  LEFT JOIN LATERAL (
         SELECT id
           FROM stock.cards
          WHERE tenant_id = :tenant::bigint
            AND sku_id = :sku::uuid
            AND blind_index = arrival.blind_index
          LIMIT 1
       ) AS known
    ON true
 WHERE first_place < place
    OR known.id IS NOT NULL
 ORDER BY place
