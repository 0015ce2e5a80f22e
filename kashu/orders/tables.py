"""Orders, their lines, what was given back, and the requests that must have one effect."""

from enum import StrEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from kashu.core.prefixes import end_of
from kashu.core.schema import (
    belongs_to,
    index,
    of_a_tenant,
    one_of,
    state_column,
    tenant_table,
    unique,
)
from kashu.stock.kinds import BULK_MAX
from kashu.suppliers.kinds import Goods


class OrderState(StrEnum):
    """Do we have the order itself?"""

    FORETOLD = "foretold"  # its refund or cancellation came first; the order hasn't come yet
    ACCEPTED = "accepted"  # paid, and ours to fulfil; its lines say how far


class LineState(StrEnum):
    """What a line is waiting for."""

    WAITING = "waiting"  # in the batch being written, or woken to be tried again
    SHORT = "short"  # we looked and there wasn't enough; stock that arrives wakes it
    FILLED = "filled"  # nothing is waited for: what wasn't refused or refunded has its cards


class BuyingState(StrEnum):
    """How far buying for a line has come, whose stock isn't enough or that stock can't fill."""

    DUE = "due"  # a purchase is to be made; `said` tells why there is none yet
    BOUGHT = "bought"  # it is made: the purchase tells how far it is
    OVER = "over"  # the line waits for nothing any more


class HeldKind(StrEnum):
    """What a person asked for that lies above one of the shop's limits."""

    ORDERS = "orders"  # entered by hand, or part of a file
    REFUND = "refund"
    CANCELLATION = "cancellation"


class HeldState(StrEnum):
    """Has a second person decided?"""

    ASKED = "asked"  # it waits; nothing of it has happened
    APPROVED = "approved"  # by another, and done in the same moment
    REFUSED = "refused"  # by another: nothing of it ever happens
    CANCELLED = "cancelled"  # who asked took it back


class RefundState(StrEnum):
    """Has a refund taken effect?"""

    FORETOLD = "foretold"  # its order hasn't come yet
    SETTLED = "settled"


