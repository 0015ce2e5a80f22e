"""Enterprise customers, and agents: on what terms they sell on what we have."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Integer,
    Text,
    Uuid,
    func,
)

from kashu.core.money import AMOUNT_MAX_E4
from kashu.core.schema import (
    belongs_to,
    of_a_tenant,
    one_of,
    state_column,
    tenant_table,
    unique,
)
from kashu.customers.kinds import AgentState, StockShown

customers: Final = tenant_table(
    "customers",
    "customers",
    Column("code", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("partial_allowed", Boolean()),  # NULL: as the store or the SKU says
    Column("added_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("customer_code_is_unique", "code"),
    of_a_tenant("customer_knows_its_tenant"),
)

# A customer who sells on what we have. Its wallet is what it paid in, less all it ordered, waiting
# lines too: never below what it may owe. `verify` works it out again from books and lines.
agents: Final = tenant_table(
    "customers",
    "agents",
    Column("customer_id", Uuid(), nullable=False),
    state_column(AgentState.OPEN),
    Column("wallet_e4", BigInteger(), nullable=False, server_default="0"),
    Column("credit_max_e4", BigInteger(), nullable=False, server_default="0"),
    # Up to so much one person's word is enough where money is paid in or out.
    Column("alone_max_e4", BigInteger(), nullable=False, server_default="0"),
    Column("stock_shown", Text(), nullable=False, server_default=StockShown.BANDED.value),
    Column("added_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    belongs_to("customer_id", "customers.customers", "agent_is_a_customer"),
    one_of("state", AgentState, "agent_state_is_known"),
    one_of("stock_shown", StockShown, "agent_is_shown_stock_somehow"),
    CheckConstraint("wallet_e4 + credit_max_e4 >= 0", name="agent_stays_within_credit"),
    CheckConstraint(
        f"credit_max_e4 BETWEEN 0 AND {AMOUNT_MAX_E4}"
        f" AND alone_max_e4 BETWEEN 0 AND {AMOUNT_MAX_E4}",
        name="agent_limits_are_sane",
    ),
    key=("customer_id",),
    fillfactor=50,  # changes with every order, in place
)

# What agents may be sold at all, and the number by which dialects name it.
goods: Final = tenant_table(
    "customers",
    "goods",
    Column("sku_id", Uuid(), nullable=False),
    Column("number", Integer(), nullable=False),
    Column("on_sale", Boolean(), nullable=False),
    Column("buffer", Integer(), nullable=False, server_default="0"),  # units agents aren't shown
    unique("good_has_a_number_of_its_own", "number"),
    belongs_to("sku_id", "catalog.skus", "good_knows_its_sku"),
    CheckConstraint("buffer BETWEEN 0 AND 1000000", name="good_buffer_is_sane"),
    CheckConstraint("number > 0", name="good_number_is_positive"),
    key=("sku_id",),
)

# What an agent pays for a unit, from so many units on. What has no price isn't sold to it.
prices: Final = tenant_table(
    "customers",
    "prices",
    Column("customer_id", Uuid(), nullable=False),
    Column("sku_id", Uuid(), nullable=False),
    Column("from_units", Integer(), nullable=False),
    Column("unit_price_e4", BigInteger(), nullable=False),  # whole fen
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("until", DateTime(timezone=True)),  # NULL: until it is changed
    belongs_to("customer_id", "customers.customers", "price_knows_its_agent"),
    belongs_to("sku_id", "catalog.skus", "price_knows_its_sku"),
    CheckConstraint("from_units BETWEEN 1 AND 10000", name="price_begins_at_a_sane_number"),
    CheckConstraint(
        f"unit_price_e4 BETWEEN 0 AND {AMOUNT_MAX_E4} AND unit_price_e4 % 100 = 0",
        name="price_is_whole_fen",
    ),
    CheckConstraint("until > since", name="price_ends_after_it_begins"),
    key=("customer_id", "sku_id", "from_units"),
)
