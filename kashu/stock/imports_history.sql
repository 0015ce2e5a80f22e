-- What is usual for a SKU (the middle of its last ten), and when the same file came in before.
-- Takes no lock.
SELECT (
         SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY unit_cost_e4)
           FROM (SELECT unit_cost_e4
                   FROM stock.lots
                  WHERE tenant_id = :tenant::bigint
                    AND sku_id = :sku::uuid
                    AND origin_lot_id IS NULL
                    AND NOT sold_elsewhere
                  ORDER BY received_at DESC
                  LIMIT 10) AS lately
       ) AS usual_cost_e4,
       (
         SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY accepted_count)
           FROM (SELECT accepted_count
                   FROM stock.imports
                  WHERE tenant_id = :tenant::bigint
                    AND sku_id = :sku::uuid
                    AND state = 'done'
                    AND accepted_count > 0
                  ORDER BY started_at DESC
                  LIMIT 10) AS lately
       ) AS usual_count,
       (
         SELECT max(ended_at)
           FROM stock.imports
          WHERE tenant_id = :tenant::bigint
            AND sku_id = :sku::uuid
            AND file_sha256 = :sha256::bytea
            AND state = 'done'
       ) AS imported_at
