-- Our accounts at suppliers, what they ask, on what terms. What each table is for: suppliers/tables.py.
ALTER TABLE suppliers.suppliers
    ADD COLUMN settlement TEXT DEFAULT 'prepaid' NOT NULL,
    ADD COLUMN settle_days INTEGER DEFAULT '0' NOT NULL,
    ADD COLUMN fee_e4 BIGINT DEFAULT '0' NOT NULL,
    ADD COLUMN fee_ppm INTEGER DEFAULT '0' NOT NULL,
    ADD COLUMN rebate_ppm INTEGER DEFAULT '0' NOT NULL,
    ADD COLUMN exposure_max_e4 BIGINT,
    ADD COLUMN balance_low_e4 BIGINT,
    ADD COLUMN frozen_because TEXT;
ALTER TABLE suppliers.suppliers
    ADD CONSTRAINT supplier_terms_are_sane CHECK (fee_e4 >= 0 AND fee_ppm BETWEEN 0 AND 1000000 AND rebate_ppm BETWEEN 0 AND 1000000 AND settle_days BETWEEN 0 AND 365),
    ADD CONSTRAINT supplier_settlement_is_known CHECK (settlement IN ('prepaid', 'payable'));

CREATE TABLE suppliers.connections (
    tenant_id BIGINT NOT NULL,
    supplier_id UUID NOT NULL,
    protocol TEXT NOT NULL,
    account TEXT NOT NULL,
    sealed_secret BYTEA NOT NULL,
    base_url TEXT DEFAULT '' NOT NULL,
    options JSONB DEFAULT '{}' NOT NULL,
    sealed_options BYTEA,
    notice_token TEXT NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    prices_every_s INTEGER DEFAULT '60' NOT NULL,
    prices_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    prices_ok_at TIMESTAMP WITH TIME ZONE,
    prices_failures INTEGER DEFAULT '0' NOT NULL,
    prices_said TEXT DEFAULT '' NOT NULL,
    balance_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    broken_until TIMESTAMP WITH TIME ZONE,
    breaks INTEGER DEFAULT '0' NOT NULL,
    broken_because TEXT DEFAULT '' NOT NULL,
    CONSTRAINT connections_key PRIMARY KEY (tenant_id, supplier_id),
    CONSTRAINT connection_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id),
    CONSTRAINT supplier_connection_state_is_known CHECK (state IN ('open', 'stopped', 'locked_out')),
    CONSTRAINT prices_are_asked_in_time CHECK (prices_every_s BETWEEN 5 AND 86400)
);
CREATE UNIQUE INDEX notice_token_is_unique ON suppliers.connections (tenant_id, notice_token);

CREATE TABLE suppliers.offers (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    ref TEXT NOT NULL,
    title TEXT NOT NULL,
    goods TEXT NOT NULL,
    sku_id UUID,
    units INTEGER DEFAULT '1' NOT NULL,
    unit_cost_e4 BIGINT,
    currency TEXT DEFAULT 'CNY' NOT NULL,
    stock INTEGER,
    in_stock BOOLEAN DEFAULT 'true' NOT NULL,
    on_sale BOOLEAN DEFAULT 'true' NOT NULL,
    face_value_e4 BIGINT,
    least INTEGER DEFAULT '1' NOT NULL,
    most INTEGER,
    inputs JSONB,
    state TEXT DEFAULT 'live' NOT NULL,
    held_because TEXT,
    held_cost_e4 BIGINT,
    told TEXT DEFAULT 'polled' NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT offers_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT offer_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id),
    CONSTRAINT offer_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT offer_goods_are_known CHECK (goods IN ('card', 'topup', 'link')),
    CONSTRAINT offer_state_is_known CHECK (state IN ('live', 'held', 'gone')),
    CONSTRAINT offer_source_is_known CHECK (told IN ('polled', 'pushed', 'read', 'file', 'hand')),
    CONSTRAINT offer_units_are_sane CHECK (units BETWEEN 1 AND 100000),
    CONSTRAINT offer_cost_is_positive CHECK (unit_cost_e4 > 0),
    CONSTRAINT held_offer_has_a_reason CHECK ((state = 'held') = (held_because IS NOT NULL))
)
 WITH (fillfactor = 80);
CREATE UNIQUE INDEX offer_is_known_once ON suppliers.offers (tenant_id, supplier_id, ref);
CREATE INDEX offers_of_a_sku ON suppliers.offers (tenant_id, sku_id) WHERE sku_id IS NOT NULL;

CREATE TABLE suppliers.prices (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    offer_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    unit_cost_e4 BIGINT,
    stock INTEGER,
    in_stock BOOLEAN NOT NULL,
    on_sale BOOLEAN NOT NULL,
    told TEXT NOT NULL,
    held_because TEXT,
    CONSTRAINT prices_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT price_knows_its_offer FOREIGN KEY(tenant_id, offer_id) REFERENCES suppliers.offers (tenant_id, id)
);
CREATE INDEX prices_of_an_offer ON suppliers.prices (tenant_id, offer_id, at);

CREATE TABLE suppliers.quality (
    tenant_id BIGINT NOT NULL,
    supplier_id UUID NOT NULL,
    attempts INTEGER NOT NULL,
    success_ppm INTEGER NOT NULL,
    p95_ms INTEGER,
    invalid_ppm INTEGER NOT NULL,
    price_changes INTEGER NOT NULL,
    unclear INTEGER NOT NULL,
    reckoned_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT quality_key PRIMARY KEY (tenant_id, supplier_id),
    CONSTRAINT quality_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id)
);
