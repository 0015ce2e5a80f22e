-- Some suppliers on a line each: whether they can be bought from, how they did, what is mapped of
-- theirs, and the first of their papers that expires. No lock.
SELECT supplier.id,
       supplier.code,
       supplier.name,
       supplier.tier,
       supplier.added_at,
       supplier.settlement,
       supplier.frozen_because,
       link.protocol,
       link.state AS link_state,
       link.prices_ok_at,
       coalesce(link.prices_failures, 0) AS prices_failures,
       coalesce(link.prices_said, '') AS prices_said,
       coalesce(link.breaks, 0) AS breaks,
       link.broken_until,
       coalesce(link.broken_because, '') AS broken_because,
       quality.attempts,
       quality.success_ppm,
       quality.p95_ms,
       quality.invalid_ppm,
       quality.price_changes,
       coalesce(counted.mapped, 0) AS mapped,
       coalesce(counted.unmapped, 0) AS unmapped,
       coalesce(counted.held, 0) AS held,
       coalesce(due.count, 0) AS papers_due,
       due.expires_on AS paper_expires_on,
       supplier.currency
  FROM suppliers.suppliers AS supplier
  LEFT JOIN suppliers.connections AS link
    ON link.tenant_id = :tenant::bigint
   AND link.supplier_id = supplier.id
  LEFT JOIN suppliers.quality AS quality
    ON quality.tenant_id = :tenant::bigint
   AND quality.supplier_id = supplier.id
  LEFT JOIN (
        SELECT offer.supplier_id,
               count(*) FILTER (WHERE offer.sku_id IS NOT NULL) AS mapped,
               count(*) FILTER (WHERE offer.sku_id IS NULL) AS unmapped,
               count(*) FILTER (WHERE offer.state = 'held') AS held
          FROM suppliers.offers AS offer
         WHERE offer.tenant_id = :tenant::bigint
           AND offer.supplier_id = ANY (:suppliers::uuid[])
           AND offer.state <> 'gone'
         GROUP BY offer.supplier_id
       ) AS counted
    ON counted.supplier_id = supplier.id
  LEFT JOIN (
        SELECT paper.supplier_id,
               count(*) AS count,
               min(paper.expires_on) AS expires_on
          FROM suppliers.papers AS paper
         WHERE paper.tenant_id = :tenant::bigint
           AND paper.supplier_id = ANY (:suppliers::uuid[])
           AND paper.removed_at IS NULL
           AND paper.expires_on <= :due_by::date
           AND NOT EXISTS (  -- a newer one of the same kind and name that lasts longer replaces it
               SELECT 1
                 FROM suppliers.papers AS newer
                WHERE newer.tenant_id = :tenant::bigint
                  AND newer.supplier_id = paper.supplier_id
                  AND newer.kind = paper.kind
                  AND newer.name = paper.name
                  AND newer.removed_at IS NULL
                  AND newer.id > paper.id
                  AND (newer.expires_on IS NULL OR newer.expires_on > paper.expires_on)
           )
         GROUP BY paper.supplier_id
       ) AS due
    ON due.supplier_id = supplier.id
 WHERE supplier.tenant_id = :tenant::bigint
   AND supplier.id = ANY (:suppliers::uuid[])
 ORDER BY supplier.code
