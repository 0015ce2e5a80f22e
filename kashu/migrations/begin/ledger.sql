-- The schema of ledger, as of version 0.1. What each table is for: ledger/tables.py.
CREATE SCHEMA IF NOT EXISTS ledger;

CREATE TABLE ledger.daily (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    posted_on DATE NOT NULL,
    kind TEXT NOT NULL,
    currency TEXT NOT NULL,
    sku_id UUID,
    store_id UUID,
    customer_id UUID,
    supplier_id UUID,
    debit_e4 BIGINT NOT NULL,
    credit_e4 BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    CONSTRAINT daily_key PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX daily_is_unique ON ledger.daily (tenant_id, posted_on, kind, currency, sku_id, store_id, customer_id, supplier_id) NULLS NOT DISTINCT;

CREATE TABLE ledger.accounts (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    owner_id UUID,
    currency TEXT NOT NULL,
    CONSTRAINT accounts_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT account_kind_is_known CHECK (kind IN ('receivable', 'wallet', 'inventory', 'prepaid', 'in_doubt', 'payable', 'recoveries', 'revenue', 'cost_of_goods', 'channel_fees', 'after_sales_loss', 'expired_stock', 'stock_loss', 'campaign_budget', 'points_liability', 'cash', 'opening')),
    CONSTRAINT account_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
);
CREATE UNIQUE INDEX account_is_unique ON ledger.accounts (tenant_id, kind, owner_id, currency) NULLS NOT DISTINCT;

CREATE TABLE ledger.transfers (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    debit_account_id UUID NOT NULL,
    credit_account_id UUID NOT NULL,
    amount_e4 BIGINT NOT NULL,
    currency TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    posted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    posted_on DATE NOT NULL,
    reason TEXT NOT NULL,
    subject_id UUID NOT NULL,
    sku_id UUID,
    store_id UUID,
    customer_id UUID,
    supplier_id UUID,
    reverses_id UUID,
    CONSTRAINT transfers_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT reversal_knows_its_transfer FOREIGN KEY(tenant_id, reverses_id) REFERENCES ledger.transfers (tenant_id, id),
    CONSTRAINT transfer_debits_an_account FOREIGN KEY(tenant_id, debit_account_id) REFERENCES ledger.accounts (tenant_id, id),
    CONSTRAINT transfer_credits_an_account FOREIGN KEY(tenant_id, credit_account_id) REFERENCES ledger.accounts (tenant_id, id),
    CONSTRAINT transfer_is_not_negative CHECK (amount_e4 >= 0),
    CONSTRAINT transfer_has_two_sides CHECK (debit_account_id <> credit_account_id)
);
CREATE UNIQUE INDEX transfer_is_reversed_once ON ledger.transfers (tenant_id, reverses_id) WHERE reverses_id IS NOT NULL;
CREATE INDEX transfers_by_time ON ledger.transfers (tenant_id, posted_at);
CREATE INDEX transfers_of_a_subject ON ledger.transfers (tenant_id, subject_id);
