-- Which purchase some attempts are of, and what it buys. Takes no lock.
SELECT attempt.id, attempt.purchase_id, purchase.sku_id
  FROM purchases.attempts AS attempt
  JOIN purchases.purchases AS purchase
    ON purchase.tenant_id = :tenant::bigint
   AND purchase.id = attempt.purchase_id
 WHERE attempt.tenant_id = :tenant::bigint
   AND attempt.id = ANY (:ids::uuid[])
