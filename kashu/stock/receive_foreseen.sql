-- The arrivals that wouldn't get in: those that this SKU ever had, and those that come twice, of
-- which the first would. In order of place. Cards of one import may be left out of account, so
-- that its own file can be asked about again. Takes no lock.
SELECT arrival.place, arrival.first_place, known.id IS NOT NULL AS in_stock,
       coalesce(known.sold_elsewhere, false) AS sold_elsewhere,
       coalesce(known.for_sale, false) AS for_sale
  FROM (
         SELECT place, blind_index, min(place) OVER (PARTITION BY blind_index) AS first_place
           FROM pg_temp.arriving
       ) AS arrival
  LEFT JOIN LATERAL (  -- LIMIT: so that each is looked up, whatever the planner believes
         SELECT card.id, lot.sold_elsewhere,
                card.state IN ('available', 'reserved') AS for_sale
           FROM stock.cards AS card
           JOIN stock.lots AS lot
             ON lot.tenant_id = :tenant::bigint
            AND lot.id = card.lot_id
          WHERE card.tenant_id = :tenant::bigint
            AND card.sku_id = :sku::uuid
            AND card.blind_index = arrival.blind_index
            AND (:besides::uuid IS NULL OR lot.import_id IS DISTINCT FROM :besides::uuid)
          LIMIT 1
       ) AS known
    ON true
 WHERE first_place < place
    OR known.id IS NOT NULL
 ORDER BY place
