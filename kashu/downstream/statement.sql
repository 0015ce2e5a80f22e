-- What happened to an agent's wallet within a span of time, oldest first, with the order it is about.
-- Takes no lock. Walks the transfers by time: no index by account, which every sale would pay for.
SELECT t.id, t.posted_at, t.posted_on, t.reason, "order".external_id AS order_number,
       sku.code AS sku, t.quantity,
       CASE WHEN t.credit_account_id = :account::uuid THEN t.amount_e4 ELSE -t.amount_e4 END
           AS amount_e4
  FROM ledger.transfers AS t
  LEFT JOIN orders.lines AS line
    ON line.tenant_id = :tenant::bigint AND line.id = t.subject_id
  LEFT JOIN orders.orders AS "order"
    ON "order".tenant_id = :tenant::bigint AND "order".id = line.order_id
  LEFT JOIN catalog.skus AS sku
    ON sku.tenant_id = :tenant::bigint AND sku.id = t.sku_id
 WHERE t.tenant_id = :tenant::bigint
   AND :account::uuid IN (t.debit_account_id, t.credit_account_id)
   AND (t.posted_at, t.id) > (:after_at::timestamptz, :after_id::uuid)
   AND t.posted_at >= :after_at::timestamptz
   AND t.posted_at < :until::timestamptz
 ORDER BY t.posted_at, t.id
 LIMIT :limit::integer
