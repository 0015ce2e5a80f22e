-- How many arrivals of each expiry aren't turned away: what the lots will be. Takes no lock.
SELECT nullif(expires_on, 'infinity') AS expires_on, count(*) AS count
  FROM pg_temp.arriving
 WHERE NOT EXISTS (SELECT FROM pg_temp.turned_away WHERE turned_away.place = arriving.place)
 GROUP BY arriving.expires_on
 ORDER BY arriving.expires_on
