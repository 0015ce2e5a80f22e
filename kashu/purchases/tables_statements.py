"""Suppliers' statements, what they don't agree with us about, and how that was settled."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    func,
)

from kashu.core.schema import belongs_to, index, one_of, state_column, tenant_table, unique
from kashu.purchases.kinds_statements import (
    FindingKind,
    MatchedBy,
    ResolutionKind,
    ResolutionState,
    StatementSource,
    TimedBy,
)

# What a supplier says that it charged in a time. Never changed.
statements: Final = tenant_table(
    "purchases",
    "statements",
    Column("supplier_id", Uuid(), nullable=False),
    Column("begins_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),  # the first moment after it
    Column("timed_by", Text(), nullable=False),
    Column("source", Text(), nullable=False),
    Column("file_name", Text(), nullable=False),
    Column("sha256", LargeBinary(), nullable=False),  # of the file, or of what was fetched
    Column("currency", Text(), nullable=False),
    Column("tolerance_e4", BigInteger(), nullable=False),
    Column("line_count", Integer(), nullable=False),
    Column("wrong_count", Integer(), nullable=False),  # rows that couldn't be read, left out
    Column("charged_e4", BigInteger(), nullable=False),
    Column("refunded_e4", BigInteger(), nullable=False),
    Column("matched_count", Integer(), nullable=False),  # lines that are of an order of ours
    Column("near_count", Integer(), nullable=False),  # … by amount and time alone
    Column("actor", Text(), nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("statement_is_taken_in_once", "supplier_id", "sha256"),
    index("statements_of_a_supplier", "supplier_id", "begins_at"),
    belongs_to("supplier_id", "suppliers.suppliers", "statement_knows_its_supplier"),
    one_of("timed_by", TimedBy, "statement_times_are_known"),
    one_of("source", StatementSource, "statement_source_is_known"),
    CheckConstraint("begins_at < ends_at", name="statement_is_of_a_time"),
    append_only=True,
)

# Its lines as they came, and whose they are. Never changed.
statement_lines: Final = tenant_table(
    "purchases",
    "statement_lines",
    Column("statement_id", Uuid(), nullable=False),
    Column("row_number", Integer(), nullable=False),  # as a spreadsheet shows it
    Column("number", Text(), nullable=False),
    Column("their_number", Text(), nullable=False),
    Column("amount_e4", BigInteger(), nullable=False),  # less than 0: a refund
    Column("quantity", Integer()),
    Column("ordered_at", DateTime(timezone=True)),
    Column("completed_at", DateTime(timezone=True)),
    Column("said", Text(), nullable=False),
    Column("title", Text(), nullable=False),
    Column("attempt_id", Uuid()),
    Column("matched_by", Text()),
    index("statement_lines_of_an_attempt", "attempt_id", where="attempt_id IS NOT NULL"),
    belongs_to("statement_id", "purchases.statements", "statement_line_knows_its_statement"),
    one_of("matched_by", MatchedBy, "statement_line_match_is_known"),
    CheckConstraint(
        "(attempt_id IS NULL) = (matched_by IS NULL)", name="matched_statement_line_says_how"
    ),
    append_only=True,
    key=("statement_id", "row_number"),
)

# What is wrong between a statement and our orders. Never changed.
findings: Final = tenant_table(
    "purchases",
    "findings",
    Column("statement_id", Uuid(), nullable=False),
    Column("kind", Text(), nullable=False),
    Column("what", Text(), nullable=False),  # amount, quantity, refund, state, in_doubt, order
    Column("row_number", Integer()),  # the first line; NULL: there is none
    Column("attempt_id", Uuid()),  # NULL: none of ours
    Column("ours_e4", BigInteger(), nullable=False),
    Column("theirs_e4", BigInteger(), nullable=False),
    unique(
        "finding_is_found_once",
        *("statement_id", "kind", "row_number", "attempt_id"),
        nulls_equal=True,
    ),
    belongs_to("statement_id", "purchases.statements", "finding_knows_its_statement"),
    belongs_to("attempt_id", "purchases.attempts", "finding_knows_its_attempt"),
    one_of("kind", FindingKind, "finding_kind_is_known"),
    CheckConstraint(
        "(kind = 'missing') = (row_number IS NULL)"
        " AND (kind = 'missing') <= (attempt_id IS NOT NULL)",
        name="finding_has_its_side",
    ),
    append_only=True,
)

# How a finding was settled: by a transfer, or by words where no money is wrong.
resolutions: Final = tenant_table(
    "purchases",
    "resolutions",
    Column("finding_id", Uuid(), nullable=False),
    Column("statement_id", Uuid(), nullable=False),
    Column("kind", Text(), nullable=False),
    Column("amount_e4", BigInteger(), nullable=False),  # theirs less ours
    Column("reason", Text(), nullable=False),
    state_column(ResolutionState.ASKED),
    Column("asked_by", Text(), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("is_large", Boolean(), nullable=False),  # over the limit: a second person decides
    Column("approved_by", Text()),
    Column("posted_at", DateTime(timezone=True)),
    Column("transfer_id", Uuid()),
    # What one of its currency was in ours, where it was a cost of ours; NULL: it wasn't exchanged.
    Column("rate_e6", BigInteger()),
    index("resolutions_of_a_statement", "statement_id"),
    belongs_to("finding_id", "purchases.findings", "resolution_knows_its_finding"),
    one_of("kind", ResolutionKind, "resolution_kind_is_known"),
    one_of("state", ResolutionState, "resolution_state_is_known"),
    CheckConstraint("approved_by <> asked_by", name="resolution_is_approved_by_another"),
    CheckConstraint(
        "NOT (is_large AND state = 'done') OR approved_by IS NOT NULL",
        name="large_resolution_is_approved",
    ),
    CheckConstraint(
        "(transfer_id IS NOT NULL) = (state = 'done' AND kind <> 'explained')",
        name="resolution_is_posted_once",
    ),
    CheckConstraint(
        "(kind = 'explained') = (amount_e4 = 0)", name="explained_resolution_moves_nothing"
    ),
    CheckConstraint("rate_e6 BETWEEN 1 AND 1000000000", name="resolution_rate_is_sane"),
    key=("finding_id",),
)
