-- A refund's order may not have come yet: then it is foretold, so that both wait at one row.
INSERT INTO orders.orders (tenant_id, id, source, external_id, state)
VALUES (:tenant::bigint, :id::uuid, :source::text, :external_id::text, 'foretold')
    ON CONFLICT (tenant_id, source, external_id) DO NOTHING
RETURNING id
