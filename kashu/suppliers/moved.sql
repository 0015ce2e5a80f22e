-- Which of some offers cost something else than they did at `since`: that price, and since when
-- they cost what they do now. No lock.
SELECT wanted.offer_id,
       earlier.unit_cost_e4 AS before_e4,
       (
           SELECT min(price.at)
             FROM suppliers.prices AS price
            WHERE price.tenant_id = :tenant::bigint
              AND price.offer_id = wanted.offer_id
              AND price.held_because IS NULL
              AND price.at >= :since::timestamptz
              AND price.unit_cost_e4 = latest.unit_cost_e4
       ) AS at
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
 CROSS JOIN LATERAL (
    SELECT price.unit_cost_e4
      FROM suppliers.prices AS price
     WHERE price.tenant_id = :tenant::bigint
       AND price.offer_id = wanted.offer_id
       AND price.held_because IS NULL
       AND price.at < :since::timestamptz
     ORDER BY price.at DESC, price.id DESC
     LIMIT 1
 ) AS earlier
 WHERE latest.at >= :since::timestamptz
   AND latest.unit_cost_e4 <> earlier.unit_cost_e4
