-- The schema of catalog, as of version 0.1. What each table is for: catalog/tables.py.
CREATE SCHEMA IF NOT EXISTS catalog;

CREATE TABLE catalog.brands (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    colour TEXT DEFAULT '#0E7C66' NOT NULL,
    initial TEXT DEFAULT '' NOT NULL,
    CONSTRAINT brands_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT brand_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
);
CREATE UNIQUE INDEX brand_code_is_unique ON catalog.brands (tenant_id, code);

CREATE TABLE catalog.products (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    brand_id UUID NOT NULL,
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    CONSTRAINT products_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT product_knows_its_brand FOREIGN KEY(tenant_id, brand_id) REFERENCES catalog.brands (tenant_id, id)
);
CREATE UNIQUE INDEX product_code_is_unique ON catalog.products (tenant_id, code);

CREATE TABLE catalog.skus (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    product_id UUID NOT NULL,
    code TEXT NOT NULL,
    name_zh TEXT NOT NULL,
    name_en TEXT NOT NULL,
    period TEXT NOT NULL,
    days INTEGER NOT NULL,
    terminal TEXT NOT NULL,
    account_type TEXT NOT NULL,
    fulfilment TEXT NOT NULL,
    face_value_e4 BIGINT NOT NULL,
    currency TEXT DEFAULT 'CNY' NOT NULL,
    face_value_verified BOOLEAN DEFAULT 'false' NOT NULL,
    face_value_as_of DATE,
    returnable BOOLEAN NOT NULL,
    partial_allowed BOOLEAN DEFAULT 'false' NOT NULL,
    shortage_policy TEXT DEFAULT 'wait' NOT NULL,
    card_pattern TEXT,
    card_lengths INTEGER[] DEFAULT '{}' NOT NULL,
    card_luhn BOOLEAN DEFAULT 'false' NOT NULL,
    card_password TEXT,
    card_password_optional BOOLEAN DEFAULT 'false' NOT NULL,
    steps_zh TEXT[] DEFAULT '{}' NOT NULL,
    steps_en TEXT[] DEFAULT '{}' NOT NULL,
    devices_zh TEXT DEFAULT '' NOT NULL,
    devices_en TEXT DEFAULT '' NOT NULL,
    redemption_url TEXT,
    validity_zh TEXT DEFAULT '' NOT NULL,
    validity_en TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT 'active' NOT NULL,
    CONSTRAINT skus_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT sku_knows_its_product FOREIGN KEY(tenant_id, product_id) REFERENCES catalog.products (tenant_id, id),
    CONSTRAINT sku_period_is_known CHECK (period IN ('week', 'month', 'quarter', 'year', 'other')),
    CONSTRAINT sku_fulfilment_is_known CHECK (fulfilment IN ('card', 'topup', 'link', 'shared', 'own', 'physical', 'bundle')),
    CONSTRAINT sku_shortage_policy_is_known CHECK (shortage_policy IN ('wait', 'refuse', 'buy', 'substitute')),
    CONSTRAINT sku_state_is_known CHECK (state IN ('active', 'retired')),
    CONSTRAINT sku_lasts_some_days CHECK (days > 0),
    CONSTRAINT sku_face_value_is_not_negative CHECK (face_value_e4 >= 0)
);
CREATE UNIQUE INDEX sku_code_is_unique ON catalog.skus (tenant_id, code);
