-- What is ordered from suppliers. What each table is for: purchases/tables.py.
CREATE SCHEMA purchases;

CREATE TABLE purchases.purchases (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    sku_id UUID NOT NULL,
    goods TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    received_count INTEGER DEFAULT '0' NOT NULL,
    warehouse_id UUID,
    cause TEXT NOT NULL,
    subject_id UUID,
    store_id UUID,
    customer_id UUID,
    supplier_id UUID,
    unit_cost_max_e4 BIGINT,
    facts JSONB DEFAULT '{}' NOT NULL,
    state TEXT DEFAULT 'draft' NOT NULL,
    said TEXT DEFAULT '' NOT NULL,
    actor TEXT NOT NULL,
    approved_by TEXT,
    approved_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    next_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    used_at TIMESTAMP WITH TIME ZONE,
    sealed_inputs BYTEA,
    key_version INTEGER,
    masked_account TEXT DEFAULT '' NOT NULL,
    CONSTRAINT purchases_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT purchase_knows_its_sku FOREIGN KEY(tenant_id, sku_id) REFERENCES catalog.skus (tenant_id, id),
    CONSTRAINT purchase_knows_its_warehouse FOREIGN KEY(tenant_id, warehouse_id) REFERENCES stock.warehouses (tenant_id, id),
    CONSTRAINT purchase_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id),
    CONSTRAINT purchase_goods_are_known CHECK (goods IN ('card', 'topup', 'link')),
    CONSTRAINT purchase_cause_is_known CHECK (cause IN ('hand', 'reorder', 'short', 'topup')),
    CONSTRAINT purchase_state_is_known CHECK (state IN ('draft', 'asked', 'wanted', 'placed', 'held', 'done', 'part', 'ended', 'cancelled')),
    CONSTRAINT purchase_is_of_a_sane_size CHECK (quantity BETWEEN 1 AND 10000),
    CONSTRAINT purchase_receives_no_more CHECK (received_count BETWEEN 0 AND quantity),
    CONSTRAINT bought_cards_have_a_warehouse CHECK ((goods = 'topup') = (warehouse_id IS NULL)),
    CONSTRAINT done_purchase_is_whole CHECK ((state = 'done') <= (received_count = quantity)),
    CONSTRAINT automatic_purchase_has_a_ceiling CHECK (cause = 'hand' OR unit_cost_max_e4 IS NOT NULL)
)
 WITH (fillfactor = 80);
CREATE UNIQUE INDEX purchase_for_a_line_is_made_once ON purchases.purchases (tenant_id, subject_id) WHERE subject_id IS NOT NULL AND state IN ('asked', 'draft', 'held', 'placed', 'wanted');
CREATE INDEX purchases_by_time ON purchases.purchases (tenant_id, created_at);
CREATE INDEX purchases_of_a_sku ON purchases.purchases (tenant_id, sku_id, created_at);
CREATE INDEX purchases_of_a_subject ON purchases.purchases (tenant_id, subject_id) WHERE subject_id IS NOT NULL;
CREATE INDEX purchases_to_do ON purchases.purchases (tenant_id, next_at) WHERE state IN ('wanted', 'held');
CREATE INDEX purchases_to_use ON purchases.purchases (tenant_id, id) WHERE used_at IS NULL AND cause = 'topup';

