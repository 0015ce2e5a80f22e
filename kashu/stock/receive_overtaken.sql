-- Turn away the arrivals that another transaction put into stock before we did. Takes no lock.
INSERT INTO pg_temp.turned_away (place, reason, first_place)
SELECT place, 'duplicate_in_stock', place
  FROM pg_temp.arriving
 WHERE NOT EXISTS (SELECT FROM pg_temp.turned_away WHERE turned_away.place = arriving.place)
   AND NOT EXISTS (
         SELECT FROM stock.cards
          WHERE cards.tenant_id = :tenant::bigint
            AND cards.id = arriving.id
       )
