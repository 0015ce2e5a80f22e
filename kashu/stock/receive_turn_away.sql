-- Turn away cards that come twice, of which the first stays, and those that we ever had.
-- Takes no lock: what others add meanwhile is found by receive_overtaken.sql.
WITH arrival AS (
    SELECT place, blind_index, min(place) OVER (PARTITION BY blind_index) AS first_place
      FROM pg_temp.arriving
)
INSERT INTO pg_temp.turned_away (place, reason, first_place)
SELECT arrival.place,
       CASE WHEN first_place < place THEN 'duplicate_in_file' ELSE 'duplicate_in_stock' END,
       first_place
  FROM arrival
  LEFT JOIN stock.cards AS known
    ON known.tenant_id = :tenant::bigint
   AND known.sku_id = :sku::uuid
   AND known.blind_index = arrival.blind_index
 WHERE first_place < place
    OR known.id IS NOT NULL
