-- Orders are found by the end of their number: see core/prefixes.py. And whose an order is that no
-- platform told us of: masked.
ALTER TABLE orders.orders ADD COLUMN number_end INTEGER GENERATED ALWAYS AS (hashtext("right"(external_id, 4))) STORED;
CREATE INDEX orders_by_numbers_end ON orders.orders (tenant_id, number_end) WHERE number_end IS NOT NULL;

CREATE TABLE orders.buyers (
    tenant_id BIGINT NOT NULL,
    order_id UUID NOT NULL,
    buyer TEXT NOT NULL,
    buyer_tail TEXT GENERATED ALWAYS AS (right(buyer, 4)) STORED NOT NULL,
    CONSTRAINT buyers_key PRIMARY KEY (tenant_id, order_id),
    CONSTRAINT buyer_knows_its_order FOREIGN KEY(tenant_id, order_id) REFERENCES orders.orders (tenant_id, id),
    CONSTRAINT buyer_is_somebody CHECK (buyer <> '')
);
CREATE INDEX buyers_by_name ON orders.buyers (tenant_id, buyer);
CREATE INDEX buyers_by_tail ON orders.buyers (tenant_id, buyer_tail);

-- Of platforms' orders those that aren't ours yet: the others are found as ours.
ALTER TABLE channels.shop_orders ADD COLUMN number_end INTEGER GENERATED ALWAYS AS (hashtext("right"(number, 4))) STORED;
CREATE INDEX shop_orders_by_numbers_end ON channels.shop_orders (tenant_id, number_end) WHERE order_id IS NULL AND number_end IS NOT NULL;
