-- The pulse of sales and notes on its time axis. What each is for: reports/tables.py.
CREATE SCHEMA IF NOT EXISTS reports;

CREATE TABLE reports.pulse (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    begins_at TIMESTAMP WITH TIME ZONE NOT NULL,
    currency TEXT NOT NULL,
    store_id UUID,
    sku_id UUID,
    orders INTEGER NOT NULL,
    units BIGINT NOT NULL,
    revenue_e4 BIGINT NOT NULL,
    profit_e4 BIGINT NOT NULL,
    CONSTRAINT pulse_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT pulse_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
);
CREATE UNIQUE INDEX pulse_is_unique ON reports.pulse (tenant_id, begins_at, currency, store_id, sku_id) NULLS NOT DISTINCT;

CREATE TABLE reports.annotations (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    on_day DATE NOT NULL,
    text TEXT NOT NULL,
    actor TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT annotations_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT annotation_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id),
    CONSTRAINT annotation_says_something CHECK (text <> '' AND length(text) <= 200)
);
CREATE INDEX annotations_by_day ON reports.annotations (tenant_id, on_day);
