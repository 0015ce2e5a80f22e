-- The schema of orders, as of version 0.1. What each table is for: orders/tables.py.
CREATE SCHEMA IF NOT EXISTS orders;

CREATE TABLE orders.requests (
    tenant_id BIGINT NOT NULL,
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash BYTEA NOT NULL,
    answer BYTEA NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT requests_key PRIMARY KEY (tenant_id, caller, key)
);
CREATE INDEX requests_by_age ON orders.requests (tenant_id, at);

CREATE TABLE orders.orders (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    store_id UUID,
    customer_id UUID,
    state TEXT DEFAULT 'accepted' NOT NULL,
    currency TEXT DEFAULT 'CNY' NOT NULL,
    total_e4 BIGINT DEFAULT '0' NOT NULL,
    cancelled BOOLEAN DEFAULT 'false' NOT NULL,
    paid_at TIMESTAMP WITH TIME ZONE,
    accepted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT orders_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT order_knows_its_store FOREIGN KEY(tenant_id, store_id) REFERENCES channels.stores (tenant_id, id),
    CONSTRAINT order_knows_its_customer FOREIGN KEY(tenant_id, customer_id) REFERENCES customers.customers (tenant_id, id),
    CONSTRAINT order_state_is_known CHECK (state IN ('foretold', 'accepted')),
    CONSTRAINT accepted_order_has_a_store CHECK (state = 'foretold' OR store_id IS NOT NULL)
);
CREATE UNIQUE INDEX order_is_accepted_once ON orders.orders (tenant_id, source, external_id);
CREATE INDEX orders_by_time ON orders.orders (tenant_id, accepted_at);

CREATE TABLE orders.refunds (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    state TEXT DEFAULT 'settled' NOT NULL,
    wanted JSONB NOT NULL,
    effect JSONB DEFAULT '{}' NOT NULL,
    amount_e4 BIGINT DEFAULT '0' NOT NULL,
    actor TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT refunds_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT refund_knows_its_order FOREIGN KEY(tenant_id, order_id) REFERENCES orders.orders (tenant_id, id),
    CONSTRAINT refund_state_is_known CHECK (state IN ('foretold', 'settled'))
);
CREATE UNIQUE INDEX refund_has_one_effect ON orders.refunds (tenant_id, source, external_id);
CREATE INDEX refunds_of_an_order ON orders.refunds (tenant_id, order_id);

CREATE TABLE orders.lines (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    order_id UUID NOT NULL,
    number INTEGER NOT NULL,
    sku_id UUID NOT NULL,
    quantity INTEGER NOT NULL,
    price_e4 BIGINT NOT NULL,
    partial_allowed BOOLEAN NOT NULL,
    reservation_id UUID,
    state TEXT DEFAULT 'waiting' NOT NULL,
    delivered_count INTEGER DEFAULT '0' NOT NULL,
    waiting_count INTEGER NOT NULL,
    refused_count INTEGER DEFAULT '0' NOT NULL,
    refunded_count INTEGER DEFAULT '0' NOT NULL,
    unearned_e4 BIGINT NOT NULL,
    earned_e4 BIGINT DEFAULT '0' NOT NULL,
    refunded_e4 BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT lines_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT line_knows_its_order FOREIGN KEY(tenant_id, order_id) REFERENCES orders.orders (tenant_id, id),
    CONSTRAINT line_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT line_state_is_known CHECK (state IN ('waiting', 'short', 'filled')),
    CONSTRAINT line_is_of_a_sane_size CHECK (quantity BETWEEN 1 AND 10000),
    CONSTRAINT line_price_is_not_negative CHECK (price_e4 >= 0),
    CONSTRAINT line_adds_up CHECK (delivered_count + waiting_count + refused_count + refunded_count = quantity AND least(delivered_count, waiting_count, refused_count, refunded_count) >= 0),
    CONSTRAINT filled_line_waits_for_none CHECK ((state = 'filled') = (waiting_count = 0)),
    CONSTRAINT line_money_adds_up CHECK (unearned_e4 + earned_e4 + refunded_e4 = price_e4 AND least(unearned_e4, earned_e4, refunded_e4) >= 0),
    CONSTRAINT line_owes_nothing_when_none_wait CHECK (waiting_count > 0 OR unearned_e4 = 0)
)
 WITH (fillfactor = 80);
CREATE UNIQUE INDEX line_number_is_unique ON orders.lines (tenant_id, order_id, number);
CREATE INDEX lines_short ON orders.lines (tenant_id, sku_id, id) WHERE state = 'short';
