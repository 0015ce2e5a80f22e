-- Add up the days of each supplier since a day, or since it was last unfrozen. Takes no lock.
WITH kept AS MATERIALIZED (
    SELECT d.supplier_id, d.attempts, d.succeeded, d.unclear, d.received, d.invalid,
           d.price_changes, d.waits
      FROM purchases.quality_days AS d
      JOIN suppliers.suppliers AS s
        ON s.tenant_id = :tenant_id::bigint
       AND s.id = d.supplier_id
     WHERE d.tenant_id = :tenant_id::bigint
       AND d.day BETWEEN :since::date AND :until::date
       AND (NOT :since_thawed::boolean OR s.thawed_at IS NULL
            OR d.day > (s.thawed_at AT TIME ZONE :timezone::text)::date)
), waited AS (
    SELECT kept.supplier_id, each.place - 1 AS place, sum(each.times) AS times
      FROM kept
     CROSS JOIN LATERAL unnest(kept.waits) WITH ORDINALITY AS each(times, place)
     WHERE each.times > 0
     GROUP BY kept.supplier_id, each.place
), run AS (
    SELECT supplier_id, place, sum(times) OVER (PARTITION BY supplier_id ORDER BY place) AS upto,
           sum(times) OVER (PARTITION BY supplier_id) AS total
      FROM waited
), p95 AS (
    SELECT supplier_id, round(2 ^ ((min(place) + 1) / 4.0))::integer AS p95_ms
      FROM run
     WHERE upto >= 0.95 * total
     GROUP BY supplier_id
), sums AS (
    SELECT supplier_id, sum(attempts) AS attempts, sum(succeeded) AS succeeded,
           sum(unclear) AS unclear, sum(received) AS received, sum(invalid) AS invalid,
           sum(price_changes) AS price_changes
      FROM kept
     GROUP BY supplier_id
)
SELECT sums.supplier_id, attempts::integer AS attempts,
       coalesce(1000000 * succeeded / nullif(attempts, 0), 1000000)::integer AS success_ppm,
       p95.p95_ms,
       coalesce(1000000 * invalid / nullif(received, 0), 0)::integer AS invalid_ppm,
       price_changes::integer AS price_changes, unclear::integer AS unclear,
       received::integer AS received
  FROM sums
  LEFT JOIN p95
    ON p95.supplier_id = sums.supplier_id
 ORDER BY sums.supplier_id
