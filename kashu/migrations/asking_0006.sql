-- What is kept of an order so that its platform can be answered later. See channels/tables.py.
ALTER TABLE channels.shop_orders
    ADD COLUMN ticket JSONB,
    ADD COLUMN failed TEXT,
    ADD COLUMN sealed_account BYTEA,
    ADD COLUMN sealed_token BYTEA;

-- A top-up that a person does is none of our orders.
ALTER TABLE channels.shop_orders DROP CONSTRAINT taken_shop_order_is_one_of_ours;
ALTER TABLE channels.shop_orders ADD CONSTRAINT taken_shop_order_is_one_of_ours
    CHECK (step NOT IN ('taken', 'sent', 'confirmed') OR order_id IS NOT NULL OR ticket IS NOT NULL);
ALTER TABLE channels.shop_orders ADD CONSTRAINT failed_shop_order_was_asked_for
    CHECK (failed IS NULL OR ticket IS NOT NULL);

CREATE INDEX shop_orders_with_accounts ON channels.shop_orders (tenant_id, first_seen_at)
    WHERE sealed_account IS NOT NULL;
