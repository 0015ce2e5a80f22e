-- Money with suppliers, their papers, how good they are. What each table is for: ledger/tables.py,
-- suppliers/tables_prepaid.py, purchases/tables_quality.py.
CREATE TABLE ledger.supplier_days (
    tenant_id BIGINT NOT NULL,
    supplier_id UUID NOT NULL,
    currency TEXT NOT NULL,
    posted_on DATE NOT NULL,
    in_doubt_debit_e4 BIGINT DEFAULT '0' NOT NULL,
    in_doubt_credit_e4 BIGINT DEFAULT '0' NOT NULL,
    payable_debit_e4 BIGINT DEFAULT '0' NOT NULL,
    payable_credit_e4 BIGINT DEFAULT '0' NOT NULL,
    prepaid_debit_e4 BIGINT DEFAULT '0' NOT NULL,
    prepaid_credit_e4 BIGINT DEFAULT '0' NOT NULL,
    recoveries_debit_e4 BIGINT DEFAULT '0' NOT NULL,
    recoveries_credit_e4 BIGINT DEFAULT '0' NOT NULL,
    spent_e4 BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT supplier_days_key PRIMARY KEY (tenant_id, supplier_id, currency, posted_on),
    CONSTRAINT supplier_day_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id)
)
 WITH (fillfactor = 50);

-- What was posted before there was this table. The owner of the tables may be held to row-level
-- security, which would hide all rows from it: it is off until the rows are there.
ALTER TABLE ledger.accounts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger.transfers NO FORCE ROW LEVEL SECURITY;
INSERT INTO ledger.supplier_days (
    tenant_id, supplier_id, currency, posted_on,
    prepaid_debit_e4, prepaid_credit_e4, in_doubt_debit_e4, in_doubt_credit_e4,
    payable_debit_e4, payable_credit_e4, recoveries_debit_e4, recoveries_credit_e4, spent_e4
)
SELECT tenant_id, owner_id, currency, posted_on,
       coalesce(sum(debit_e4) FILTER (WHERE kind = 'prepaid'), 0),
       coalesce(sum(credit_e4) FILTER (WHERE kind = 'prepaid'), 0),
       coalesce(sum(debit_e4) FILTER (WHERE kind = 'in_doubt'), 0),
       coalesce(sum(credit_e4) FILTER (WHERE kind = 'in_doubt'), 0),
       coalesce(sum(debit_e4) FILTER (WHERE kind = 'payable'), 0),
       coalesce(sum(credit_e4) FILTER (WHERE kind = 'payable'), 0),
       coalesce(sum(debit_e4) FILTER (WHERE kind = 'recoveries'), 0),
       coalesce(sum(credit_e4) FILTER (WHERE kind = 'recoveries'), 0),
       coalesce(sum(credit_e4 - debit_e4) FILTER (
           WHERE kind IN ('prepaid', 'in_doubt') AND other IN ('inventory', 'cost_of_goods')
       ), 0)
  FROM (
       SELECT t.tenant_id, t.currency, t.posted_on, mine.owner_id, mine.kind, other.kind AS other,
              t.amount_e4 AS debit_e4, 0 AS credit_e4
         FROM ledger.transfers AS t
         JOIN ledger.accounts AS mine
           ON mine.tenant_id = t.tenant_id AND mine.id = t.debit_account_id
         JOIN ledger.accounts AS other
           ON other.tenant_id = t.tenant_id AND other.id = t.credit_account_id
       UNION ALL
       SELECT t.tenant_id, t.currency, t.posted_on, mine.owner_id, mine.kind, other.kind,
              0, t.amount_e4
         FROM ledger.transfers AS t
         JOIN ledger.accounts AS mine
           ON mine.tenant_id = t.tenant_id AND mine.id = t.credit_account_id
         JOIN ledger.accounts AS other
           ON other.tenant_id = t.tenant_id AND other.id = t.debit_account_id
       ) AS side
 WHERE kind IN ('prepaid', 'in_doubt', 'payable', 'recoveries')
   AND owner_id IS NOT NULL
 GROUP BY tenant_id, owner_id, currency, posted_on;
ALTER TABLE ledger.accounts FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger.transfers FORCE ROW LEVEL SECURITY;

