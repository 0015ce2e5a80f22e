"""The stock schema: warehouses hold lots, lots hold cards, an allocation gives a card to a line.

Whoever moves cards out of or into `available`, or changes which lots may be taken from, holds
the (tenant, SKU) rows of `levels` first, in order of sku_id.
"""

from enum import StrEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
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
from kashu.stock.kinds import BULK_MAX


class CardState(StrEnum):
    """Where a card is in its life. Expiry is its lot's date, not a state."""

    AVAILABLE = "available"  # ours to give
    RESERVED = "reserved"  # promised for a time
    ALLOCATED = "allocated"  # belongs to an order line; nobody has seen it
    REVEALED = "revealed"  # somebody has seen it: it can never be sold again
    REDEEMED = "redeemed"  # the brand says it has been used
    QUARANTINED = "quarantined"  # held back: seen and given back, or doubtful
    VOID = "void"  # dead, written off
    RETURNED = "returned"  # given back to its supplier


class LotState(StrEnum):
    """May its cards be given out?"""

    OPEN = "open"
    FROZEN = "frozen"  # nothing leaves until somebody unfreezes it


class ImportState(StrEnum):
    """How far an import has come."""

    RUNNING = "running"  # reading and writing; nothing of it can be seen or sold yet
    DONE = "done"  # all of its accepted rows are stock
    FAILED = "failed"  # stopped or killed; it left nothing behind
    UNDONE = "undone"  # its cards were taken out again before any was given to anybody


class ReservationState(StrEnum):
    """Is a promise still standing?"""

    HELD = "held"  # its cards are kept for it
    USED = "used"  # its cards went to an order
    RELEASED = "released"  # ended by somebody, or by time


class StocktakeState(StrEnum):
    """How far a stocktake has come."""

    COUNTED = "counted"  # differences are known, nothing has changed
    POSTED = "posted"  # adjustments are made and in the books
    DROPPED = "dropped"  # set aside without adjustments


class AlertState(StrEnum):
    """Does an alert stand?"""

    RAISED = "raised"
    CLEARED = "cleared"  # by itself, when its cause went away


