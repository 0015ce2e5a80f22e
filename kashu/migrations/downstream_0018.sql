-- Agents who sell on what we have. What each table is for: customers/tables.py and
-- downstream/tables.py.
CREATE SCHEMA downstream;

CREATE TABLE customers.agents (
    tenant_id BIGINT NOT NULL,
    customer_id UUID NOT NULL,
    state TEXT DEFAULT 'open' NOT NULL,
    wallet_e4 BIGINT DEFAULT '0' NOT NULL,
    credit_max_e4 BIGINT DEFAULT '0' NOT NULL,
    alone_max_e4 BIGINT DEFAULT '0' NOT NULL,
    stock_shown TEXT DEFAULT 'banded' NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT agents_key PRIMARY KEY (tenant_id, customer_id),
    CONSTRAINT agent_is_a_customer FOREIGN KEY(tenant_id, customer_id) REFERENCES customers.customers (tenant_id, id),
    CONSTRAINT agent_state_is_known CHECK (state IN ('open', 'suspended')),
    CONSTRAINT agent_is_shown_stock_somehow CHECK (stock_shown IN ('exact', 'banded')),
    CONSTRAINT agent_stays_within_credit CHECK (wallet_e4 + credit_max_e4 >= 0),
    CONSTRAINT agent_limits_are_sane CHECK (credit_max_e4 BETWEEN 0 AND 100000000000 AND alone_max_e4 BETWEEN 0 AND 100000000000)
)
 WITH (fillfactor = 50);

CREATE TABLE customers.goods (
    tenant_id BIGINT NOT NULL,
    sku_id UUID NOT NULL,
    number INTEGER NOT NULL,
    on_sale BOOLEAN NOT NULL,
    buffer INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT goods_key PRIMARY KEY (tenant_id, sku_id),
    CONSTRAINT good_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT good_buffer_is_sane CHECK (buffer BETWEEN 0 AND 1000000),
    CONSTRAINT good_number_is_positive CHECK (number > 0)
);
CREATE UNIQUE INDEX good_has_a_number_of_its_own ON customers.goods (tenant_id, number);

CREATE TABLE customers.prices (
    tenant_id BIGINT NOT NULL,
    customer_id UUID NOT NULL,
    sku_id UUID NOT NULL,
    from_units INTEGER NOT NULL,
    unit_price_e4 BIGINT NOT NULL,
    since TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT prices_key PRIMARY KEY (tenant_id, customer_id, sku_id, from_units),
    CONSTRAINT price_knows_its_agent FOREIGN KEY(tenant_id, customer_id) REFERENCES customers.customers (tenant_id, id),
    CONSTRAINT price_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT price_begins_at_a_sane_number CHECK (from_units BETWEEN 1 AND 10000),
    CONSTRAINT price_is_whole_fen CHECK (unit_price_e4 BETWEEN 0 AND 100000000000 AND unit_price_e4 % 100 = 0),
    CONSTRAINT price_ends_after_it_begins CHECK (until > since)
);

CREATE TABLE downstream.logins (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    dialect TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    sealed_secret BYTEA NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    counted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    calls INTEGER DEFAULT '0' NOT NULL,
    blocked_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT logins_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT login_knows_its_agent FOREIGN KEY(tenant_id, customer_id) REFERENCES customers.customers (tenant_id, id)
)
 WITH (fillfactor = 50);
CREATE UNIQUE INDEX login_has_a_number_of_its_own ON downstream.logins (tenant_id, number);
CREATE INDEX logins_of_an_agent ON downstream.logins (tenant_id, customer_id);

CREATE TABLE downstream.placed (
    tenant_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    customer_id UUID NOT NULL,
    external_id TEXT NOT NULL,
    sku_number INTEGER NOT NULL,
    quantity INTEGER NOT NULL,
    placed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT placed_key PRIMARY KEY (tenant_id, number),
    CONSTRAINT placed_order_knows_its_agent FOREIGN KEY(tenant_id, customer_id) REFERENCES customers.customers (tenant_id, id)
);
CREATE UNIQUE INDEX agents_order_is_placed_once ON downstream.placed (tenant_id, customer_id, external_id);

CREATE TABLE downstream.wallet_moves (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    customer_id UUID NOT NULL,
    kind TEXT NOT NULL,
    amount_e4 BIGINT NOT NULL,
    method TEXT NOT NULL,
    reference TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT DEFAULT 'asked' NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    alone TEXT,
    decided_by TEXT,
    decided_at TIMESTAMP WITH TIME ZONE,
    transfer_id UUID,
    CONSTRAINT wallet_moves_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT wallet_move_knows_its_agent FOREIGN KEY(tenant_id, customer_id) REFERENCES customers.customers (tenant_id, id),
    CONSTRAINT wallet_move_kind_is_known CHECK (kind IN ('deposit', 'withdrawal')),
    CONSTRAINT wallet_move_state_is_known CHECK (state IN ('asked', 'posted', 'refused')),
    CONSTRAINT wallet_move_method_is_known CHECK (method IN ('alipay', 'wechat', 'bank', 'other')),
    CONSTRAINT wallet_move_is_of_money CHECK (amount_e4 > 0),
    CONSTRAINT wallet_move_has_evidence CHECK (reference <> ''),
    CONSTRAINT wallet_move_is_approved_by_another CHECK (state <> 'posted' OR decided_by <> asked_by OR alone = asked_by),
    CONSTRAINT wallet_move_is_posted_once CHECK ((state = 'posted') = (transfer_id IS NOT NULL) AND (state = 'asked') = (decided_by IS NULL))
);
CREATE UNIQUE INDEX wallet_move_is_shown_once ON downstream.wallet_moves (tenant_id, customer_id, kind, method, reference) WHERE state <> 'refused';
CREATE INDEX wallet_moves_of_an_agent ON downstream.wallet_moves (tenant_id, customer_id, id);
