-- Second factors, sessions as people see them, preferences, saved views; searching events.
-- What each column is for: access/tables.py, core/events.py.
ALTER TABLE access.tenants ADD COLUMN second_factor_roles TEXT[] DEFAULT '{}' NOT NULL;

ALTER TABLE access.staff
    ADD COLUMN language TEXT,
    ADD COLUMN preferences JSONB DEFAULT '{}' NOT NULL,
    ADD CONSTRAINT staff_language_is_known CHECK (language IN ('zh', 'en'));

ALTER TABLE access.sessions
    ADD COLUMN proved_at TIMESTAMP WITH TIME ZONE DEFAULT 'epoch' NOT NULL,
    ADD COLUMN seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    ADD COLUMN device TEXT DEFAULT '' NOT NULL;
-- Who is signed in now proves anew who they are before they change how they sign in.
ALTER TABLE access.sessions ALTER COLUMN proved_at SET DEFAULT now();
CREATE INDEX sessions_of_somebody ON access.sessions (tenant_id, staff_id) WHERE ended_at IS NULL;

CREATE TABLE access.pending_sign_ins (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    staff_id UUID NOT NULL,
    token_hash BYTEA NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pending_sign_ins_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT pending_sign_in_knows_its_staff FOREIGN KEY(tenant_id, staff_id) REFERENCES access.staff (tenant_id, id)
);
CREATE UNIQUE INDEX pending_sign_in_token_is_unique ON access.pending_sign_ins (tenant_id, token_hash);
CREATE INDEX pending_sign_ins_of_somebody ON access.pending_sign_ins (tenant_id, staff_id);

CREATE TABLE access.authenticators (
    tenant_id BIGINT NOT NULL,
    staff_id UUID NOT NULL,
    sealed_secret BYTEA,
    sealed_next BYTEA,
    next_until TIMESTAMP WITH TIME ZONE,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    last_step BIGINT,
    CONSTRAINT authenticators_key PRIMARY KEY (tenant_id, staff_id),
    CONSTRAINT authenticator_in_force_was_confirmed CHECK ((sealed_secret IS NULL) = (confirmed_at IS NULL)),
    CONSTRAINT authenticator_shown_has_an_end CHECK ((sealed_next IS NULL) = (next_until IS NULL)),
    CONSTRAINT authenticator_knows_its_staff FOREIGN KEY(tenant_id, staff_id) REFERENCES access.staff (tenant_id, id)
);

CREATE TABLE access.recovery_codes (
    tenant_id BIGINT NOT NULL,
    staff_id UUID NOT NULL,
    code_hash BYTEA NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT recovery_codes_key PRIMARY KEY (tenant_id, staff_id, code_hash),
    CONSTRAINT recovery_code_knows_its_staff FOREIGN KEY(tenant_id, staff_id) REFERENCES access.staff (tenant_id, id)
);

CREATE TABLE access.passkeys (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    staff_id UUID NOT NULL,
    credential_id BYTEA NOT NULL,
    public_key BYTEA NOT NULL,
    sign_count BIGINT NOT NULL,
    transports TEXT[] DEFAULT '{}' NOT NULL,
    backed_up BOOLEAN DEFAULT 'false' NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    last_used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT passkeys_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT passkey_knows_its_staff FOREIGN KEY(tenant_id, staff_id) REFERENCES access.staff (tenant_id, id)
);
CREATE UNIQUE INDEX passkey_credential_is_unique ON access.passkeys (tenant_id, credential_id);
CREATE INDEX passkeys_of_somebody ON access.passkeys (tenant_id, staff_id);

CREATE TABLE access.used_challenges (
    tenant_id BIGINT NOT NULL,
    nonce BYTEA NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT used_challenges_key PRIMARY KEY (tenant_id, nonce),
    CONSTRAINT used_challenge_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
);

CREATE TABLE access.saved_views (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    staff_id UUID NOT NULL,
    page TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    shared BOOLEAN DEFAULT 'false' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT saved_views_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT saved_view_knows_its_staff FOREIGN KEY(tenant_id, staff_id) REFERENCES access.staff (tenant_id, id)
);
CREATE UNIQUE INDEX saved_view_name_is_unique ON access.saved_views (tenant_id, staff_id, page, name);
CREATE INDEX saved_views_shared ON access.saved_views (tenant_id, page) WHERE shared;

CREATE INDEX events_of_a_kind ON core.events (tenant_id, kind, id);
CREATE INDEX events_by_somebody ON core.events (tenant_id, actor, id) WHERE actor <> 'system';
