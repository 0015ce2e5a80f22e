-- Suppliers' statements beside what we ordered. What each table is for: purchases/tables_statements.py.
CREATE TABLE purchases.statements (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    supplier_id UUID NOT NULL,
    begins_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    timed_by TEXT NOT NULL,
    source TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256 BYTEA NOT NULL,
    currency TEXT NOT NULL,
    tolerance_e4 BIGINT NOT NULL,
    line_count INTEGER NOT NULL,
    wrong_count INTEGER NOT NULL,
    charged_e4 BIGINT NOT NULL,
    refunded_e4 BIGINT NOT NULL,
    matched_count INTEGER NOT NULL,
    near_count INTEGER NOT NULL,
    actor TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    CONSTRAINT statements_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT statement_knows_its_supplier FOREIGN KEY(tenant_id, supplier_id) REFERENCES suppliers.suppliers (tenant_id, id),
    CONSTRAINT statement_times_are_known CHECK (timed_by IN ('ordered', 'completed', 'either')),
    CONSTRAINT statement_source_is_known CHECK (source IN ('file', 'fetched')),
    CONSTRAINT statement_is_of_a_time CHECK (begins_at < ends_at)
);
CREATE UNIQUE INDEX statement_is_taken_in_once ON purchases.statements (tenant_id, supplier_id, sha256);
CREATE INDEX statements_of_a_supplier ON purchases.statements (tenant_id, supplier_id, begins_at);

CREATE TABLE purchases.statement_lines (
    tenant_id BIGINT NOT NULL,
    statement_id UUID NOT NULL,
    row_number INTEGER NOT NULL,
    number TEXT NOT NULL,
    their_number TEXT NOT NULL,
    amount_e4 BIGINT NOT NULL,
    quantity INTEGER,
    ordered_at TIMESTAMP WITH TIME ZONE,
    completed_at TIMESTAMP WITH TIME ZONE,
    said TEXT NOT NULL,
    title TEXT NOT NULL,
    attempt_id UUID,
    matched_by TEXT,
    CONSTRAINT statement_lines_key PRIMARY KEY (tenant_id, statement_id, row_number),
    CONSTRAINT statement_line_knows_its_statement FOREIGN KEY(tenant_id, statement_id) REFERENCES purchases.statements (tenant_id, id),
    CONSTRAINT statement_line_match_is_known CHECK (matched_by IN ('number', 'their_number', 'amount_and_time')),
    CONSTRAINT matched_statement_line_says_how CHECK ((attempt_id IS NULL) = (matched_by IS NULL))
);
CREATE INDEX statement_lines_of_an_attempt ON purchases.statement_lines (tenant_id, attempt_id) WHERE attempt_id IS NOT NULL;

CREATE TABLE purchases.findings (
    tenant_id BIGINT NOT NULL,
    id UUID NOT NULL,
    statement_id UUID NOT NULL,
    kind TEXT NOT NULL,
    what TEXT NOT NULL,
    row_number INTEGER,
    attempt_id UUID,
    ours_e4 BIGINT NOT NULL,
    theirs_e4 BIGINT NOT NULL,
    CONSTRAINT findings_key PRIMARY KEY (tenant_id, id),
    CONSTRAINT finding_knows_its_statement FOREIGN KEY(tenant_id, statement_id) REFERENCES purchases.statements (tenant_id, id),
    CONSTRAINT finding_knows_its_attempt FOREIGN KEY(tenant_id, attempt_id) REFERENCES purchases.attempts (tenant_id, id),
    CONSTRAINT finding_kind_is_known CHECK (kind IN ('missing', 'extra', 'different', 'duplicated')),
    CONSTRAINT finding_has_its_side CHECK ((kind = 'missing') = (row_number IS NULL) AND (kind = 'missing') <= (attempt_id IS NOT NULL))
);
CREATE UNIQUE INDEX finding_is_found_once ON purchases.findings (tenant_id, statement_id, kind, row_number, attempt_id) NULLS NOT DISTINCT;

CREATE TABLE purchases.resolutions (
    tenant_id BIGINT NOT NULL,
    finding_id UUID NOT NULL,
    statement_id UUID NOT NULL,
    kind TEXT NOT NULL,
    amount_e4 BIGINT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT DEFAULT 'asked' NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    is_large BOOLEAN NOT NULL,
    approved_by TEXT,
    posted_at TIMESTAMP WITH TIME ZONE,
    transfer_id UUID,
    CONSTRAINT resolutions_key PRIMARY KEY (tenant_id, finding_id),
    CONSTRAINT resolution_knows_its_finding FOREIGN KEY(tenant_id, finding_id) REFERENCES purchases.findings (tenant_id, id),
    CONSTRAINT resolution_kind_is_known CHECK (kind IN ('explained', 'accepted', 'asked_back')),
    CONSTRAINT resolution_state_is_known CHECK (state IN ('asked', 'done')),
    CONSTRAINT resolution_is_approved_by_another CHECK (approved_by <> asked_by),
    CONSTRAINT large_resolution_is_approved CHECK (NOT (is_large AND state = 'done') OR approved_by IS NOT NULL),
    CONSTRAINT resolution_is_posted_once CHECK ((transfer_id IS NOT NULL) = (state = 'done' AND kind <> 'explained')),
    CONSTRAINT explained_resolution_moves_nothing CHECK ((kind = 'explained') = (amount_e4 = 0))
);
CREATE INDEX resolutions_of_a_statement ON purchases.resolutions (tenant_id, statement_id);