ALTER TABLE suppliers.suppliers
    ADD COLUMN credit_max_e4 BIGINT,
    ADD COLUMN tolerance_e4 BIGINT DEFAULT '10000' NOT NULL,
    ADD COLUMN thawed_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE suppliers.suppliers
    ADD CONSTRAINT supplier_limits_are_not_negative CHECK (credit_max_e4 >= 0 AND tolerance_e4 >= 0 AND exposure_max_e4 >= 0 AND balance_low_e4 >= 0);

CREATE TABLE suppliers.movements (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    kind TEXT NOT NULL,
    amount_e4 BIGINT NOT NULL,
    currency TEXT NOT NULL,
    method TEXT,
    reason TEXT NOT NULL,
    request_key TEXT,
    state TEXT DEFAULT 'asked' NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    approved_by TEXT,
    approved_at TIMESTAMP WITH TIME ZONE,
    paid_by TEXT,
    paid_at TIMESTAMP WITH TIME ZONE,
    reference TEXT DEFAULT '' NOT NULL,
    evidence_name TEXT,
    evidence_sha256 BYTEA,
    sealed_evidence BYTEA,
    posted_by TEXT,
    posted_at TIMESTAMP WITH TIME ZONE,
    transfer_id UUID,
    ended_by TEXT,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_because TEXT,
    CONSTRAINT movements_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT movement_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id),
    CONSTRAINT movement_kind_is_known CHECK (kind IN ('deposit', 'withdrawal', 'payment', 'returned', 'recovered', 'written_off', 'opening', 'correction')),
    CONSTRAINT movement_state_is_known CHECK (state IN ('asked', 'approved', 'paid', 'posted', 'refused', 'cancelled')),
    CONSTRAINT movement_is_of_money CHECK (amount_e4 > 0 OR (amount_e4 < 0 AND kind IN ('opening', 'correction'))),
    CONSTRAINT movement_is_approved_by_another CHECK (approved_by <> asked_by),
    CONSTRAINT movement_is_posted_after_approval CHECK (state NOT IN ('approved', 'paid', 'posted') OR approved_by IS NOT NULL),
    CONSTRAINT movement_of_cash_has_a_method CHECK ((method IS NOT NULL) = (kind IN ('deposit', 'payment', 'recovered', 'withdrawal'))),
    CONSTRAINT movement_of_cash_has_evidence CHECK (method IS NULL OR state NOT IN ('paid', 'posted') OR (paid_by IS NOT NULL AND (reference <> '' OR sealed_evidence IS NOT NULL))),
    CONSTRAINT movement_is_posted_once CHECK ((state = 'posted') = (transfer_id IS NOT NULL)),
    CONSTRAINT movement_ends_with_a_reason CHECK ((state IN ('refused', 'cancelled')) = (ended_because IS NOT NULL))
);
CREATE UNIQUE INDEX movement_is_asked_for_once ON suppliers.movements (tenant_id, request_key) WHERE request_key IS NOT NULL;
CREATE INDEX movements_of_a_supplier ON suppliers.movements (tenant_id, supplier_id, id);
CREATE INDEX movements_open ON suppliers.movements (tenant_id, id) WHERE state IN ('asked', 'approved', 'paid');

CREATE TABLE suppliers.balances (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    currency TEXT NOT NULL,
    theirs_e4 BIGINT NOT NULL,
    frozen_e4 BIGINT NOT NULL,
    credit_e4 BIGINT NOT NULL,
    ours_e4 BIGINT NOT NULL,
    in_doubt_e4 BIGINT NOT NULL,
    recoveries_e4 BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    CONSTRAINT balances_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT balance_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id),
    CONSTRAINT balance_verdict_is_known CHECK (verdict IN ('agrees', 'in_doubt', 'recoveries', 'differs'))
);
CREATE INDEX balances_of_a_supplier ON suppliers.balances (tenant_id, supplier_id, at);

CREATE TABLE suppliers.balance_readings (
    tenant_id BIGINT NOT NULL,
    supplier_id UUID NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE,
    differing INTEGER DEFAULT '0' NOT NULL,
    failures INTEGER DEFAULT '0' NOT NULL,
    said TEXT DEFAULT '' NOT NULL,
    CONSTRAINT balance_readings_key PRIMARY KEY (tenant_id, supplier_id),
    CONSTRAINT balance_reading_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id)
);

