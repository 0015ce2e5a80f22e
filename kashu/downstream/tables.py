"""Agents' logins, the numbers their orders go by, and money that people move for them."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    func,
)

from kashu.core.schema import (
    belongs_to,
    index,
    one_of,
    state_column,
    tenant_table,
    unique,
)
from kashu.downstream.kinds import MoveKind, MoveMethod, MoveState

# What an agent's system signs with, in a dialect of its own. The secret is sealed, shown once.
logins: Final = tenant_table(
    "downstream",
    "logins",
    Column("customer_id", Uuid(), nullable=False),
    Column("dialect", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("number", Integer(), nullable=False),  # where a dialect wants a number for who calls
    Column("sealed_secret", LargeBinary(), nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("revoked_at", DateTime(timezone=True)),
    # How often it called since `counted_at`; and until when it is refused for that.
    Column("counted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("calls", Integer(), nullable=False, server_default="0"),
    Column("blocked_until", DateTime(timezone=True)),
    unique("login_has_a_number_of_its_own", "number"),
    index("logins_of_an_agent", "customer_id"),
    belongs_to("customer_id", "customers.customers", "login_knows_its_agent"),
    fillfactor=50,  # counts every call, in place
)

# Which number we gave an agent's order: written before the order is, once for each of theirs.
placed: Final = tenant_table(
    "downstream",
    "placed",
    Column("number", BigInteger(), nullable=False),
    Column("customer_id", Uuid(), nullable=False),
    Column("external_id", Text(), nullable=False),
    Column("sku_number", Integer(), nullable=False),  # what was asked for: another is a conflict
    Column("quantity", Integer(), nullable=False),
    Column("placed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("agents_order_is_placed_once", "customer_id", "external_id"),
    belongs_to("customer_id", "customers.customers", "placed_order_knows_its_agent"),
    key=("number",),
)

# Money to and from agents' wallets. One effect in the books; above a limit after a second person.
wallet_moves: Final = tenant_table(
    "downstream",
    "wallet_moves",
    Column("customer_id", Uuid(), nullable=False),
    Column("kind", Text(), nullable=False),
    Column("amount_e4", BigInteger(), nullable=False),
    Column("method", Text(), nullable=False),
    Column("reference", Text(), nullable=False),  # what shows it: the bank's or wallet's number
    Column("reason", Text(), nullable=False),
    state_column(MoveState.ASKED),
    Column("asked_by", Text(), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("alone", Text()),  # who needed nobody else, as the limit was then
    Column("decided_by", Text()),
    Column("decided_at", DateTime(timezone=True)),
    Column("transfer_id", Uuid()),
    unique(
        "wallet_move_is_shown_once",
        "customer_id",
        "kind",
        "method",
        "reference",
        where="state <> 'refused'",
    ),
    index("wallet_moves_of_an_agent", "customer_id", "id"),
    belongs_to("customer_id", "customers.customers", "wallet_move_knows_its_agent"),
    one_of("kind", MoveKind, "wallet_move_kind_is_known"),
    one_of("state", MoveState, "wallet_move_state_is_known"),
    one_of("method", MoveMethod, "wallet_move_method_is_known"),
    CheckConstraint("amount_e4 > 0", name="wallet_move_is_of_money"),
    CheckConstraint("reference <> ''", name="wallet_move_has_evidence"),
    CheckConstraint(
        "state <> 'posted' OR decided_by <> asked_by OR alone = asked_by",
        name="wallet_move_is_approved_by_another",
    ),
    CheckConstraint(
        "(state = 'posted') = (transfer_id IS NOT NULL)"
        " AND (state = 'asked') = (decided_by IS NULL)",
        name="wallet_move_is_posted_once",
    ),
)