warehouses: Final = tenant_table(
    "stock",
    "warehouses",
    Column("code", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("priority", Integer(), nullable=False, server_default="100"),  # smaller goes first
    unique("warehouse_code_is_unique", "code"),
    of_a_tenant("warehouse_knows_its_tenant"),
)

# An alert with hysteresis: raised at or below `low`, cleared at or above `enough`. One that comes
# again within so many hours of having been told isn't told again: it stands, and is silent.
_A_GAP: Final = "low >= 0 AND enough > low"
_QUIET: Final = "quiet_hours >= 0"

# One row a SKU: the lock that everybody who moves its cards holds, and whether sales are wanted.
levels: Final = tenant_table(
    "stock",
    "levels",
    Column("sku_id", Uuid(), nullable=False),
    # Set when cards became available; cleared by who then tried the lines that were short.
    Column("replenished_at", DateTime(timezone=True)),
    Column("low", Integer()),
    Column("enough", Integer()),
    Column("quiet_hours", Integer(), nullable=False, server_default="0"),
    belongs_to("sku_id", "catalog.skus", "level_knows_its_sku"),
    CheckConstraint(
        f"(low IS NULL) = (enough IS NULL) AND {_A_GAP}",
        name="level_has_a_gap_between_low_and_enough",
    ),
    CheckConstraint(_QUIET, name="level_is_quiet_for_a_time"),
    index("levels_replenished", "sku_id", where="replenished_at IS NOT NULL"),
    key=("sku_id",),
)

# The same for what a warehouse has of a SKU. Nobody's lock.
warehouse_levels: Final = tenant_table(
    "stock",
    "warehouse_levels",
    Column("sku_id", Uuid(), nullable=False),
    Column("warehouse_id", Uuid(), nullable=False),
    Column("low", Integer(), nullable=False),
    Column("enough", Integer(), nullable=False),
    Column("quiet_hours", Integer(), nullable=False, server_default="0"),
    belongs_to("sku_id", "catalog.skus", "warehouse_level_knows_its_sku"),
    belongs_to("warehouse_id", "stock.warehouses", "warehouse_level_knows_its_warehouse"),
    CheckConstraint(_A_GAP, name="warehouse_level_has_a_gap_between_low_and_enough"),
    CheckConstraint(_QUIET, name="warehouse_level_is_quiet_for_a_time"),
    key=("sku_id", "warehouse_id"),
)

imports: Final = tenant_table(
    "stock",
    "imports",
    Column("sku_id", Uuid(), nullable=False),
    Column("warehouse_id", Uuid(), nullable=False),
    Column("supplier_id", Uuid(), nullable=False),
    Column("actor", Text(), nullable=False),
    Column("file_name", Text(), nullable=False),  # masked where it could carry a card
    Column("file_sha256", LargeBinary(), nullable=False),
    state_column(ImportState.RUNNING),
    Column("read_count", Integer(), nullable=False, server_default="0"),
    Column("accepted_count", Integer(), nullable=False, server_default="0"),
    Column("rejected_count", Integer(), nullable=False, server_default="0"),
    Column("classes", JSONB(), nullable=False, server_default="{}"),  # class → count
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("beat_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("ended_at", DateTime(timezone=True)),
    belongs_to("sku_id", "catalog.skus", "import_knows_its_sku"),
    belongs_to("warehouse_id", "stock.warehouses", "import_knows_its_warehouse"),
    belongs_to("supplier_id", "suppliers.suppliers", "import_knows_its_supplier"),
    one_of("state", ImportState, "import_state_is_known"),
    CheckConstraint("(state = 'running') = (ended_at IS NULL)", name="import_ends_once"),
    index("imports_running", "beat_at", where="state = 'running'"),
)

_COUNTERS: Final = tuple(state.value for state in CardState)

lots: Final = tenant_table(
    "stock",
    "lots",
    Column("sku_id", Uuid(), nullable=False),
    Column("warehouse_id", Uuid(), nullable=False),
    Column("supplier_id", Uuid(), nullable=False),
    Column("import_id", Uuid()),
    Column("origin_lot_id", Uuid()),  # cards transferred out of a lot make a new one
    Column("unit_cost_e4", BigInteger(), nullable=False),
    Column("currency", Text(), nullable=False, server_default="CNY"),
    Column("expires_on", Date()),  # the last day its cards work
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    state_column(LotState.OPEN),
    Column("frozen_reason", Text()),
    # A card of a shared lot serves many: its counters count uses, not cards.
    Column("shared", Boolean(), nullable=False, server_default="false"),
    Column("sold_elsewhere", Boolean(), nullable=False, server_default="false"),  # before us
    # Cards are given in order of position, and none before `head` is available: so the walk to
    # the next card costs the same after a million. A card that comes back gets a place in front.
    Column("head", BigInteger(), nullable=False, server_default="1"),
    *(Column(name, Integer(), nullable=False, server_default="0") for name in _COUNTERS),
    Column("stocked", Boolean(), Computed("available > 0", persisted=True), nullable=False),
    belongs_to("sku_id", "catalog.skus", "lot_knows_its_sku"),
    belongs_to("warehouse_id", "stock.warehouses", "lot_knows_its_warehouse"),
    belongs_to("supplier_id", "suppliers.suppliers", "lot_knows_its_supplier"),
    belongs_to("import_id", "stock.imports", "lot_knows_its_import"),
    belongs_to("origin_lot_id", "stock.lots", "lot_knows_its_origin"),
    one_of("state", LotState, "lot_state_is_known"),
    CheckConstraint(
        "(state = 'frozen') = (frozen_reason IS NOT NULL)", name="frozen_lot_has_a_reason"
    ),
    CheckConstraint("unit_cost_e4 >= 0", name="lot_cost_is_not_negative"),
    CheckConstraint(
        "NOT sold_elsewhere OR (available = 0 AND unit_cost_e4 = 0)", name="sold_elsewhere_is_gone"
    ),
    CheckConstraint(
        " AND ".join(f"{name} >= 0" for name in _COUNTERS), name="lot_counts_are_not_negative"
    ),
    index("lots_stocked", "sku_id", where="stocked"),
    index("lots_of_a_sku", "sku_id", "received_at"),
    index("lots_of_a_supplier", "supplier_id", "received_at"),
    index("lots_of_an_import", "import_id"),
    fillfactor=50,  # its counters change with every batch, in place
)

# No index covers `state`: a card changes it in place (HOT), so history costs the allocator nothing.
cards: Final = tenant_table(
    "stock",
    "cards",
    Column("sku_id", Uuid(), nullable=False),
    Column("lot_id", Uuid(), nullable=False),
    Column("position", BigInteger(), nullable=False),
    state_column(CardState.AVAILABLE),
    Column("max_uses", Integer(), nullable=False, server_default="1"),
    Column("reservation_id", Uuid()),
    Column("sealed", LargeBinary(), nullable=False),
    Column("key_version", Integer(), nullable=False),
    Column("blind_index", LargeBinary(), nullable=False),
    Column("tail", Text(), nullable=False),  # what the mask shows: at most the last four
    unique("card_is_unique_within_its_sku", "sku_id", "blind_index"),
    index("cards_of_a_lot", "lot_id", "position"),
    index("cards_by_tail", "tail"),
    index("cards_reserved", "reservation_id", where="reservation_id IS NOT NULL"),
    belongs_to("lot_id", "stock.lots", "card_knows_its_lot"),
    one_of("state", CardState, "card_state_is_known"),
    CheckConstraint(
        "(state = 'reserved') = (reservation_id IS NOT NULL)", name="card_knows_its_reservation"
    ),
    CheckConstraint("max_uses >= 1", name="card_can_be_used"),
    fillfactor=50,  # neighbours are given together: a page has room for all its cards' next state
)

# The uses of a shared card that nobody has, in runs: one from 1 to max_uses when the card comes.
# They are taken from the front of the first run; a use that comes back is a run again. So it costs
# the same to take one after a million.
free_uses: Final = tenant_table(
    "stock",
    "free_uses",
    Column("card_id", Uuid(), nullable=False),
    Column("first_use", Integer(), nullable=False),
    Column("last_use", Integer(), nullable=False),
    unique("one_run_of_free_uses_ends_there", "card_id", "last_use"),
    belongs_to("card_id", "stock.cards", "free_uses_know_their_card"),
    CheckConstraint("first_use BETWEEN 1 AND last_use", name="free_uses_run_forward"),
    fillfactor=50,  # the front of a run moves on in place, with every batch
)

strategies: Final = tenant_table(
    "stock",
    "strategies",
    Column("code", Text(), nullable=False),
    Column("name", Text(), nullable=False),
    Column("steps", JSONB(), nullable=False),  # see strategy.py
    unique("strategy_code_is_unique", "code"),
)

# Which strategy serves whom. The most specific row wins: customer, then store, then SKU.
strategy_uses: Final = tenant_table(
    "stock",
    "strategy_uses",
    Column("strategy_id", Uuid(), nullable=False),
    Column("sku_id", Uuid()),
    Column("store_id", Uuid()),
    Column("customer_id", Uuid()),
    unique("one_strategy_for_each", "sku_id", "store_id", "customer_id", nulls_equal=True),
    belongs_to("strategy_id", "stock.strategies", "strategy_use_knows_its_strategy"),
)

# Why this lot: written once for each lot that a batch took from, shared by its allocations.
choices: Final = tenant_table(
    "stock",
    "choices",
    Column("lot_id", Uuid(), nullable=False),
    Column("strategy_id", Uuid()),  # NULL: the one that ships with the program
    Column("facts", JSONB(), nullable=False),  # candidates, rank, what decided
    belongs_to("lot_id", "stock.lots", "choice_knows_its_lot"),
    append_only=True,
)

allocations: Final = tenant_table(
    "stock",
    "allocations",
    Column("card_id", Uuid(), nullable=False),
    Column("use_number", Integer(), nullable=False, server_default="1"),
    Column("line_id", Uuid(), nullable=False),  # whoever wanted it; stock doesn't know more
    Column("lot_id", Uuid(), nullable=False),
    Column("choice_id", Uuid(), nullable=False),
    Column("allocated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("revealed_at", DateTime(timezone=True)),
    Column("released_at", DateTime(timezone=True)),
    Column("released_because", Text()),
    # The rule everything else rests on: a card belongs to one line at a time.
    unique("card_is_given_to_one_line", "card_id", "use_number", where="released_at IS NULL"),
    index("allocations_of_a_line", "line_id"),
    index("allocations_of_a_card", "card_id"),  # its history; and a card may be deleted by undo
    belongs_to("card_id", "stock.cards", "allocation_knows_its_card"),
    belongs_to("choice_id", "stock.choices", "allocation_knows_why"),
    CheckConstraint(
        "(released_at IS NULL) = (released_because IS NULL)", name="release_has_a_reason"
    ),
    fillfactor=50,  # each is revealed or released once, in place
)

reservations: Final = tenant_table(
    "stock",
    "reservations",
    Column("sku_id", Uuid(), nullable=False),
    Column("quantity", Integer(), nullable=False),
    Column("reason", Text(), nullable=False),
    Column("actor", Text(), nullable=False),
    Column("until_at", DateTime(timezone=True), nullable=False),
    state_column(ReservationState.HELD),
    Column("ended_at", DateTime(timezone=True)),
    belongs_to("sku_id", "catalog.skus", "reservation_knows_its_sku"),
    one_of("state", ReservationState, "reservation_state_is_known"),
    CheckConstraint("(state = 'held') = (ended_at IS NULL)", name="reservation_ends_once"),
    CheckConstraint(f"quantity BETWEEN 1 AND {BULK_MAX}", name="reservation_is_of_a_sane_size"),
    index("reservations_due", "until_at", where="state = 'held'"),
)

# A secret left the system in clear. Written before the plaintext leaves; never changed.
reveals: Final = tenant_table(
    "stock",
    "reveals",
    Column("card_id", Uuid(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("actor", Text(), nullable=False),
    Column("reason", Text(), nullable=False),
    Column("recipient", Text(), nullable=False),
    Column("line_id", Uuid()),
    index("reveals_of_a_card", "card_id"),
    index("reveals_by_actor", "actor", "at"),
    belongs_to("card_id", "stock.cards", "reveal_knows_its_card"),
    append_only=True,
)

# Each move of a card that no allocation or reveal tells: freeze is the lot's, these are the card's.
moves: Final = tenant_table(
    "stock",
    "moves",
    Column("card_id", Uuid(), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("actor", Text(), nullable=False),
    Column("reason", Text(), nullable=False),
    Column("from_state", Text(), nullable=False),
    Column("to_state", Text(), nullable=False),
    Column("from_lot_id", Uuid(), nullable=False),
    Column("to_lot_id", Uuid(), nullable=False),
    index("moves_of_a_card", "card_id"),
    append_only=True,
)

stocktakes: Final = tenant_table(
    "stock",
    "stocktakes",
    Column("sku_id", Uuid(), nullable=False),
    Column("warehouse_id", Uuid(), nullable=False),
    Column("actor", Text(), nullable=False),
    state_column(StocktakeState.COUNTED),
    Column("counted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("posted_at", DateTime(timezone=True)),
    Column("matched_count", Integer(), nullable=False),
    Column("counts", JSONB(), nullable=False, server_default="{}"),  # class → count
    Column("differences", JSONB(), nullable=False),  # class → masked cards and rows
    belongs_to("sku_id", "catalog.skus", "stocktake_knows_its_sku"),
    belongs_to("warehouse_id", "stock.warehouses", "stocktake_knows_its_warehouse"),
    one_of("state", StocktakeState, "stocktake_state_is_known"),
)

alerts: Final = tenant_table(
    "stock",
    "alerts",
    Column("kind", Text(), nullable=False),  # low | out | expiring
    Column("sku_id", Uuid(), nullable=False),
    Column("warehouse_id", Uuid()),  # of what a warehouse has; NULL: of all there is
    Column("lot_id", Uuid()),  # of an expiring lot
    Column("days", Integer()),  # 60, 30, 14, 7 or 1
    state_column(AlertState.RAISED),
    Column("facts", JSONB(), nullable=False),
    Column("raised_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("told_at", DateTime(timezone=True)),  # when its event was recorded; NULL: it is silent
    Column("cleared_at", DateTime(timezone=True)),
    unique(
        "one_standing_alert_of_a_kind",
        *("kind", "sku_id", "warehouse_id", "lot_id", "days"),
        where="state = 'raised'",
        nulls_equal=True,
    ),
    index("alerts_of_a_sku", "sku_id", "told_at"),
    one_of("state", AlertState, "alert_state_is_known"),
    CheckConstraint("(state = 'raised') = (cleared_at IS NULL)", name="alert_clears_once"),
)
