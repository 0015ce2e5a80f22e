-- Stores are tried beside the old way. What each table is for: the tables.py of its module.
ALTER TABLE channels.connections DROP CONSTRAINT mode_is_known;
ALTER TABLE channels.connections
    ADD CONSTRAINT mode_is_known CHECK (mode IN ('stopped', 'shadow', 'assisted', 'automatic')),
    ADD COLUMN shadow_from TIMESTAMP WITH TIME ZONE,
    ADD COLUMN acts_from TIMESTAMP WITH TIME ZONE;

ALTER TABLE channels.listings
    ADD COLUMN mode TEXT,
    ADD COLUMN acts_from TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT listing_mode_is_known CHECK (mode IN ('stopped', 'shadow', 'assisted', 'automatic'));

ALTER TABLE channels.shop_orders DROP CONSTRAINT step_is_known;
ALTER TABLE channels.shop_orders
    ADD CONSTRAINT step_is_known CHECK (step IN ('seen', 'due', 'unmapped', 'held', 'shadowed', 'taken', 'sent', 'confirmed', 'ended', 'trouble')),
    ADD COLUMN released_at TIMESTAMP WITH TIME ZONE;

ALTER TABLE stock.lots
    ADD COLUMN sold_elsewhere BOOLEAN DEFAULT 'false' NOT NULL,
    ADD CONSTRAINT sold_elsewhere_is_gone CHECK (NOT sold_elsewhere OR (available = 0 AND unit_cost_e4 = 0));

CREATE TABLE orders.decisions (
    tenant_id BIGINT NOT NULL,
    shop_order_id UUID NOT NULL,
    store_id UUID NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    said TEXT NOT NULL,
    lines JSONB NOT NULL,
    CONSTRAINT decisions_key PRIMARY KEY (tenant_id, shop_order_id),
    CONSTRAINT decision_knows_its_shop_order FOREIGN KEY(tenant_id, shop_order_id) REFERENCES channels.shop_orders (tenant_id, id)
);

CREATE SCHEMA pilot;

CREATE TABLE pilot.comparisons (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    store_id UUID NOT NULL,
    day DATE NOT NULL,
    compared_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor TEXT NOT NULL,
    same INTEGER NOT NULL,
    missed INTEGER NOT NULL,
    extra INTEGER NOT NULL,
    different INTEGER NOT NULL,
    unexplained INTEGER NOT NULL,
    CONSTRAINT comparisons_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT comparison_knows_its_store FOREIGN KEY(tenant_id, store_id) REFERENCES channels.stores (tenant_id, id)
);
CREATE INDEX comparisons_of_a_store ON pilot.comparisons (tenant_id, store_id, day, compared_at);

CREATE TABLE pilot.openings (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    posted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    posted_on DATE NOT NULL,
    actor TEXT NOT NULL,
    digest TEXT NOT NULL,
    balances JSONB NOT NULL,
    CONSTRAINT openings_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT opening_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
);
CREATE UNIQUE INDEX opening_is_posted_once ON pilot.openings (tenant_id, name);
