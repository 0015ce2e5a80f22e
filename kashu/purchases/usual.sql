-- What was usual when a SKU was bought of late: how many at once, what one unit cost. No lock.
SELECT (
       SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY quantity)
         FROM (
              SELECT quantity
                FROM purchases.purchases
               WHERE tenant_id = :tenant::bigint
                 AND sku_id = :sku::uuid
                 AND cause IN ('hand', 'reorder')
                 AND state IN ('wanted', 'placed', 'held', 'done', 'part')
               ORDER BY created_at DESC
               LIMIT 20
              ) AS late
       ) AS quantity,
       (
       SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY unit_cost_e4)
         FROM (
              SELECT div(attempt.unit_cost_e4::numeric * attempt.rate_e6
                         + 1000000 * attempt.units - 1, 1000000 * attempt.units)::bigint
                         AS unit_cost_e4
                FROM (
                     SELECT id
                       FROM purchases.purchases
                      WHERE tenant_id = :tenant::bigint
                        AND sku_id = :sku::uuid
                      ORDER BY created_at DESC
                      LIMIT 200
                     ) AS purchase
                JOIN purchases.attempts AS attempt
                  ON attempt.tenant_id = :tenant::bigint
                 AND attempt.purchase_id = purchase.id
               WHERE attempt.state = 'succeeded'
               ORDER BY attempt.made_at DESC
               LIMIT 20
              ) AS paid
       ) AS unit_cost_e4
