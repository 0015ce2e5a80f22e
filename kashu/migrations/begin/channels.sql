-- The schema of channels, as of version 0.1. What each table is for: channels/tables.py.
CREATE SCHEMA IF NOT EXISTS channels;

CREATE TABLE channels.stores (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    channel TEXT NOT NULL,
    partial_allowed BOOLEAN,
    state TEXT DEFAULT 'open' NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT stores_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT store_state_is_known CHECK (state IN ('open', 'closed')),
    CONSTRAINT store_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
);
CREATE UNIQUE INDEX store_code_is_unique ON channels.stores (tenant_id, code);
ALTER TABLE access.api_keys ADD CONSTRAINT api_key_knows_its_store
    FOREIGN KEY (tenant_id, store_id) REFERENCES channels.stores (tenant_id, id);
