-- What other programs are told. What each table is for: core/untold.py and webhooks/tables.py.
CREATE SCHEMA webhooks;

CREATE TABLE core.wanted_kinds (
    tenant_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    CONSTRAINT wanted_kinds_key PRIMARY KEY (tenant_id, kind),
    CONSTRAINT wanted_kind_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
);

CREATE TABLE core.untold (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    CONSTRAINT untold_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT untold_event_happened FOREIGN KEY(tenant_id, id) REFERENCES core.events (tenant_id, id)
);

CREATE TABLE webhooks.endpoints (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    types TEXT[] NOT NULL,
    store_id UUID,
    customer_id UUID,
    state TEXT DEFAULT 'open' NOT NULL,
    said TEXT DEFAULT '' NOT NULL,
    sealed_secret BYTEA NOT NULL,
    sealed_earlier BYTEA,
    earlier_until TIMESTAMP WITH TIME ZONE,
    failing_since TIMESTAMP WITH TIME ZONE,
    resume_at TIMESTAMP WITH TIME ZONE,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT endpoints_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT endpoint_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id),
    CONSTRAINT endpoint_knows_its_store FOREIGN KEY(tenant_id, store_id) REFERENCES channels.stores (tenant_id, id),
    CONSTRAINT endpoint_knows_its_customer FOREIGN KEY(tenant_id, customer_id) REFERENCES customers.customers (tenant_id, id),
    CONSTRAINT endpoint_state_is_known CHECK (state IN ('open', 'disabled', 'removed')),
    CONSTRAINT earlier_secret_has_an_end CHECK ((sealed_earlier IS NULL) = (earlier_until IS NULL)),
    CONSTRAINT endpoint_is_bound_to_one_thing CHECK (store_id IS NULL OR customer_id IS NULL)
);

CREATE TABLE webhooks.deliveries (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    endpoint_id UUID NOT NULL,
    message_id UUID NOT NULL,
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT DEFAULT 'due' NOT NULL,
    tries INTEGER DEFAULT '0' NOT NULL,
    attempts INTEGER DEFAULT '0' NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT deliveries_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT delivery_knows_its_endpoint FOREIGN KEY(tenant_id, endpoint_id) REFERENCES webhooks.endpoints (tenant_id, id),
    CONSTRAINT delivery_state_is_known CHECK (state IN ('due', 'delivered', 'failed')),
    CONSTRAINT delivery_ends_once CHECK ((state = 'due') = (ended_at IS NULL))
)
 WITH (fillfactor = 70);
CREATE INDEX deliveries_by_state ON webhooks.deliveries (tenant_id, endpoint_id, state, message_id);
CREATE INDEX deliveries_due ON webhooks.deliveries (tenant_id, endpoint_id, next_at) WHERE state = 'due';
CREATE INDEX deliveries_ended ON webhooks.deliveries (tenant_id, ended_at) WHERE ended_at IS NOT NULL;
CREATE UNIQUE INDEX endpoint_is_told_once ON webhooks.deliveries (tenant_id, endpoint_id, message_id);

CREATE TABLE webhooks.attempts (
    tenant_id BIGINT NOT NULL,
    delivery_id UUID NOT NULL,
    number INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    took_ms INTEGER NOT NULL,
    status INTEGER,
    said TEXT NOT NULL,
    CONSTRAINT attempts_key PRIMARY KEY (tenant_id, delivery_id, number),
    CONSTRAINT attempt_knows_its_delivery FOREIGN KEY(tenant_id, delivery_id) REFERENCES webhooks.deliveries (tenant_id, id)
);
