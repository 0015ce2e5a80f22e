-- Note what refunds of an order did, and whether it is cancelled. Under the order's lock.
WITH told AS (
    UPDATE orders.refunds
       SET state = 'settled', amount_e4 = did.amount_e4, effect = did.effect
      FROM unnest(:ids::uuid[], :amounts::bigint[], :effects::jsonb[])
           AS did(id, amount_e4, effect)
     WHERE refunds.tenant_id = :tenant::bigint
       AND refunds.id = did.id
)
UPDATE orders.orders
   SET cancelled = cancelled OR :cancelled::boolean
 WHERE tenant_id = :tenant::bigint
   AND id = :order_id::uuid
RETURNING id
