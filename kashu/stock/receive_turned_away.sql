-- Who was turned away and why, in order of place. `first_place` holds the same card.
SELECT place, reason, first_place
  FROM pg_temp.turned_away
 ORDER BY place
