-- Write a refund unless it is there: no row back means it was told before. Under its order's lock.
INSERT INTO orders.refunds
       (tenant_id, id, order_id, source, external_id, state, wanted, actor)
VALUES (:tenant::bigint, :id::uuid, :order_id::uuid, :source::text, :external_id::text,
        :state::text, :wanted::jsonb, :actor::text)
    ON CONFLICT (tenant_id, source, external_id) DO NOTHING
RETURNING id
