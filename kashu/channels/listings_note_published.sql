-- Note what platforms show as stock of some listings; NULL: we can't know.
-- Locks the listings, in order of id, as everybody does who locks several.
WITH held AS (
    SELECT id
      FROM channels.listings
     WHERE tenant_id = :tenant::bigint AND id = ANY (:ids::uuid[])
     ORDER BY id
       FOR UPDATE
)
UPDATE channels.listings AS known
   SET published = told.quantity,
       published_at = now(),
       publish_at = :next_at::timestamptz,
       publish_said = :said::text
  FROM held
  JOIN unnest(:ids::uuid[], :quantities::integer[]) AS told(id, quantity)
    ON told.id = held.id
 WHERE known.tenant_id = :tenant::bigint AND known.id = held.id
RETURNING known.id