CREATE TABLE purchases.attempts (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    purchase_id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    offer_id UUID NOT NULL,
    number TEXT NOT NULL,
    their_number TEXT,
    ref TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    units INTEGER NOT NULL,
    unit_cost_e4 BIGINT NOT NULL,
    total_e4 BIGINT NOT NULL,
    currency TEXT NOT NULL,
    account_kind TEXT NOT NULL,
    choice JSONB NOT NULL,
    state TEXT DEFAULT 'sending' NOT NULL,
    said TEXT DEFAULT '' NOT NULL,
    word_unknown BOOLEAN DEFAULT 'false' NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    answered_at TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    next_at TIMESTAMP WITH TIME ZONE NOT NULL,
    again_at TIMESTAMP WITH TIME ZONE,
    asks INTEGER DEFAULT '0' NOT NULL,
    missing_count INTEGER DEFAULT '0' NOT NULL,
    missing_at TIMESTAMP WITH TIME ZONE,
    charged_e4 BIGINT,
    refunded_e4 BIGINT DEFAULT '0' NOT NULL,
    received_count INTEGER DEFAULT '0' NOT NULL,
    turned_away_count INTEGER DEFAULT '0' NOT NULL,
    receipt TEXT DEFAULT '' NOT NULL,
    account_key TEXT,
    surplus BOOLEAN DEFAULT 'false' NOT NULL,
    CONSTRAINT attempts_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT attempt_knows_its_purchase FOREIGN KEY(tenant_id, purchase_id) REFERENCES purchases.purchases (tenant_id, id),
    CONSTRAINT attempt_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id),
    CONSTRAINT attempt_knows_its_offer FOREIGN KEY(tenant_id, offer_id) REFERENCES suppliers.offers (tenant_id, id),
    CONSTRAINT attempt_state_is_known CHECK (state IN ('sending', 'unclear', 'processing', 'manual', 'succeeded', 'refused', 'failed', 'refunded')),
    CONSTRAINT attempt_number_suits_all_suppliers CHECK (number ~ '^[A-Za-z0-9]{6,19}$'),
    CONSTRAINT attempt_is_of_something CHECK (quantity >= 1 AND units >= 1),
    CONSTRAINT attempt_money_is_not_negative CHECK (total_e4 >= 0 AND refunded_e4 >= 0)
)
 WITH (fillfactor = 70);
CREATE UNIQUE INDEX attempt_number_is_used_once ON purchases.attempts (tenant_id, number);
CREATE INDEX attempts_in_doubt ON purchases.attempts (tenant_id, supplier_id) WHERE state IN ('manual', 'processing', 'sending', 'unclear');
CREATE INDEX attempts_of_a_purchase ON purchases.attempts (tenant_id, purchase_id);
CREATE INDEX attempts_of_a_supplier ON purchases.attempts (tenant_id, supplier_id, made_at);
CREATE INDEX attempts_to_ask_again ON purchases.attempts (tenant_id, again_at) WHERE again_at IS NOT NULL;
CREATE INDEX attempts_to_ask ON purchases.attempts (tenant_id, next_at) WHERE state IN ('processing', 'sending', 'unclear');
CREATE UNIQUE INDEX purchase_has_one_live_attempt ON purchases.attempts (tenant_id, purchase_id) WHERE state IN ('manual', 'processing', 'sending', 'unclear');
CREATE UNIQUE INDEX supplier_order_is_bound_once ON purchases.attempts (tenant_id, supplier_id, their_number) WHERE their_number IS NOT NULL;

CREATE TABLE purchases.receipts (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    attempt_id UUID NOT NULL,
    lot_id UUID NOT NULL,
    cards INTEGER NOT NULL,
    cost_e4 BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT receipts_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT receipt_knows_its_attempt FOREIGN KEY(tenant_id, attempt_id) REFERENCES purchases.attempts (tenant_id, id),
    CONSTRAINT receipt_knows_its_lot FOREIGN KEY(tenant_id, lot_id) REFERENCES stock.lots (tenant_id, id)
);
CREATE UNIQUE INDEX lot_is_received_once ON purchases.receipts (tenant_id, lot_id);
CREATE INDEX receipts_of_an_attempt ON purchases.receipts (tenant_id, attempt_id);

CREATE TABLE purchases.verdicts (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    attempt_id UUID NOT NULL,
    bought BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    evidence TEXT NOT NULL,
    said_by TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT verdicts_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT verdict_knows_its_attempt FOREIGN KEY(tenant_id, attempt_id) REFERENCES purchases.attempts (tenant_id, id)
);
CREATE INDEX verdicts_of_an_attempt ON purchases.verdicts (tenant_id, attempt_id, at);

CREATE TABLE purchases.rejected_cards (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    attempt_id UUID NOT NULL,
    place INTEGER NOT NULL,
    reason TEXT NOT NULL,
    tail TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    key_version INTEGER NOT NULL,
    cost_e4 BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    settled_because TEXT,
    CONSTRAINT rejected_cards_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT rejected_card_knows_its_attempt FOREIGN KEY(tenant_id, attempt_id) REFERENCES purchases.attempts (tenant_id, id),
    CONSTRAINT rejected_card_is_settled_once CHECK ((settled_at IS NULL) = (settled_because IS NULL))
);
CREATE UNIQUE INDEX card_is_rejected_once ON purchases.rejected_cards (tenant_id, attempt_id, place);
CREATE INDEX rejected_cards_open ON purchases.rejected_cards (tenant_id, at) WHERE settled_at IS NULL;
