-- What some offers cost, a row for each day on which a price was taken, the last one of that day;
-- the first row of each may be of before `since`. Walks back day by day, so that a price that
-- changes every minute costs no more than one that changes daily. No lock.
WITH RECURSIVE told AS (
    SELECT wanted.offer_id,
           latest.at,
           latest.unit_cost_e4
      FROM unnest(:offers::uuid[]) AS wanted (offer_id)
     CROSS JOIN LATERAL (
        SELECT price.at, price.unit_cost_e4
          FROM suppliers.prices AS price
         WHERE price.tenant_id = :tenant::bigint
           AND price.offer_id = wanted.offer_id
           AND price.held_because IS NULL
         ORDER BY price.at DESC, price.id DESC
         LIMIT 1
     ) AS latest
     UNION ALL
    SELECT told.offer_id,
           earlier.at,
           earlier.unit_cost_e4
      FROM told
     CROSS JOIN LATERAL (
        SELECT price.at, price.unit_cost_e4
          FROM suppliers.prices AS price
         WHERE price.tenant_id = :tenant::bigint
           AND price.offer_id = told.offer_id
           AND price.held_because IS NULL
           AND price.at < date_trunc('day', told.at, :timezone::text)
         ORDER BY price.at DESC, price.id DESC
         LIMIT 1
     ) AS earlier
     WHERE told.at >= :since::timestamptz
)
SELECT offer_id,
       (at AT TIME ZONE :timezone::text)::date AS day,
       unit_cost_e4
  FROM told
 ORDER BY offer_id, at
