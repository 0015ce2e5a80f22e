-- From whom some SKUs were bought of late: of the last orders of each that weren't refused, the
-- newest purchase first, the supplier's place among :suppliers. No lock.
SELECT sku.id AS sku_id,
       ARRAY(
           SELECT array_position(:suppliers::uuid[], attempt.supplier_id)
             FROM (
                  SELECT id, created_at
                    FROM purchases.purchases
                   WHERE tenant_id = :tenant::bigint
                     AND sku_id = sku.id
                   ORDER BY created_at DESC
                   LIMIT 5 * :most::integer
                  ) AS purchase
            CROSS JOIN LATERAL (  -- so that the walk ends with the last that is wanted
                  SELECT supplier_id
                    FROM purchases.attempts
                   WHERE tenant_id = :tenant::bigint
                     AND purchase_id = purchase.id
                     AND supplier_id = ANY (:suppliers::uuid[])
                     AND state NOT IN ('refused', 'failed')
                   ORDER BY made_at DESC, id DESC
                  ) AS attempt
            ORDER BY purchase.created_at DESC
            LIMIT :most::integer
       ) AS places
  FROM unnest(:skus::uuid[]) AS sku(id)
