-- Lines whose top-ups no supplier was asked for yet, the oldest first. Takes no lock.
SELECT subject_id
  FROM purchases.purchases
 WHERE tenant_id = :tenant::bigint
   AND cause = 'topup'
   AND state IN ('asked', 'draft', 'held', 'wanted')
   AND subject_id IS NOT NULL
 ORDER BY id
 LIMIT :most::integer
