-- How offers are compared, and what moved. What each table and column is for: suppliers/tables.py.
ALTER TABLE suppliers.offers
    ADD COLUMN checked_title TEXT,
    ADD COLUMN checked_face_e4 BIGINT;
ALTER TABLE suppliers.connections
    ADD COLUMN prices_leased_until TIMESTAMP WITH TIME ZONE;
CREATE INDEX offers_held ON suppliers.offers (tenant_id, id) WHERE state = 'held' AND sku_id IS NOT NULL;

CREATE TABLE suppliers.rules (
    tenant_id BIGINT NOT NULL,
    stale_s INTEGER DEFAULT '900' NOT NULL,
    file_stale_s INTEGER DEFAULT '86400' NOT NULL,
    rise_ppm INTEGER DEFAULT '300000' NOT NULL,
    drop_ppm INTEGER DEFAULT '200000' NOT NULL,
    move_ppm INTEGER DEFAULT '10000' NOT NULL,
    failure_cost_e4 BIGINT DEFAULT '5000' NOT NULL,
    invalid_cost_e4 BIGINT DEFAULT '20000' NOT NULL,
    usual_failure_ppm INTEGER DEFAULT '20000' NOT NULL,
    usual_invalid_ppm INTEGER DEFAULT '2000' NOT NULL,
    capital_ppm INTEGER DEFAULT '60000' NOT NULL,
    prepaid_days INTEGER DEFAULT '7' NOT NULL,
    stock_days INTEGER DEFAULT '3' NOT NULL,
    CONSTRAINT rules_key PRIMARY KEY (tenant_id),
    CONSTRAINT price_rules_know_their_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id),
    CONSTRAINT staleness_is_sane CHECK (stale_s BETWEEN 30 AND 604800 AND file_stale_s BETWEEN 60 AND 31536000),
    CONSTRAINT price_limits_are_sane CHECK (rise_ppm BETWEEN 1000 AND 100000000 AND drop_ppm BETWEEN 1000 AND 1000000 AND move_ppm BETWEEN 0 AND 1000000),
    CONSTRAINT stated_risks_are_sane CHECK (failure_cost_e4 BETWEEN 0 AND 10000000 AND invalid_cost_e4 BETWEEN 0 AND 10000000 AND usual_failure_ppm BETWEEN 0 AND 1000000 AND usual_invalid_ppm BETWEEN 0 AND 1000000),
    CONSTRAINT stated_capital_is_sane CHECK (capital_ppm BETWEEN 0 AND 1000000 AND prepaid_days BETWEEN 0 AND 365 AND stock_days BETWEEN 0 AND 365)
);

CREATE TABLE suppliers.rates (
    tenant_id BIGINT NOT NULL,
    currency TEXT NOT NULL,
    rate_e6 BIGINT NOT NULL,
    set_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    actor TEXT NOT NULL,
    CONSTRAINT rates_key PRIMARY KEY (tenant_id, currency),
    CONSTRAINT rate_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id),
    CONSTRAINT rate_is_sane CHECK (rate_e6 BETWEEN 1 AND 1000000000),
    CONSTRAINT rate_is_of_a_currency CHECK (currency ~ '^[A-Z]{3}$' AND currency <> 'CNY')
);

CREATE TABLE suppliers.best_costs (
    tenant_id BIGINT NOT NULL,
    sku_id UUID NOT NULL,
    total_e4 BIGINT,
    offer_id UUID,
    told_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT best_costs_key PRIMARY KEY (tenant_id, sku_id),
    CONSTRAINT best_cost_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id)
)
 WITH (fillfactor = 70);

CREATE TABLE suppliers.price_alerts (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    sku_id UUID NOT NULL,
    offer_id UUID,
    old_e4 BIGINT,
    new_e4 BIGINT,
    margins JSONB NOT NULL,
    loss_count INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE,
    seen_by TEXT,
    CONSTRAINT price_alerts_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT price_alert_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT price_alert_is_seen_by_one CHECK ((seen_at IS NULL) = (seen_by IS NULL))
);
CREATE UNIQUE INDEX price_alert_is_open_once ON suppliers.price_alerts (tenant_id, sku_id) WHERE seen_at IS NULL;
CREATE INDEX price_alerts_by_time ON suppliers.price_alerts (tenant_id, at);
