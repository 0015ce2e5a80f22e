"""Stores: shops on a platform, or our own counter; and what we know of their orders."""

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

from kashu.channels.kinds import GrantState, Mode, RefundStep, Step, StoreState
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

stores: Final = tenant_table(
    "channels",
    "stores",
    Column("code", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("channel", Text(), nullable=False),  # a ChannelKind
    Column("partial_allowed", Boolean()),  # NULL: as the SKU says
    state_column(StoreState.OPEN),
    Column("opened_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("store_code_is_unique", "code"),
    one_of("state", StoreState, "store_state_is_known"),
    of_a_tenant("store_knows_its_tenant"),
)

# A store's link to its platform. Secrets are sealed under the master key.
connections: Final = tenant_table(
    "channels",
    "connections",
    Column("store_id", Uuid(), nullable=False),
    Column("channel", Text(), nullable=False),  # as the store's; here for the key below
    Column("app_key", Text(), nullable=False),
    Column("sealed_app_secret", LargeBinary(), nullable=False),
    Column("base_url", Text(), nullable=False, server_default=""),  # of a sandbox or simulator
    Column("options", JSONB(), nullable=False, server_default="{}"),  # those that aren't secret …
    Column("sealed_options", LargeBinary()),  # … and those that are: JSON
    Column("grant_state", Text(), nullable=False, server_default=GrantState.WANTED.value),
    Column("shop_id", Text()),  # the platform's own
    Column("shop_name", Text()),
    Column("sealed_access", LargeBinary()),
    Column("sealed_refresh", LargeBinary()),
    Column("expires_at", DateTime(timezone=True)),
    Column("refreshable_until", DateTime(timezone=True)),
    # Which grant this is: sealing it anew doesn't change it, another grant or application does.
    Column("grant_number", Integer(), nullable=False, server_default="0"),
    Column("renewing_until", DateTime(timezone=True)),  # nobody else renews it before
    Column("renewals", Integer(), nullable=False, server_default="0"),  # in a row, of no use
    Column("mode", Text(), nullable=False, server_default=Mode.STOPPED.value),
    Column("shadow_from", DateTime(timezone=True)),  # when its pilot began; NULL: none, or over
    Column("acts_from", DateTime(timezone=True)),  # what was paid before is left to people
    # Everything that changed before these was read.
    Column("orders_until", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("refunds_until", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("failures", Integer(), nullable=False, server_default="0"),  # in a row
    Column("said", Text(), nullable=False, server_default=""),  # the last failure's code
    Column("ok_at", DateTime(timezone=True)),
    Column("pushed_at", DateTime(timezone=True)),  # when it last told us something by itself
    # What changed then was never read: an outage outlasted the platform's memory. A person looks.
    Column("missed_from", DateTime(timezone=True)),
    Column("missed_until", DateTime(timezone=True)),
    # Of what could be sold, a store shows so many percent less so many.
    Column("share_percent", Integer(), nullable=False, server_default="100"),
    Column("buffer", Integer(), nullable=False, server_default="0"),
    unique("shop_is_connected_once", "channel", "shop_id", where="shop_id IS NOT NULL"),
    belongs_to("store_id", "channels.stores", "connection_knows_its_store"),
    one_of("grant_state", GrantState, "grant_state_is_known"),
    one_of("mode", Mode, "mode_is_known"),
    CheckConstraint(
        "grant_state <> 'granted' OR (sealed_access IS NOT NULL AND shop_id IS NOT NULL)",
        name="granted_connection_has_a_token",
    ),
    CheckConstraint(
        "(missed_from IS NULL) = (missed_until IS NULL)", name="missed_history_has_both_ends"
    ),
    CheckConstraint(
        "share_percent BETWEEN 0 AND 100 AND buffer >= 0", name="published_share_is_sane"
    ),
    key=("store_id",),
)

# Something for sale on a platform, and what of ours it stands for.
listings: Final = tenant_table(
    "channels",
    "listings",
    Column("store_id", Uuid(), nullable=False),
    Column("item_id", Text(), nullable=False),
    Column("variant_id", Text(), nullable=False),  # the platform's SKU; empty: the item has none
    Column("title", Text(), nullable=False, server_default=""),
    Column("properties", Text(), nullable=False, server_default=""),
    Column("merchant_code", Text(), nullable=False, server_default=""),
    Column("price_e4", BigInteger()),
    Column("on_sale", Boolean(), nullable=False, server_default="true"),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("sku_id", Uuid()),  # NULL: mapped by nobody yet
    Column("units", Integer(), nullable=False, server_default="1"),  # of the SKU for one of these
    Column("sends_card", Boolean(), nullable=False, server_default="true"),
    Column("confirms", Boolean(), nullable=False, server_default="true"),
    Column("publishes", Boolean(), nullable=False, server_default="true"),  # its stock, to there
    Column("published", Integer()),  # what the platform shows as stock; NULL: we don't know
    Column("published_at", DateTime(timezone=True)),
    Column("publish_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("publish_said", Text(), nullable=False, server_default=""),  # the last failure's code
    Column("mode", Text()),  # a Mode of its own; NULL: as the store
    Column("acts_from", DateTime(timezone=True)),  # as the store's
    Column("account_rule", JSONB()),  # where buyers write what is to be topped up; NULL: not said
    unique("listing_is_known_once", "store_id", "item_id", "variant_id"),
    index("listings_of_a_sku", "sku_id", where="sku_id IS NOT NULL"),
    belongs_to("store_id", "channels.stores", "listing_knows_its_store"),
    belongs_to("sku_id", "catalog.skus", "listing_knows_its_sku"),
    CheckConstraint("units BETWEEN 1 AND 1000", name="listing_is_of_a_sane_size"),
    one_of("mode", Mode, "listing_mode_is_known"),
)

# An order as its platform tells it. What the buyer typed isn't kept.
shop_orders: Final = tenant_table(
    "channels",
    "shop_orders",
    Column("store_id", Uuid(), nullable=False),
    Column("number", Text(), nullable=False),  # the platform's
    Column("number_end", Integer(), end_of("number")),  # to be found by that
    Column("step", Text(), nullable=False, server_default=Step.SEEN.value),
    Column("shop_state", Text(), nullable=False),  # a ShopState
    Column("changed_at", DateTime(timezone=True), nullable=False),  # there
    Column("paid_at", DateTime(timezone=True)),
    Column("ship_by", DateTime(timezone=True)),
    Column("paid_e4", BigInteger(), nullable=False),
    Column("buyer", Text(), nullable=False, server_default=""),  # masked, or an open id
    # Its last characters, to be found by. No index on right(buyer, 4) would serve: row-level
    # security lets no function see rows before it has.
    Column("buyer_tail", Text(), Computed("right(buyer, 4)", persisted=True), nullable=False),
    Column("lines", JSONB(), nullable=False),  # ShopLine, as told
    Column("complete", Boolean(), nullable=False),
    Column("order_id", Uuid()),  # ours, once it is taken in
    Column("first_seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("attempts", Integer(), nullable=False, server_default="0"),
    Column("doubt", Boolean(), nullable=False, server_default="false"),  # what we did last: unclear
    Column("said", Text(), nullable=False, server_default=""),  # why it waits: a code
    Column("sent_at", DateTime(timezone=True)),
    Column("confirmed_at", DateTime(timezone=True)),
    Column("released_at", DateTime(timezone=True)),  # when a person let it go on
    # Of a platform that asks for the cards: what it is answered by (asking.Ticket).
    Column("ticket", JSONB()),
    Column("failed", Text()),  # an asking.Failure: said, or about to be; nothing is ever given then
    Column("sealed_account", LargeBinary()),  # what the buyer wants topped up (accounts.py)
    Column("sealed_token", LargeBinary()),  # what the platform wants with the cards
    # The place in `lines` of each line of our order; NULL: one for one, in the same order.
    Column("places", JSONB()),
    Column("masked_accounts", JSONB()),  # what sealed_account holds, masked, by the platform's line
    Column("buyer_erased_at", DateTime(timezone=True)),  # nothing of the buyer is kept from then on
    unique("shop_order_is_known_once", "store_id", "number"),
    # What there is to do, by step: few rows, whatever the history.
    index(
        "shop_orders_to_do",
        "step",
        "next_at",
        where="step IN ('due', 'unmapped', 'held', 'taken', 'sent', 'trouble')",
    ),
    index("shop_orders_incomplete", "next_at", where="NOT complete"),
    index("shop_orders_by_time", "first_seen_at"),
    index("shop_orders_with_accounts", "first_seen_at", where="sealed_account IS NOT NULL"),
    # The others are found as orders of ours.
    index(
        "shop_orders_by_numbers_end",
        "number_end",
        where="order_id IS NULL AND number_end IS NOT NULL",
    ),
    index("shop_orders_by_buyer", "buyer", where="buyer <> ''"),
    index("shop_orders_by_buyers_tail", "buyer_tail", where="buyer <> ''"),
    belongs_to("store_id", "channels.stores", "shop_order_knows_its_store"),
    one_of("step", Step, "step_is_known"),
    CheckConstraint(  # or a top-up that a person does
        "step NOT IN ('taken', 'sent', 'confirmed') OR order_id IS NOT NULL OR ticket IS NOT NULL",
        name="taken_shop_order_is_one_of_ours",
    ),
    CheckConstraint("failed IS NULL OR ticket IS NOT NULL", name="failed_shop_order_was_asked_for"),
    fillfactor=80,
)

shop_refunds: Final = tenant_table(
    "channels",
    "shop_refunds",
    Column("store_id", Uuid(), nullable=False),
    Column("number", Text(), nullable=False),
    Column("order_number", Text(), nullable=False),
    Column("line", Text(), nullable=False),  # the platform's; empty: the whole order
    Column("step", Text(), nullable=False, server_default=RefundStep.SEEN.value),
    Column("shop_state", Text(), nullable=False),  # a ShopRefundState
    Column("amount_e4", BigInteger()),  # NULL: the platform doesn't say how much
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("said", Text(), nullable=False, server_default=""),
    Column("next_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    unique("shop_refund_is_known_once", "store_id", "number"),
    index("shop_refunds_to_do", "next_at", where="step = 'due'"),
    index("shop_refunds_in_trouble", "id", where="step = 'trouble'"),
    index("shop_refunds_of_an_order", "store_id", "order_number"),
    belongs_to("store_id", "channels.stores", "shop_refund_knows_its_store"),
    one_of("step", RefundStep, "refund_step_is_known"),
)
