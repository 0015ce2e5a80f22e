-- A number from its end on: what ends so begins so. No index on reverse() would serve, since
-- row-level security lets no function see rows before it has. And whose an order is that no platform
-- told us of, by how that begins or its last four: masked.
ALTER TABLE orders.orders ADD COLUMN buyer TEXT DEFAULT '' NOT NULL;
ALTER TABLE orders.orders  -- together: its rows are written anew once
    ADD COLUMN number_reversed TEXT GENERATED ALWAYS AS (reverse(external_id)) STORED NOT NULL,
    ADD COLUMN buyer_tail TEXT GENERATED ALWAYS AS (right(buyer, 4)) STORED NOT NULL;
CREATE INDEX orders_by_numbers_end ON orders.orders (tenant_id, number_reversed);
CREATE INDEX orders_by_buyer ON orders.orders (tenant_id, buyer) WHERE buyer <> '';
CREATE INDEX orders_by_buyers_tail ON orders.orders (tenant_id, buyer_tail) WHERE buyer <> '';

-- Of platforms' orders those that aren't ours yet: the others are found as ours.
ALTER TABLE channels.shop_orders ADD COLUMN number_reversed TEXT GENERATED ALWAYS AS (reverse(number)) STORED NOT NULL;
CREATE INDEX shop_orders_by_numbers_end ON channels.shop_orders (tenant_id, number_reversed) WHERE order_id IS NULL;
