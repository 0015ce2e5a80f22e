-- The schema of access, as of version 0.1. What each table is for: access/tables.py.
CREATE SCHEMA IF NOT EXISTS access;

CREATE TABLE access.nonces (
    tenant_id BIGINT NOT NULL,
    key_id UUID NOT NULL,
    nonce TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT nonces_key PRIMARY KEY (tenant_id, key_id, nonce)
);
CREATE INDEX nonces_by_age ON access.nonces (tenant_id, at);

CREATE TABLE access.tenants (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    timezone TEXT DEFAULT 'Asia/Shanghai' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (code)
);

CREATE TABLE access.api_keys (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    sealed_secret BYTEA NOT NULL,
    customer_id UUID,
    store_id UUID,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    last_used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT api_keys_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT api_key_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
);

CREATE TABLE access.data_keys (
    tenant_id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    master_key_id TEXT NOT NULL,
    state TEXT DEFAULT 'current' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT data_keys_key PRIMARY KEY (tenant_id, purpose, version),
    CONSTRAINT data_key_state_is_known CHECK (state IN ('current', 'retiring', 'retired')),
    CONSTRAINT data_key_purpose_is_known CHECK (purpose IN ('seal', 'index')),
    CONSTRAINT data_key_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
);
CREATE UNIQUE INDEX one_current_key_a_purpose ON access.data_keys (tenant_id, purpose) WHERE state = 'current';

CREATE TABLE access.staff (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT,
    state TEXT DEFAULT 'invited' NOT NULL,
    failed_count INTEGER DEFAULT '0' NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT staff_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT staff_state_is_known CHECK (state IN ('invited', 'active', 'disabled')),
    CONSTRAINT active_staff_has_a_password CHECK (state <> 'active' OR password_hash IS NOT NULL),
    CONSTRAINT staff_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
);
CREATE UNIQUE INDEX staff_login_is_unique ON access.staff (tenant_id, login);

CREATE TABLE access.invitations (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    staff_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT invitations_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT invitation_knows_its_staff FOREIGN KEY(tenant_id, staff_id) REFERENCES access.staff (tenant_id, id)
);
CREATE UNIQUE INDEX invitation_token_is_unique ON access.invitations (tenant_id, token_hash);

CREATE TABLE access.sessions (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    staff_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT sessions_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT session_knows_its_staff FOREIGN KEY(tenant_id, staff_id) REFERENCES access.staff (tenant_id, id)
);
CREATE UNIQUE INDEX session_token_is_unique ON access.sessions (tenant_id, token_hash);
