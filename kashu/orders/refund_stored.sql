-- A refund as it was told and what it did.
SELECT id AS refund_id, order_id, state, amount_e4, effect, wanted
  FROM orders.refunds
 WHERE tenant_id = :tenant::bigint
   AND source = :source::text
   AND external_id = :external_id::text
