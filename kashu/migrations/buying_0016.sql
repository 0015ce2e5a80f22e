-- Rules of buying, and four eyes. What each table is for: purchases/tables.py, tables_rules.py.
ALTER TABLE suppliers.connections ADD COLUMN trying_until TIMESTAMP WITH TIME ZONE;

ALTER TABLE purchases.purchases
    ADD COLUMN asked_by TEXT,
    ADD COLUMN amount_e4 BIGINT,
    ADD COLUMN request_key TEXT,
    ADD COLUMN request_hash BYTEA,
    ADD COLUMN overdue_told_at TIMESTAMP WITH TIME ZONE,
    ADD CONSTRAINT purchase_is_approved_by_another CHECK (approved_by <> actor AND approved_by <> asked_by),
    ADD CONSTRAINT purchase_approval_has_a_time CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    ADD CONSTRAINT purchase_request_is_whole CHECK ((request_key IS NULL) = (request_hash IS NULL));
CREATE UNIQUE INDEX purchase_request_is_made_once ON purchases.purchases (tenant_id, actor, request_key) WHERE request_key IS NOT NULL;
CREATE UNIQUE INDEX sku_is_reordered_once ON purchases.purchases (tenant_id, sku_id) WHERE cause = 'reorder' AND state IN ('asked', 'draft', 'held', 'placed', 'wanted');
CREATE INDEX purchases_for_stock ON purchases.purchases (tenant_id, sku_id, created_at) WHERE cause IN ('hand', 'reorder');
CREATE INDEX purchases_open ON purchases.purchases (tenant_id, sku_id) WHERE state IN ('asked', 'draft', 'held', 'placed', 'wanted');
CREATE INDEX purchases_with_a_clock ON purchases.purchases (tenant_id, due_at) WHERE overdue_told_at IS NULL AND state IN ('asked', 'draft', 'held', 'placed', 'wanted');

CREATE TABLE purchases.rules (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    sku_id UUID,
    store_id UUID,
    customer_id UUID,
    unit_cost_max_e4 BIGINT,
    margin_min_ppm INTEGER,
    loss_until_at TIMESTAMP WITH TIME ZONE,
    auto_buy BOOLEAN,
    warehouse_id UUID,
    due_minutes INTEGER,
    quality_min_ppm INTEGER,
    approval_above_e4 BIGINT,
    daily_max_e4 BIGINT,
    reorder TEXT,
    lead_hours INTEGER,
    safety_days INTEGER,
    cover_days INTEGER,
    stock_days_max INTEGER,
    budget_e4 BIGINT,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT rules_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT rule_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id),
    CONSTRAINT rule_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT rule_knows_its_store FOREIGN KEY(tenant_id, store_id) REFERENCES channels.stores (tenant_id, id),
    CONSTRAINT rule_knows_its_customer FOREIGN KEY(tenant_id, customer_id) REFERENCES customers.customers (tenant_id, id),
    CONSTRAINT rule_knows_its_warehouse FOREIGN KEY(tenant_id, warehouse_id) REFERENCES stock.warehouses (tenant_id, id),
    CONSTRAINT rule_reordering_is_known CHECK (reorder IN ('off', 'draft', 'wanted')),
    CONSTRAINT rule_limits_are_sane CHECK (unit_cost_max_e4 > 0 AND margin_min_ppm BETWEEN 0 AND 999999),
    CONSTRAINT loss_has_a_limit CHECK (loss_until_at IS NULL OR unit_cost_max_e4 IS NOT NULL),
    CONSTRAINT rule_numbers_are_sane CHECK (approval_above_e4 >= 0 AND daily_max_e4 >= 0 AND budget_e4 >= 0 AND quality_min_ppm BETWEEN 0 AND 1000000 AND due_minutes BETWEEN 1 AND 43200 AND lead_hours BETWEEN 0 AND 2160 AND safety_days BETWEEN 0 AND 365 AND cover_days BETWEEN 1 AND 365 AND stock_days_max BETWEEN 1 AND 730),
    CONSTRAINT day_has_one_limit CHECK ((sku_id IS NULL AND store_id IS NULL AND customer_id IS NULL) OR daily_max_e4 IS NULL),
    CONSTRAINT reordering_is_of_a_sku CHECK ((store_id IS NULL AND customer_id IS NULL) OR (reorder IS NULL AND lead_hours IS NULL AND safety_days IS NULL AND cover_days IS NULL AND stock_days_max IS NULL AND budget_e4 IS NULL))
);
CREATE UNIQUE INDEX rule_is_made_once ON purchases.rules (tenant_id, sku_id, store_id, customer_id) NULLS NOT DISTINCT;

CREATE TABLE purchases.preferences (
    tenant_id BIGINT NOT NULL,
    rule_id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    stance TEXT NOT NULL,
    share INTEGER,
    CONSTRAINT preferences_key PRIMARY KEY (tenant_id, rule_id, supplier_id),
    CONSTRAINT preference_knows_its_rule FOREIGN KEY(tenant_id, rule_id) REFERENCES purchases.rules (tenant_id, id),
    CONSTRAINT preference_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id),
    CONSTRAINT preference_stance_is_known CHECK (stance IN ('allowed', 'denied', 'shared')),
    CONSTRAINT share_has_a_weight CHECK ((stance = 'shared') = (share IS NOT NULL) AND share BETWEEN 1 AND 1000)
);

CREATE TABLE purchases.placings (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    outcome TEXT NOT NULL,
    latency_ms INTEGER NOT NULL,
    CONSTRAINT placings_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT placing_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id)
);
CREATE INDEX placings_by_time ON purchases.placings (tenant_id, at);
CREATE INDEX placings_of_a_supplier ON purchases.placings (tenant_id, supplier_id, at);
