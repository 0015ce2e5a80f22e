-- Count again how the attempts of some days went at each supplier, and what became of its goods.
-- Reads by supplier and time; writes a row for each supplier and day with anything to tell.
-- A wait of w ms is counted at place floor(4 × log2 w), four places for each doubling.
WITH bounds AS (
    SELECT :first_on::date::timestamp AT TIME ZONE :timezone::text AS tried_since,
           :goods_on::date::timestamp AT TIME ZONE :timezone::text AS goods_since
), supplier AS MATERIALIZED (
    SELECT id
      FROM suppliers.suppliers
     WHERE tenant_id = :tenant_id::bigint
), tried AS MATERIALIZED (
    SELECT supplier.id AS supplier_id, (a.made_at AT TIME ZONE :timezone::text)::date AS day,
           a.state, a.received_count, a.turned_away_count,
           -- What was refused for a reason of ours says nothing of the supplier.
           a.state IN ('succeeded', 'refunded', 'failed', 'refused')
               AND NOT (
                   a.state = 'refused' AND split_part(a.said, ': ', 1) = ANY (:ours::text[])
                   ) AS ended,
           least(greatest(floor(4 * log(2, greatest(
               extract(epoch FROM a.ended_at - a.made_at) * 1000, 1))), 0), 100)::integer AS place
      FROM supplier
     CROSS JOIN bounds
     CROSS JOIN LATERAL (
           SELECT made_at, ended_at, state, said, received_count, turned_away_count
             FROM purchases.attempts
            WHERE tenant_id = :tenant_id::bigint
              AND supplier_id = supplier.id
              AND made_at >= bounds.tried_since
           ) AS a
), attempted AS (
    SELECT supplier_id, day, count(*) FILTER (WHERE ended) AS attempts,
           count(*) FILTER (WHERE state IN ('succeeded', 'refunded')) AS succeeded,
           count(*) FILTER (WHERE state IN ('unclear', 'manual')) AS in_doubt,
           sum(turned_away_count) AS turned_away
      FROM tried
     GROUP BY supplier_id, day
), waited AS (
    SELECT supplier_id, day, place, count(*) AS times
      FROM tried
     WHERE state IN ('succeeded', 'refunded')
     GROUP BY supplier_id, day, place
), waits AS (
    SELECT each.supplier_id, each.day,
           array_agg(coalesce(waited.times, 0)::integer ORDER BY places.place) AS waits
      FROM (SELECT DISTINCT supplier_id, day FROM tried) AS each
     CROSS JOIN generate_series(0, 100) AS places(place)
      LEFT JOIN waited
        ON waited.supplier_id = each.supplier_id
       AND waited.day = each.day
       AND waited.place = places.place
     GROUP BY each.supplier_id, each.day
), doubted AS (
    SELECT supplier.id AS supplier_id, (p.at AT TIME ZONE :timezone::text)::date AS day,
           count(*) AS times
      FROM supplier
     CROSS JOIN bounds
      JOIN purchases.placings AS p
        ON p.tenant_id = :tenant_id::bigint
       AND p.supplier_id = supplier.id
       AND p.at >= bounds.tried_since
       AND p.outcome = 'unclear'
     GROUP BY supplier.id, day
), sent AS (
    SELECT supplier.id AS supplier_id, (l.received_at AT TIME ZONE :timezone::text)::date AS day,
           sum(l.available + l.reserved + l.allocated + l.revealed + l.redeemed + l.quarantined
               + l.void + l.returned) AS received,
           sum(l.quarantined + l.void + l.returned) AS invalid
      FROM supplier
     CROSS JOIN bounds
     CROSS JOIN LATERAL (
           SELECT *
             FROM stock.lots
            WHERE tenant_id = :tenant_id::bigint
              AND supplier_id = supplier.id
              AND received_at >= bounds.goods_since
              AND origin_lot_id IS NULL
              AND NOT sold_elsewhere
           ) AS l
     GROUP BY supplier.id, day
), priced AS (
    SELECT supplier_id, day, count(*) FILTER (WHERE moved) AS changes
      FROM (
           SELECT o.supplier_id, (p.at AT TIME ZONE :timezone::text)::date AS day,
                  p.unit_cost_e4 IS DISTINCT FROM lag(p.unit_cost_e4, 1, p.unit_cost_e4)
                      OVER (PARTITION BY o.id ORDER BY p.at) AS moved
             FROM suppliers.offers AS o
            CROSS JOIN bounds
             JOIN suppliers.prices AS p
               ON p.tenant_id = :tenant_id::bigint
              AND p.offer_id = o.id
              AND p.at >= bounds.goods_since
              AND p.held_because IS NULL
            WHERE o.tenant_id = :tenant_id::bigint
              AND o.sku_id IS NOT NULL
           ) AS told
     GROUP BY supplier_id, day
), known AS (
    SELECT supplier_id, day FROM attempted
     UNION SELECT supplier_id, day FROM sent
     UNION SELECT supplier_id, day FROM priced WHERE changes > 0
     UNION SELECT supplier_id, day FROM doubted
)
INSERT INTO purchases.quality_days AS kept (
    tenant_id, supplier_id, day, attempts, succeeded, unclear, received, invalid, price_changes,
    waits
)
SELECT :tenant_id::bigint, known.supplier_id, known.day, coalesce(attempted.attempts, 0),
       coalesce(attempted.succeeded, 0),
       greatest(coalesce(doubted.times, 0), coalesce(attempted.in_doubt, 0)),
       coalesce(sent.received, 0) + coalesce(attempted.turned_away, 0),
       coalesce(sent.invalid, 0) + coalesce(attempted.turned_away, 0),
       coalesce(priced.changes, 0), coalesce(waits.waits, '{}')
  FROM known
  LEFT JOIN attempted USING (supplier_id, day)
  LEFT JOIN waits USING (supplier_id, day)
  LEFT JOIN doubted USING (supplier_id, day)
  LEFT JOIN sent USING (supplier_id, day)
  LEFT JOIN priced USING (supplier_id, day)
 WHERE known.day >= :first_on::date
 ORDER BY known.supplier_id, known.day
    ON CONFLICT (tenant_id, supplier_id, day)
    DO UPDATE SET attempts = excluded.attempts,
                  succeeded = excluded.succeeded,
                  unclear = greatest(kept.unclear, excluded.unclear),
                  received = excluded.received,
                  invalid = excluded.invalid,
                  price_changes = excluded.price_changes,
                  waits = excluded.waits
