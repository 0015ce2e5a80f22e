"""Suppliers: our money with them, their papers and contacts, and what people are told of these."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from kashu.core.schema import (
    belongs_to,
    index,
    of_a_tenant,
    one_of,
    state_column,
    tenant_table,
    unique,
)
from kashu.suppliers.kinds_prepaid import (
    OF_CASH,
    SIGNED,
    AlertKind,
    MovementKind,
    MovementState,
    PaperKind,
    Verdict,
)


def _any_of(kinds: frozenset[MovementKind]) -> str:
    return ", ".join(f"'{kind.value}'" for kind in sorted(kinds))


# Money that people move to or from a supplier. One effect in the books, after a second person.
movements: Final = tenant_table(
    "suppliers",
    "movements",
    Column("supplier_id", Uuid(), nullable=False),
    Column("kind", Text(), nullable=False),
    Column("amount_e4", BigInteger(), nullable=False),
    Column("currency", Text(), nullable=False),
    Column("method", Text()),  # how cash moves; NULL: none does
    Column("reason", Text(), nullable=False),
    Column("request_key", Text()),  # the asker's own: asking twice asks once
    state_column(MovementState.ASKED),
    Column("asked_by", Text(), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("approved_by", Text()),
    Column("approved_at", DateTime(timezone=True)),
    Column("paid_by", Text()),
    Column("paid_at", DateTime(timezone=True)),
    # The proof that it was paid: the bank's or wallet's number, or a picture. Sealed.
    Column("reference", Text(), nullable=False, server_default=""),
    Column("evidence_name", Text()),
    Column("evidence_sha256", LargeBinary()),
    Column("sealed_evidence", LargeBinary()),
    Column("posted_by", Text()),
    Column("posted_at", DateTime(timezone=True)),
    Column("transfer_id", Uuid()),  # what it is in the books
    Column("ended_by", Text()),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_because", Text()),
    # What one of its currency was in ours, where it was a cost of ours; NULL: it wasn't exchanged.
    Column("rate_e6", BigInteger()),
    unique("movement_is_asked_for_once", "request_key", where="request_key IS NOT NULL"),
    index("movements_of_a_supplier", "supplier_id", "id"),
    index("movements_open", "id", where="state IN ('asked', 'approved', 'paid')"),
    belongs_to("supplier_id", "suppliers.suppliers", "movement_knows_its_supplier"),
    one_of("kind", MovementKind, "movement_kind_is_known"),
    one_of("state", MovementState, "movement_state_is_known"),
    CheckConstraint(
        f"amount_e4 > 0 OR (amount_e4 < 0 AND kind IN ({_any_of(SIGNED)}))",
        name="movement_is_of_money",
    ),
    CheckConstraint("approved_by <> asked_by", name="movement_is_approved_by_another"),
    CheckConstraint(
        "state NOT IN ('approved', 'paid', 'posted') OR approved_by IS NOT NULL",
        name="movement_is_posted_after_approval",
    ),
    CheckConstraint(
        f"(method IS NOT NULL) = (kind IN ({_any_of(OF_CASH)}))",
        name="movement_of_cash_has_a_method",
    ),
    CheckConstraint(
        "method IS NULL OR state NOT IN ('paid', 'posted') OR"
        " (paid_by IS NOT NULL AND (reference <> '' OR sealed_evidence IS NOT NULL))",
        name="movement_of_cash_has_evidence",
    ),
    CheckConstraint(
        "(state = 'posted') = (transfer_id IS NOT NULL)", name="movement_is_posted_once"
    ),
    CheckConstraint(
        "(state IN ('refused', 'cancelled')) = (ended_because IS NOT NULL)",
        name="movement_ends_with_a_reason",
    ),
    CheckConstraint("rate_e6 BETWEEN 1 AND 1000000000", name="movement_rate_is_sane"),
)

# What suppliers said that we have with them, beside what the books said then. Never changed.
balances: Final = tenant_table(
    "suppliers",
    "balances",
    Column("supplier_id", Uuid(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("currency", Text(), nullable=False),
    Column("theirs_e4", BigInteger(), nullable=False),
    Column("frozen_e4", BigInteger(), nullable=False),  # ours, and not to be spent, they say
    Column("credit_e4", BigInteger(), nullable=False),
    Column("ours_e4", BigInteger(), nullable=False),  # prepaid, by the books
    Column("in_doubt_e4", BigInteger(), nullable=False),
    Column("recoveries_e4", BigInteger(), nullable=False),
    Column("verdict", Text(), nullable=False),
    index("balances_of_a_supplier", "supplier_id", "at"),
    belongs_to("supplier_id", "suppliers.suppliers", "balance_knows_its_supplier"),
    one_of("verdict", Verdict, "balance_verdict_is_known"),
    append_only=True,
)

# How asking for a balance goes: when it last told, and what went wrong since.
balance_readings: Final = tenant_table(
    "suppliers",
    "balance_readings",
    Column("supplier_id", Uuid(), nullable=False),
    Column("read_at", DateTime(timezone=True)),
    Column("differing", Integer(), nullable=False, server_default="0"),  # readings in a row
    Column("failures", Integer(), nullable=False, server_default="0"),  # in a row
    Column("said", Text(), nullable=False, server_default=""),  # the last failure's code
    belongs_to("supplier_id", "suppliers.suppliers", "balance_reading_knows_its_supplier"),
    key=("supplier_id",),
)

# What people are told, once, until its cause is gone.
alerts: Final = tenant_table(
    "suppliers",
    "alerts",
    Column("supplier_id", Uuid(), nullable=False),
    Column("kind", Text(), nullable=False),
    Column("subject_id", Uuid(), nullable=False),  # the supplier, or one of its papers
    Column("step", Integer(), nullable=False, server_default="0"),  # told again at each
    Column("facts", JSONB(), nullable=False),
    Column("raised_at", DateTime(timezone=True), nullable=False),
    Column("cleared_at", DateTime(timezone=True)),
    unique("supplier_alert_stands_once", "subject_id", "kind", where="cleared_at IS NULL"),
    index("supplier_alerts_by_time", "raised_at"),
    belongs_to("supplier_id", "suppliers.suppliers", "alert_knows_its_supplier"),
    one_of("kind", AlertKind, "supplier_alert_kind_is_known"),
)

# Certificates, authorisations, contracts. What a file holds is sealed under the master key.
papers: Final = tenant_table(
    "suppliers",
    "papers",
    Column("supplier_id", Uuid(), nullable=False),
    Column("kind", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("number", Text(), nullable=False, server_default=""),
    Column("issuer", Text(), nullable=False, server_default=""),
    Column("issued_on", Date()),
    Column("expires_on", Date()),  # its last day; NULL: it has none
    Column("file_name", Text()),
    Column("file_bytes", Integer()),
    Column("file_sha256", LargeBinary()),
    Column("sealed_file", LargeBinary()),
    Column("added_by", Text(), nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("removed_by", Text()),
    Column("removed_at", DateTime(timezone=True)),
    index("papers_of_a_supplier", "supplier_id", "kind"),
    index("papers_by_expiry", "expires_on", where="removed_at IS NULL AND expires_on IS NOT NULL"),
    belongs_to("supplier_id", "suppliers.suppliers", "paper_knows_its_supplier"),
    one_of("kind", PaperKind, "paper_kind_is_known"),
    CheckConstraint("expires_on >= issued_on", name="paper_expires_after_it_was_issued"),
    CheckConstraint(
        "(sealed_file IS NULL) <= (removed_at IS NOT NULL OR file_name IS NULL)",
        name="paper_file_is_whole",
    ),
)

# Whom we talk to there: a role, and a name and how to reach it, sealed, erased on request.
contacts: Final = tenant_table(
    "suppliers",
    "contacts",
    Column("supplier_id", Uuid(), nullable=False),
    Column("role", Text(), nullable=False),  # 商务, 财务, 技术 …
    Column("sealed", LargeBinary()),
    Column("added_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("erased_at", DateTime(timezone=True)),
    index("contacts_of_a_supplier", "supplier_id"),
    belongs_to("supplier_id", "suppliers.suppliers", "contact_knows_its_supplier"),
    CheckConstraint("(erased_at IS NULL) = (sealed IS NOT NULL)", name="erased_contact_is_empty"),
)

# When a supplier whose quality drops isn't bought from any more. One row a shop, or none.
quality_rules: Final = tenant_table(
    "suppliers",
    "quality_rules",
    Column("freezes", Boolean(), nullable=False, server_default="false"),
    Column("attempts_min", Integer(), nullable=False, server_default="20"),
    Column("success_min_ppm", Integer(), nullable=False, server_default="800000"),
    Column("invalid_max_ppm", Integer(), nullable=False, server_default="20000"),
    of_a_tenant("quality_rule_knows_its_tenant"),
    CheckConstraint(
        "attempts_min >= 1 AND success_min_ppm BETWEEN 0 AND 1000000"
        " AND invalid_max_ppm BETWEEN 0 AND 1000000",
        name="quality_rule_is_sane",
    ),
    key=(),
)
