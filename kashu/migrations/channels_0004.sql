-- Stores' links to their platforms, and what they tell. What each table is for: channels/tables.py.
CREATE TABLE channels.connections (
    tenant_id BIGINT NOT NULL,
    store_id UUID NOT NULL,
    channel TEXT NOT NULL,
    app_key TEXT NOT NULL,
    sealed_app_secret BYTEA NOT NULL,
    base_url TEXT DEFAULT '' NOT NULL,
    options JSONB DEFAULT '{}' NOT NULL,
    grant_state TEXT DEFAULT 'wanted' NOT NULL,
    shop_id TEXT,
    shop_name TEXT,
    sealed_access BYTEA,
    sealed_refresh BYTEA,
    expires_at TIMESTAMP WITH TIME ZONE,
    refreshable_until TIMESTAMP WITH TIME ZONE,
    mode TEXT DEFAULT 'stopped' NOT NULL,
    orders_until TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    refunds_until TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    failures INTEGER DEFAULT '0' NOT NULL,
    said TEXT DEFAULT '' NOT NULL,
    ok_at TIMESTAMP WITH TIME ZONE,
    share_percent INTEGER DEFAULT '100' NOT NULL,
    buffer INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT connections_key PRIMARY KEY (tenant_id, store_id),
    CONSTRAINT connection_knows_its_store FOREIGN KEY(tenant_id, store_id) REFERENCES channels.stores (tenant_id, id),
    CONSTRAINT grant_state_is_known CHECK (grant_state IN ('wanted', 'granted', 'lost')),
    CONSTRAINT mode_is_known CHECK (mode IN ('stopped', 'automatic')),
    CONSTRAINT granted_connection_has_a_token CHECK (grant_state <> 'granted' OR (sealed_access IS NOT NULL AND shop_id IS NOT NULL)),
    CONSTRAINT published_share_is_sane CHECK (share_percent BETWEEN 0 AND 100 AND buffer >= 0)
);
CREATE UNIQUE INDEX shop_is_connected_once ON channels.connections (tenant_id, channel, shop_id) WHERE shop_id IS NOT NULL;

CREATE TABLE channels.listings (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    store_id UUID NOT NULL,
    item_id TEXT NOT NULL,
    variant_id TEXT NOT NULL,
    title TEXT DEFAULT '' NOT NULL,
    properties TEXT DEFAULT '' NOT NULL,
    merchant_code TEXT DEFAULT '' NOT NULL,
    price_e4 BIGINT,
    on_sale BOOLEAN DEFAULT 'true' NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    sku_id UUID,
    units INTEGER DEFAULT '1' NOT NULL,
    sends_card BOOLEAN DEFAULT 'true' NOT NULL,
    confirms BOOLEAN DEFAULT 'true' NOT NULL,
    publishes BOOLEAN DEFAULT 'true' NOT NULL,
    published INTEGER,
    published_at TIMESTAMP WITH TIME ZONE,
    publish_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    publish_said TEXT DEFAULT '' NOT NULL,
    CONSTRAINT listings_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT listing_knows_its_store FOREIGN KEY(tenant_id, store_id) REFERENCES channels.stores (tenant_id, id),
    CONSTRAINT listing_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT listing_is_of_a_sane_size CHECK (units BETWEEN 1 AND 1000)
);
CREATE UNIQUE INDEX listing_is_known_once ON channels.listings (tenant_id, store_id, item_id, variant_id);
CREATE INDEX listings_of_a_sku ON channels.listings (tenant_id, sku_id) WHERE sku_id IS NOT NULL;

CREATE TABLE channels.shop_orders (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    store_id UUID NOT NULL,
    number TEXT NOT NULL,
    step TEXT DEFAULT 'seen' NOT NULL,
    shop_state TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    paid_at TIMESTAMP WITH TIME ZONE,
    ship_by TIMESTAMP WITH TIME ZONE,
    paid_e4 BIGINT NOT NULL,
    buyer TEXT DEFAULT '' NOT NULL,
    lines JSONB NOT NULL,
    complete BOOLEAN NOT NULL,
    order_id UUID,
    first_seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    doubt BOOLEAN DEFAULT 'false' NOT NULL,
    said TEXT DEFAULT '' NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT shop_orders_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT shop_order_knows_its_store FOREIGN KEY(tenant_id, store_id) REFERENCES channels.stores (tenant_id, id),
    CONSTRAINT step_is_known CHECK (step IN ('seen', 'due', 'unmapped', 'held', 'taken', 'sent', 'confirmed', 'ended', 'trouble')),
    CONSTRAINT taken_shop_order_is_one_of_ours CHECK (step NOT IN ('taken', 'sent', 'confirmed') OR order_id IS NOT NULL)
)
 WITH (fillfactor = 80);
CREATE UNIQUE INDEX shop_order_is_known_once ON channels.shop_orders (tenant_id, store_id, number);
CREATE INDEX shop_orders_by_time ON channels.shop_orders (tenant_id, first_seen_at);
CREATE INDEX shop_orders_incomplete ON channels.shop_orders (tenant_id, next_at) WHERE NOT complete;
CREATE INDEX shop_orders_to_do ON channels.shop_orders (tenant_id, step, next_at) WHERE step IN ('due', 'unmapped', 'held', 'taken', 'sent', 'trouble');

CREATE TABLE channels.shop_refunds (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    store_id UUID NOT NULL,
    number TEXT NOT NULL,
    order_number TEXT NOT NULL,
    line TEXT NOT NULL,
    step TEXT DEFAULT 'seen' NOT NULL,
    shop_state TEXT NOT NULL,
    amount_e4 BIGINT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    said TEXT DEFAULT '' NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT shop_refunds_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT shop_refund_knows_its_store FOREIGN KEY(tenant_id, store_id) REFERENCES channels.stores (tenant_id, id),
    CONSTRAINT refund_step_is_known CHECK (step IN ('seen', 'due', 'settled', 'trouble'))
);
CREATE UNIQUE INDEX shop_refund_is_known_once ON channels.shop_refunds (tenant_id, store_id, number);
CREATE INDEX shop_refunds_of_an_order ON channels.shop_refunds (tenant_id, store_id, order_number);
CREATE INDEX shop_refunds_to_do ON channels.shop_refunds (tenant_id, next_at) WHERE step = 'due';
