-- Say what some offers stand for. Locks: those offers, which whoever calls this holds already.
WITH wanted AS (
    SELECT *
      FROM unnest(:ids::uuid[], :skus::uuid[], :units::int[]) AS wanted (id, sku_id, units)
)
UPDATE suppliers.offers AS offer
   SET sku_id = wanted.sku_id,
       units = wanted.units,
       checked_title = offer.title,
       checked_face_e4 = offer.face_value_e4
  FROM wanted
 WHERE offer.tenant_id = :tenant::bigint
   AND offer.id = wanted.id
