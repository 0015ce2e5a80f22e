-- The shop's limits, and what a person asked for above them, which waits for a second one. See
-- orders/tables.py.
CREATE TABLE orders.limits (
    tenant_id BIGINT NOT NULL,
    order_above_e4 BIGINT,
    order_units_above INTEGER,
    refund_above_e4 BIGINT,
    changed_by TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT limits_key PRIMARY KEY (tenant_id),
    CONSTRAINT limits_know_their_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id),
    CONSTRAINT limits_are_not_negative CHECK (least(order_above_e4, order_units_above, refund_above_e4) >= 0)
);

CREATE TABLE orders.held (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    state TEXT DEFAULT 'asked' NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    request_key TEXT NOT NULL,
    request_hash BYTEA NOT NULL,
    order_id UUID,
    orders_count INTEGER NOT NULL,
    units INTEGER NOT NULL,
    amount_e4 BIGINT NOT NULL,
    said TEXT NOT NULL,
    wanted JSONB NOT NULL,
    sealed_accounts BYTEA,
    key_version INTEGER,
    file_name TEXT DEFAULT '' NOT NULL,
    part INTEGER DEFAULT '1' NOT NULL,
    parts INTEGER DEFAULT '1' NOT NULL,
    approved_by TEXT,
    approved_at TIMESTAMP WITH TIME ZONE,
    ended_by TEXT,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_because TEXT,
    CONSTRAINT held_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT held_knows_its_order FOREIGN KEY(tenant_id, order_id) REFERENCES orders.orders (tenant_id, id),
    CONSTRAINT held_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id),
    CONSTRAINT held_kind_is_known CHECK (kind IN ('orders', 'refund', 'cancellation')),
    CONSTRAINT held_state_is_known CHECK (state IN ('asked', 'approved', 'refused', 'cancelled')),
    CONSTRAINT held_refund_has_an_order CHECK ((order_id IS NULL) = (kind = 'orders')),
    CONSTRAINT held_is_approved_by_another CHECK (approved_by <> asked_by),
    CONSTRAINT approved_held_knows_by_whom CHECK ((state = 'approved') = (approved_by IS NOT NULL) AND (approved_by IS NULL) = (approved_at IS NULL)),
    CONSTRAINT ended_held_knows_by_whom CHECK ((state IN ('refused', 'cancelled')) = (ended_by IS NOT NULL) AND (ended_by IS NULL) = (ended_at IS NULL) AND (ended_by IS NULL) = (ended_because IS NULL)),
    CONSTRAINT held_is_refused_by_another CHECK (state <> 'refused' OR ended_by <> asked_by),
    CONSTRAINT held_is_taken_back_by_who_asked CHECK (state <> 'cancelled' OR ended_by = asked_by),
    CONSTRAINT held_accounts_know_their_key CHECK ((sealed_accounts IS NULL) = (key_version IS NULL)),
    CONSTRAINT decided_held_has_no_accounts CHECK (state = 'asked' OR sealed_accounts IS NULL),
    CONSTRAINT held_part_is_one_of_its_file CHECK (part BETWEEN 1 AND parts)
);
CREATE INDEX held_by_request ON orders.held (tenant_id, asked_by, request_key);
CREATE INDEX held_open ON orders.held (tenant_id, asked_at) WHERE state = 'asked';
CREATE UNIQUE INDEX held_refund_waits_once ON orders.held (tenant_id, order_id, request_key) WHERE state = 'asked' AND kind <> 'orders';
CREATE UNIQUE INDEX held_request_waits_once ON orders.held (tenant_id, asked_by, request_key) WHERE state = 'asked' AND kind = 'orders';

-- Many orders cost the same: these, too, come in order from the index.
CREATE INDEX orders_by_total_and_id ON orders.orders (tenant_id, total_e4, id);
DROP INDEX orders.orders_by_total;
ALTER INDEX orders.orders_by_total_and_id RENAME TO orders_by_total;