orders: Final = tenant_table(
    "orders",
    "orders",
    Column("source", Text(), nullable=False),  # who numbered it: "store:…", "key:…", "manual"
    Column("external_id", Text(), nullable=False),  # that source's number
    Column("number_end", Integer(), end_of("external_id")),  # to be found by that
    Column("store_id", Uuid()),
    Column("customer_id", Uuid()),
    state_column(OrderState.ACCEPTED),
    Column("currency", Text(), nullable=False, server_default="CNY"),
    Column("total_e4", BigInteger(), nullable=False, server_default="0"),
    Column("cancelled", Boolean(), nullable=False, server_default="false"),
    Column("paid_at", DateTime(timezone=True)),
    Column("accepted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("order_is_accepted_once", "source", "external_id"),
    index("orders_by_time", "accepted_at"),
    index("orders_by_number", "external_id"),  # whoever gave it: what a person types
    # What a person says on the phone.
    index("orders_by_numbers_end", "number_end", where="number_end IS NOT NULL"),
    index("orders_of_a_store", "store_id", "accepted_at"),
    index("orders_of_a_customer", "customer_id", "accepted_at", where="customer_id IS NOT NULL"),
    index("orders_by_total", "total_e4", "id"),  # many cost the same
    belongs_to("store_id", "channels.stores", "order_knows_its_store"),
    belongs_to("customer_id", "customers.customers", "order_knows_its_customer"),
    one_of("state", OrderState, "order_state_is_known"),
    CheckConstraint(
        "state = 'foretold' OR store_id IS NOT NULL", name="accepted_order_has_a_store"
    ),
)

# Whose an order is that no platform told us of; masked. A platform's is in channels.shop_orders.
buyers: Final = tenant_table(
    "orders",
    "buyers",
    Column("order_id", Uuid(), nullable=False),
    Column("buyer", Text(), nullable=False),
    Column("buyer_tail", Text(), Computed("right(buyer, 4)", persisted=True), nullable=False),
    index("buyers_by_name", "buyer"),
    index("buyers_by_tail", "buyer_tail"),
    belongs_to("order_id", "orders.orders", "buyer_knows_its_order"),
    CheckConstraint("buyer <> ''", name="buyer_is_somebody"),
    key=("order_id",),
)

lines: Final = tenant_table(
    "orders",
    "lines",
    Column("order_id", Uuid(), nullable=False),
    Column("number", Integer(), nullable=False),  # 1, 2, … within its order
    Column("sku_id", Uuid(), nullable=False),
    Column("quantity", Integer(), nullable=False),
    Column("price_e4", BigInteger(), nullable=False),  # for all of the line, what the buyer paid
    Column("partial_allowed", Boolean(), nullable=False),
    Column("reservation_id", Uuid()),
    state_column(LineState.WAITING),
    Column("delivered_count", Integer(), nullable=False, server_default="0"),
    Column("waiting_count", Integer(), nullable=False),
    Column("refused_count", Integer(), nullable=False, server_default="0"),
    Column("refunded_count", Integer(), nullable=False, server_default="0"),
    # Its price, in three parts: what is still owed in cards, what was earned, what went back.
    Column("unearned_e4", BigInteger(), nullable=False),
    Column("earned_e4", BigInteger(), nullable=False, server_default="0"),
    Column("refunded_e4", BigInteger(), nullable=False, server_default="0"),
    unique("line_number_is_unique", "order_id", "number"),
    # The queue of a SKU's shortage, oldest first: ids rise with time.
    index("lines_short", "sku_id", "id", where="state = 'short'"),
    index("lines_of_a_sku", "sku_id", "order_id"),
    # Few, and asked for: those that came to nothing, wholly or in part.
    index("lines_refused", "order_id", where="refused_count > 0"),
    index("lines_given_back", "order_id", where="refunded_count > 0 OR refunded_e4 > 0"),
    belongs_to("order_id", "orders.orders", "line_knows_its_order"),
    belongs_to("sku_id", "catalog.skus", "line_knows_its_sku"),
    one_of("state", LineState, "line_state_is_known"),
    CheckConstraint(f"quantity BETWEEN 1 AND {BULK_MAX}", name="line_is_of_a_sane_size"),
    CheckConstraint("price_e4 >= 0", name="line_price_is_not_negative"),
    CheckConstraint(
        "delivered_count + waiting_count + refused_count + refunded_count = quantity"
        " AND least(delivered_count, waiting_count, refused_count, refunded_count) >= 0",
        name="line_adds_up",
    ),
    CheckConstraint("(state = 'filled') = (waiting_count = 0)", name="filled_line_waits_for_none"),
    CheckConstraint(
        "unearned_e4 + earned_e4 + refunded_e4 = price_e4"
        " AND least(unearned_e4, earned_e4, refunded_e4) >= 0",
        name="line_money_adds_up",
    ),
    CheckConstraint(
        "waiting_count > 0 OR unearned_e4 = 0", name="line_owes_nothing_when_none_wait"
    ),
    fillfactor=80,
)

refunds: Final = tenant_table(
    "orders",
    "refunds",
    Column("order_id", Uuid(), nullable=False),
    Column("source", Text(), nullable=False),
    Column("external_id", Text(), nullable=False),  # the refund's own number
    state_column(RefundState.SETTLED),
    Column("wanted", JSONB(), nullable=False),  # lines, quantities, amounts as they were told
    Column("effect", JSONB(), nullable=False, server_default="{}"),  # what came of it
    Column("amount_e4", BigInteger(), nullable=False, server_default="0"),  # that went back
    Column("actor", Text(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("refund_has_one_effect", "source", "external_id"),
    index("refunds_of_an_order", "order_id"),
    belongs_to("order_id", "orders.orders", "refund_knows_its_order"),
    one_of("state", RefundState, "refund_state_is_known"),
)

# What we would have given for a platform's order while the old way delivered it.
decisions: Final = tenant_table(
    "orders",
    "decisions",
    Column("shop_order_id", Uuid(), nullable=False),
    Column("store_id", Uuid(), nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("said", Text(), nullable=False),  # why nothing could be given; empty: it would have been
    Column("lines", JSONB(), nullable=False),  # see shadow.py
    belongs_to("shop_order_id", "channels.shop_orders", "decision_knows_its_shop_order"),
    key=("shop_order_id",),
)

# One effect for each idempotency key. The answer is kept without secrets; a replay opens them anew.
requests: Final = tenant_table(
    "orders",
    "requests",
    Column("caller", Text(), nullable=False),
    Column("key", Text(), nullable=False),
    Column("body_hash", LargeBinary(), nullable=False),
    Column("answer", LargeBinary(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    index("requests_by_age", "at"),
    key=("caller", "key"),
)

# What is bought for a line that waits: cards, or an account that is topped up.
buying: Final = tenant_table(
    "orders",
    "buying",
    Column("line_id", Uuid(), nullable=False),
    Column("sku_id", Uuid(), nullable=False),
    Column("goods", Text(), nullable=False),
    state_column(BuyingState.DUE),
    Column("said", Text(), nullable=False, server_default=""),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("tries", Integer(), nullable=False, server_default="0"),
    Column("purchase_id", Uuid()),  # the last one
    # What is topped up: personal. Under the tenant's data key, erased when nothing is waited for.
    Column("sealed_account", LargeBinary()),
    Column("key_version", Integer()),
    Column("masked_account", Text(), nullable=False, server_default=""),
    Column("receipt", Text(), nullable=False, server_default=""),  # what the buyer may be shown
    index("buying_due", "next_at", where="state <> 'over'"),
    belongs_to("line_id", "orders.lines", "buying_knows_its_line"),
    one_of("state", BuyingState, "buying_state_is_known"),
    one_of("goods", Goods, "buying_goods_are_known"),
    CheckConstraint(
        "state <> 'bought' OR purchase_id IS NOT NULL", name="bought_line_knows_its_purchase"
    ),
    CheckConstraint(
        "(sealed_account IS NULL) = (key_version IS NULL)", name="sealed_account_knows_its_key"
    ),
    CheckConstraint(
        "goods <> 'topup' OR state = 'over' OR sealed_account IS NOT NULL",
        name="topup_has_an_account",
    ),
    key=("line_id",),
)

# Above which a second person approves what somebody asks for by hand. NULL: there is no limit.
limits: Final = tenant_table(
    "orders",
    "limits",
    Column("order_above_e4", BigInteger()),
    Column("order_units_above", Integer()),
    Column("refund_above_e4", BigInteger()),
    Column("changed_by", Text(), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    of_a_tenant("limits_know_their_tenant"),
    CheckConstraint(
        "least(order_above_e4, order_units_above, refund_above_e4) >= 0",
        name="limits_are_not_negative",
    ),
    key=(),
)

# What waits for a second person, or was decided by one.
held: Final = tenant_table(
    "orders",
    "held",
    Column("kind", Text(), nullable=False),
    state_column(HeldState.ASKED),
    Column("asked_by", Text(), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("request_key", Text(), nullable=False),  # as whoever asked named it
    Column("request_hash", LargeBinary(), nullable=False),
    Column("order_id", Uuid()),  # what is given back is of this order
    Column("orders_count", Integer(), nullable=False),
    Column("units", Integer(), nullable=False),
    Column("amount_e4", BigInteger(), nullable=False),
    Column("said", Text(), nullable=False),  # which limit: above_amount, above_units, above_both
    Column("wanted", JSONB(), nullable=False),  # as asked; accounts masked, then left out
    # The accounts that are to be topped up, until it is decided. Under the tenant's data key.
    Column("sealed_accounts", LargeBinary()),
    Column("key_version", Integer()),
    Column("file_name", Text(), nullable=False, server_default=""),
    Column("part", Integer(), nullable=False, server_default="1"),  # of its file's requests
    Column("parts", Integer(), nullable=False, server_default="1"),
    Column("approved_by", Text()),
    Column("approved_at", DateTime(timezone=True)),
    Column("ended_by", Text()),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_because", Text()),
    unique(
        "held_request_waits_once",
        "asked_by",
        "request_key",
        where="state = 'asked' AND kind = 'orders'",
    ),
    unique(
        "held_refund_waits_once",
        "order_id",
        "request_key",
        where="state = 'asked' AND kind <> 'orders'",
    ),
    index("held_by_request", "asked_by", "request_key"),
    index("held_open", "asked_at", where="state = 'asked'"),
    belongs_to("order_id", "orders.orders", "held_knows_its_order"),
    of_a_tenant("held_knows_its_tenant"),
    one_of("kind", HeldKind, "held_kind_is_known"),
    one_of("state", HeldState, "held_state_is_known"),
    CheckConstraint("(order_id IS NULL) = (kind = 'orders')", name="held_refund_has_an_order"),
    CheckConstraint("approved_by <> asked_by", name="held_is_approved_by_another"),
    CheckConstraint(
        "(state = 'approved') = (approved_by IS NOT NULL)"
        " AND (approved_by IS NULL) = (approved_at IS NULL)",
        name="approved_held_knows_by_whom",
    ),
    CheckConstraint(
        "(state IN ('refused', 'cancelled')) = (ended_by IS NOT NULL)"
        " AND (ended_by IS NULL) = (ended_at IS NULL)"
        " AND (ended_by IS NULL) = (ended_because IS NULL)",
        name="ended_held_knows_by_whom",
    ),
    CheckConstraint(
        "state <> 'refused' OR ended_by <> asked_by", name="held_is_refused_by_another"
    ),
    CheckConstraint(
        "state <> 'cancelled' OR ended_by = asked_by", name="held_is_taken_back_by_who_asked"
    ),
    CheckConstraint(
        "(sealed_accounts IS NULL) = (key_version IS NULL)", name="held_accounts_know_their_key"
    ),
    CheckConstraint(
        "state = 'asked' OR sealed_accounts IS NULL", name="decided_held_has_no_accounts"
    ),
    CheckConstraint("part BETWEEN 1 AND parts", name="held_part_is_one_of_its_file"),
)
