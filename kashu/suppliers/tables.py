"""Suppliers: upstream accounts we buy from, what they ask, and on what terms."""

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
from kashu.suppliers.kinds import ConnectionState, Goods, OfferState, Settlement, Told

suppliers: Final = tenant_table(
    "suppliers",
    "suppliers",
    Column("code", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("tier", Integer(), nullable=False, server_default="2"),  # 1 一手, 2 二级, 3 三级
    Column("added_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # On what terms we buy. Shares are in parts per million of the price.
    Column("settlement", Text(), nullable=False, server_default=Settlement.PREPAID.value),
    Column("settle_days", Integer(), nullable=False, server_default="0"),  # after we bought
    Column("fee_e4", BigInteger(), nullable=False, server_default="0"),  # on each unit …
    Column("fee_ppm", Integer(), nullable=False, server_default="0"),  # … and of its price
    Column("rebate_ppm", Integer(), nullable=False, server_default="0"),
    Column("exposure_max_e4", BigInteger()),  # of our money there, in doubt included
    Column("balance_low_e4", BigInteger()),  # below it people are told
    Column("frozen_because", Text()),  # nothing is bought here by itself; NULL: it may be
    # How far prepaid may go below zero, or how much we may owe; NULL: not at all, or any amount.
    Column("credit_max_e4", BigInteger()),
    Column("tolerance_e4", BigInteger(), nullable=False, server_default="10000"),  # of a balance
    Column("thawed_at", DateTime(timezone=True)),  # by a person: its quality is judged from then on
    # What it is paid in: our money there, and its limits, are read in it. See currency.py.
    Column("currency", Text(), nullable=False, server_default="CNY"),
    unique("supplier_code_is_unique", "code"),
    CheckConstraint("tier BETWEEN 1 AND 3", name="supplier_tier_is_1_to_3"),
    CheckConstraint(
        "fee_e4 >= 0 AND fee_ppm BETWEEN 0 AND 1000000 AND rebate_ppm BETWEEN 0 AND 1000000"
        " AND settle_days BETWEEN 0 AND 365",
        name="supplier_terms_are_sane",
    ),
    CheckConstraint(
        "credit_max_e4 >= 0 AND tolerance_e4 >= 0 AND exposure_max_e4 >= 0 AND balance_low_e4 >= 0",
        name="supplier_limits_are_not_negative",
    ),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="supplier_currency_is_a_code"),
    one_of("settlement", Settlement, "supplier_settlement_is_known"),
    of_a_tenant("supplier_knows_its_tenant"),
)

# Our account at a supplier. Secrets are sealed under the master key.
connections: Final = tenant_table(
    "suppliers",
    "connections",
    Column("supplier_id", Uuid(), nullable=False),
    Column("protocol", Text(), nullable=False),  # the name of an adapter
    Column("account", Text(), nullable=False),
    Column("sealed_secret", LargeBinary(), nullable=False),
    Column("base_url", Text(), nullable=False, server_default=""),
    Column("options", JSONB(), nullable=False, server_default="{}"),  # those that aren't secret …
    Column("sealed_options", LargeBinary()),  # … and those that are: JSON
    Column("notice_token", Text(), nullable=False),  # the unguessable part of our notice address
    state_column(ConnectionState.OPEN),
    # Prices are asked for every so many seconds, from `prices_at` on.
    Column("prices_every_s", Integer(), nullable=False, server_default="60"),
    Column("prices_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("prices_ok_at", DateTime(timezone=True)),  # the last whole list
    Column("prices_failures", Integer(), nullable=False, server_default="0"),  # in a row
    Column("prices_said", Text(), nullable=False, server_default=""),  # the last failure's code
    Column("prices_leased_until", DateTime(timezone=True)),  # somebody reads them; NULL: nobody
    Column("balance_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # The breaker: nothing is bought before `broken_until`; then one order tries.
    Column("broken_until", DateTime(timezone=True)),
    Column("breaks", Integer(), nullable=False, server_default="0"),  # in a row
    Column("broken_because", Text(), nullable=False, server_default=""),
    Column("trying_until", DateTime(timezone=True)),  # the one order that tries is under way
    belongs_to("supplier_id", "suppliers.suppliers", "connection_knows_its_supplier"),
    one_of("state", ConnectionState, "supplier_connection_state_is_known"),
    CheckConstraint("prices_every_s BETWEEN 5 AND 86400", name="prices_are_asked_in_time"),
    unique("notice_token_is_unique", "notice_token"),
    key=("supplier_id",),
)

# What a supplier asks for one of its products now.
offers: Final = tenant_table(
    "suppliers",
    "offers",
    Column("supplier_id", Uuid(), nullable=False),
    Column("ref", Text(), nullable=False),  # the supplier's own, with the variant
    Column("title", Text(), nullable=False),
    Column("goods", Text(), nullable=False),
    # Mapped by a person: one of theirs is `units` of ours. NULL: it isn't bought.
    Column("sku_id", Uuid()),
    Column("units", Integer(), nullable=False, server_default="1"),
    Column("unit_cost_e4", BigInteger()),  # of one of theirs; NULL: not told
    Column("currency", Text(), nullable=False, server_default="CNY"),
    Column("stock", Integer()),  # NULL: not told in numbers
    Column("in_stock", Boolean(), nullable=False, server_default="true"),
    Column("on_sale", Boolean(), nullable=False, server_default="true"),
    Column("face_value_e4", BigInteger()),
    Column("least", Integer(), nullable=False, server_default="1"),
    Column("most", Integer()),
    Column("inputs", JSONB()),  # what must be filled in; NULL: not asked yet
    state_column(OfferState.LIVE),
    Column("held_because", Text()),
    Column("held_cost_e4", BigInteger()),  # the price that is held; unit_cost_e4 is the one before
    Column("told", Text(), nullable=False, server_default=Told.POLLED.value),
    # When its price was last told; a whole list that was read later (prices_ok_at) counts, too.
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    # What a person saw when they mapped or released it: that isn't held again for its words.
    Column("checked_title", Text()),
    Column("checked_face_e4", BigInteger()),
    unique("offer_is_known_once", "supplier_id", "ref"),
    index("offers_of_a_sku", "sku_id", where="sku_id IS NOT NULL"),
    index("offers_held", "id", where="state = 'held' AND sku_id IS NOT NULL"),
    belongs_to("supplier_id", "suppliers.suppliers", "offer_knows_its_supplier"),
    belongs_to("sku_id", "catalog.skus", "offer_knows_its_sku"),
    one_of("goods", Goods, "offer_goods_are_known"),
    one_of("state", OfferState, "offer_state_is_known"),
    one_of("told", Told, "offer_source_is_known"),
    CheckConstraint("units BETWEEN 1 AND 100000", name="offer_units_are_sane"),
    CheckConstraint("unit_cost_e4 > 0", name="offer_cost_is_positive"),
    CheckConstraint(
        "(state = 'held') = (held_because IS NOT NULL)", name="held_offer_has_a_reason"
    ),
    fillfactor=80,
)

# Each change of a price or of being for sale, the held ones too. Never changed.
prices: Final = tenant_table(
    "suppliers",
    "prices",
    Column("offer_id", Uuid(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("unit_cost_e4", BigInteger()),
    Column("stock", Integer()),
    Column("in_stock", Boolean(), nullable=False),
    Column("on_sale", Boolean(), nullable=False),
    Column("told", Text(), nullable=False),
    Column("held_because", Text()),  # it isn't bought at this price; NULL: it is
    index("prices_of_an_offer", "offer_id", "at"),
    belongs_to("offer_id", "suppliers.offers", "price_knows_its_offer"),
    append_only=True,
)

# How good a supplier was in the last 30 days, as it is reckoned now and then from its attempts.
quality: Final = tenant_table(
    "suppliers",
    "quality",
    Column("supplier_id", Uuid(), nullable=False),
    Column("attempts", Integer(), nullable=False),  # that ended
    Column("success_ppm", Integer(), nullable=False),
    Column("p95_ms", Integer()),  # from ordering to the goods; NULL: none came
    Column("invalid_ppm", Integer(), nullable=False),  # of the units received
    Column("price_changes", Integer(), nullable=False),  # of its offers that we buy
    Column("unclear", Integer(), nullable=False),  # attempts that were in doubt
    Column("reckoned_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    belongs_to("supplier_id", "suppliers.suppliers", "quality_knows_its_supplier"),
    key=("supplier_id",),
)

# How a merchant compares offers, and which prices it believes. No row: as the defaults say.
rules: Final = tenant_table(
    "suppliers",
    "rules",
    Column("stale_s", Integer(), nullable=False, server_default="900"),
    Column("file_stale_s", Integer(), nullable=False, server_default="86400"),  # of price files
    Column("rise_ppm", Integer(), nullable=False, server_default="300000"),  # above it is held
    Column("drop_ppm", Integer(), nullable=False, server_default="200000"),
    Column("move_ppm", Integer(), nullable=False, server_default="10000"),  # from it on we tell
    Column("failure_cost_e4", BigInteger(), nullable=False, server_default="5000"),
    Column("invalid_cost_e4", BigInteger(), nullable=False, server_default="20000"),
    Column("usual_failure_ppm", Integer(), nullable=False, server_default="20000"),
    Column("usual_invalid_ppm", Integer(), nullable=False, server_default="2000"),
    Column("capital_ppm", Integer(), nullable=False, server_default="60000"),  # a year
    Column("prepaid_days", Integer(), nullable=False, server_default="7"),  # before it is used
    Column("stock_days", Integer(), nullable=False, server_default="3"),  # before it is sold
    CheckConstraint(
        "stale_s BETWEEN 30 AND 604800 AND file_stale_s BETWEEN 60 AND 31536000",
        name="staleness_is_sane",
    ),
    CheckConstraint(
        "rise_ppm BETWEEN 1000 AND 100000000 AND drop_ppm BETWEEN 1000 AND 1000000"
        " AND move_ppm BETWEEN 0 AND 1000000",
        name="price_limits_are_sane",
    ),
    CheckConstraint(
        "failure_cost_e4 BETWEEN 0 AND 10000000 AND invalid_cost_e4 BETWEEN 0 AND 10000000"
        " AND usual_failure_ppm BETWEEN 0 AND 1000000 AND usual_invalid_ppm BETWEEN 0 AND 1000000",
        name="stated_risks_are_sane",
    ),
    CheckConstraint(
        "capital_ppm BETWEEN 0 AND 1000000 AND prepaid_days BETWEEN 0 AND 365"
        " AND stock_days BETWEEN 0 AND 365",
        name="stated_capital_is_sane",
    ),
    of_a_tenant("price_rules_know_their_tenant"),
    key=(),
)

# What one unit of a foreign currency costs, as somebody entered it.
rates: Final = tenant_table(
    "suppliers",
    "rates",
    Column("currency", Text(), nullable=False),
    Column("rate_e6", BigInteger(), nullable=False),  # millionths of a yuan for one unit
    Column("set_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("actor", Text(), nullable=False),
    CheckConstraint("rate_e6 BETWEEN 1 AND 1000000000", name="rate_is_sane"),
    CheckConstraint("currency ~ '^[A-Z]{3}$' AND currency <> 'CNY'", name="rate_is_of_a_currency"),
    of_a_tenant("rate_knows_its_tenant"),
    key=("currency",),
)

# The best landed cost of a SKU as it was last told to people: the yardstick of what has moved.
best_costs: Final = tenant_table(
    "suppliers",
    "best_costs",
    Column("sku_id", Uuid(), nullable=False),
    Column("total_e4", BigInteger()),  # NULL: nobody can be bought from
    Column("offer_id", Uuid()),
    Column("told_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    belongs_to("sku_id", "catalog.skus", "best_cost_knows_its_sku"),
    key=("sku_id",),
    fillfactor=70,
)

# A best price that moved, until a person has seen it. One for each SKU: a second move changes it.
price_alerts: Final = tenant_table(
    "suppliers",
    "price_alerts",
    Column("sku_id", Uuid(), nullable=False),
    Column("offer_id", Uuid()),  # the best now; NULL: none
    Column("old_e4", BigInteger()),  # NULL: nobody could be bought from
    Column("new_e4", BigInteger()),  # NULL: nobody can be
    Column("margins", JSONB(), nullable=False),  # what is left on each listing
    Column("loss_count", Integer(), nullable=False),  # listings that would sell at a loss
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("seen_at", DateTime(timezone=True)),
    Column("seen_by", Text()),
    unique("price_alert_is_open_once", "sku_id", where="seen_at IS NULL"),
    index("price_alerts_by_time", "at"),
    belongs_to("sku_id", "catalog.skus", "price_alert_knows_its_sku"),
    CheckConstraint("(seen_at IS NULL) = (seen_by IS NULL)", name="price_alert_is_seen_by_one"),
)
