-- How often each supplier was taken among the last orders of a SKU that weren't refused. No lock.
SELECT supplier_id, count(*)::integer AS times
  FROM (
       SELECT attempt.supplier_id
         FROM (
              SELECT id
                FROM purchases.purchases
               WHERE tenant_id = :tenant::bigint
                 AND sku_id = :sku::uuid
               ORDER BY created_at DESC
               LIMIT 5 * :most::integer
              ) AS purchase
         JOIN purchases.attempts AS attempt
           ON attempt.tenant_id = :tenant::bigint
          AND attempt.purchase_id = purchase.id
        WHERE attempt.supplier_id = ANY (:suppliers::uuid[])
          AND attempt.state NOT IN ('refused', 'failed')
        ORDER BY attempt.made_at DESC, attempt.id DESC
        LIMIT :most::integer
       ) AS late
 GROUP BY supplier_id