CREATE TABLE suppliers.alerts (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    kind TEXT NOT NULL,
    subject_id UUID NOT NULL,
    step INTEGER DEFAULT '0' NOT NULL,
    facts JSONB NOT NULL,
    raised_at TIMESTAMP WITH TIME ZONE NOT NULL,
    cleared_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT alerts_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT alert_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id),
    CONSTRAINT supplier_alert_kind_is_known CHECK (kind IN ('balance_low', 'balance_differs', 'balance_unread', 'payable_overdue', 'paper_expiring', 'quality_dropped'))
);
CREATE UNIQUE INDEX supplier_alert_stands_once ON suppliers.alerts (tenant_id, subject_id, kind) WHERE cleared_at IS NULL;
CREATE INDEX supplier_alerts_by_time ON suppliers.alerts (tenant_id, raised_at);

CREATE TABLE suppliers.papers (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    number TEXT DEFAULT '' NOT NULL,
    issuer TEXT DEFAULT '' NOT NULL,
    issued_on DATE,
    expires_on DATE,
    file_name TEXT,
    file_bytes INTEGER,
    file_sha256 BYTEA,
    sealed_file BYTEA,
    added_by TEXT NOT NULL,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    removed_by TEXT,
    removed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT papers_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT paper_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id),
    CONSTRAINT paper_kind_is_known CHECK (kind IN ('licence', 'certificate', 'authorisation', 'contract', 'other')),
    CONSTRAINT paper_expires_after_it_was_issued CHECK (expires_on >= issued_on),
    CONSTRAINT paper_file_is_whole CHECK ((sealed_file IS NULL) <= (removed_at IS NOT NULL OR file_name IS NULL))
);
CREATE INDEX papers_of_a_supplier ON suppliers.papers (tenant_id, supplier_id, kind);
CREATE INDEX papers_by_expiry ON suppliers.papers (tenant_id, expires_on) WHERE removed_at IS NULL AND expires_on IS NOT NULL;

CREATE TABLE suppliers.contacts (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    role TEXT NOT NULL,
    sealed BYTEA,
    added_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    erased_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT contacts_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT contact_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id),
    CONSTRAINT erased_contact_is_empty CHECK ((erased_at IS NULL) = (sealed IS NOT NULL))
);
CREATE INDEX contacts_of_a_supplier ON suppliers.contacts (tenant_id, supplier_id);

CREATE TABLE suppliers.quality_rules (
    tenant_id BIGINT NOT NULL,
    freezes BOOLEAN DEFAULT 'false' NOT NULL,
    attempts_min INTEGER DEFAULT '20' NOT NULL,
    success_min_ppm INTEGER DEFAULT '800000' NOT NULL,
    invalid_max_ppm INTEGER DEFAULT '20000' NOT NULL,
    CONSTRAINT quality_rules_key PRIMARY KEY (tenant_id),
    CONSTRAINT quality_rule_knows_its_tenant FOREIGN KEY(tenant_id) REFERENCES access.tenants (id),
    CONSTRAINT quality_rule_is_sane CHECK (attempts_min >= 1 AND success_min_ppm BETWEEN 0 AND 1000000 AND invalid_max_ppm BETWEEN 0 AND 1000000)
);

CREATE TABLE purchases.quality_days (
    tenant_id BIGINT NOT NULL,
    supplier_id UUID NOT NULL,
    day DATE NOT NULL,
    attempts INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    unclear INTEGER NOT NULL,
    received INTEGER NOT NULL,
    invalid INTEGER NOT NULL,
    price_changes INTEGER NOT NULL,
    waits INTEGER[] NOT NULL,
    CONSTRAINT quality_days_key PRIMARY KEY (tenant_id, supplier_id, day),
    CONSTRAINT quality_day_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id)
);
CREATE INDEX quality_days_by_day ON purchases.quality_days (tenant_id, day);

-- What a supplier sent since a day, without reading all it ever sent.
DROP INDEX stock.lots_of_a_supplier;
CREATE INDEX lots_of_a_supplier ON stock.lots (tenant_id, supplier_id, received_at);
