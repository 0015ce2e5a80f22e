-- Mark those of a supplier's offers that its whole list doesn't have; what we learnt elsewhere stays.
-- Locks: the offers, in the order of their refs.
WITH missing AS (
    SELECT offer.id
      FROM suppliers.offers AS offer
     WHERE offer.tenant_id = :tenant::bigint
       AND offer.supplier_id = :supplier::uuid
       AND offer.state <> 'gone'
       AND offer.told IN ('polled', 'pushed', 'read')
       AND offer.seen_at < :began::timestamptz  -- one that was told of meanwhile is newer
       AND NOT EXISTS (
               SELECT
                 FROM unnest(:refs::text[]) AS listed (ref)
                WHERE listed.ref = offer.ref
           )
     ORDER BY offer.ref
       FOR UPDATE
),
gone AS (
    UPDATE suppliers.offers AS offer
       SET state = 'gone',
           held_because = NULL,
           held_cost_e4 = NULL,
           changed_at = :began::timestamptz
      FROM missing
     WHERE offer.tenant_id = :tenant::bigint
       AND offer.id = missing.id
    RETURNING offer.id, offer.sku_id, offer.ref, offer.unit_cost_e4, offer.told
),
remembered AS (
    INSERT INTO suppliers.prices (
        tenant_id, id, offer_id, at, unit_cost_e4, stock, in_stock, on_sale, told
    )
    SELECT :tenant::bigint, gen_random_uuid(), gone.id, :began::timestamptz, gone.unit_cost_e4,
           0, false, false, gone.told
      FROM gone
)
SELECT id, sku_id, ref
  FROM gone
 ORDER BY ref
