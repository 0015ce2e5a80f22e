-- The orders of some purchases that came to nothing, or brought what is no good or too little, by
-- purchase and supplier: how many, the last, and when. No lock.
SELECT DISTINCT ON (purchase_id, supplier_id)
       purchase_id,
       supplier_id,
       said,
       coalesce(ended_at, made_at) AS at,
       (count(*) OVER (PARTITION BY purchase_id, supplier_id))::integer AS times
  FROM purchases.attempts
 WHERE tenant_id = :tenant::bigint
   AND purchase_id = ANY (:purchases::uuid[])
   AND (state IN ('refused', 'failed', 'refunded')
        OR (state = 'succeeded' AND received_count < quantity * units))
 ORDER BY purchase_id, supplier_id, coalesce(ended_at, made_at) DESC
