"""What travels in stock's part of the web interface. Only an answer to reveal is in clear."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Meta

from kashu.core.naming import Code, Name
from kashu.stock.kinds import BULK_MAX
from kashu.stock.leave import Left
from kashu.stock.names import Called

Reason: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Ids: TypeAlias = Annotated[list[UUID], Meta(max_length=BULK_MAX)]
Count: TypeAlias = Annotated[int, Meta(ge=1, le=BULK_MAX)]
Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]
Value: TypeAlias = Annotated[str, Meta(min_length=1, max_length=2_000)]


class CardSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of these. A whole value is never put in a URL, hence this body."""

    value: Value | None = None  # the whole number; or password or link, where there is no number
    tail: Annotated[str, Meta(min_length=2, max_length=4)] | None = None
    line_id: UUID | None = None
    lot_id: UUID | None = None
    after: UUID | None = None  # of a lot's cards: from behind this one

    def __repr__(self) -> str:
        return "CardSearch(•••)"


class CardOut(msgspec.Struct, frozen=True):
    """A card, masked. `unit_cost` only for who may see reports."""

    id: UUID
    sku: Called
    warehouse: Called
    supplier: Called
    sku_id: UUID
    lot_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    state: str
    tail: str
    shared: bool
    frozen: bool
    sold_elsewhere: bool
    max_uses: int
    expires_on: date | None
    unit_cost: str | None
    reservation_id: UUID | None
    line_id: UUID | None
    allocated_at: datetime | None
    revealed_at: datetime | None
    can: Sequence[str]


class CardPage(msgspec.Struct, frozen=True):
    """Some cards. `next_after` where a lot has more."""

    cards: list[CardOut]
    next_after: UUID | None = None


class HistoryStep(msgspec.Struct, frozen=True):
    """One thing that happened to a card. `by`: what the actor is called."""

    at: datetime
    kind: str
    actor: str | None
    by: str | None
    reason: str | None
    line_id: UUID | None
    lot_id: UUID | None
    facts: dict[str, Any]


class CardHistory(msgspec.Struct, frozen=True):
    """What happened to a card, oldest first; all of it where it is `whole`."""

    card_id: UUID
    steps: list[HistoryStep]
    whole: bool


class RevealCards(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which cards to see, and why. `burn`: also those in stock, which takes them out of sale."""

    card_ids: Annotated[list[UUID], Meta(min_length=1, max_length=BULK_MAX)]
    reason: Reason
    burn: bool = False


class CardInClear(msgspec.Struct, frozen=True):
    """A card as its buyer needs it."""

    card_id: UUID
    line_id: UUID | None
    sku_id: UUID
    number: str
    password: str
    url: str

    def __repr__(self) -> str:
        return f"CardInClear({self.card_id}, •••)"


class CardsInClear(msgspec.Struct, frozen=True):
    """The cards that were asked for. Each reveal has been written down."""

    cards: list[CardInClear]


class MoveOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which cards leave, named or by lot, and why."""

    reason: Reason
    card_ids: Ids = []
    lot_ids: Ids = []


class ReturnOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which cards go back to their suppliers, why, and on which account."""

    reason: Reason
    against: Literal["payable", "recoveries"]
    card_ids: Ids = []
    lot_ids: Ids = []


class MovedOut(msgspec.Struct, frozen=True):
    """How much left stock, by lot."""

    cards: int
    units: int
    lot_ids: list[UUID]


def moved_out(left: Iterable[Left]) -> MovedOut:
    """Say how much left stock."""
    rows = list(left)
    return MovedOut(
        sum(row.cards for row in rows),
        sum(row.units for row in rows),
        sorted({row.lot_id for row in rows}),
    )


class Freezing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some lots, or all of a supplier's, and why."""

    reason: Reason
    lot_ids: Ids = []
    supplier_id: UUID | None = None


class Frozen(msgspec.Struct, frozen=True):
    """The lots that changed, the units in them that nobody has, and those that somebody has."""

    lot_ids: list[UUID]
    units: int
    given: int


class Transferring(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some cards of a lot to another warehouse: so many, or chosen ones."""

    lot_id: UUID
    to_warehouse: Code
    reason: Reason
    count: Count | None = None
    card_ids: Ids = []


class TransferredOut(msgspec.Struct, frozen=True):
    """The new lot."""

    lot_id: UUID
    origin_lot_id: UUID
    warehouse_id: UUID
    count: int


class LotOut(msgspec.Struct, frozen=True):
    """A lot with its counts. `unit_cost` only for who may see reports."""

    id: UUID
    sku: Called
    warehouse: Called
    supplier: Called
    sku_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    import_id: UUID | None
    origin_lot_id: UUID | None
    unit_cost: str | None
    currency: str
    expires_on: date | None
    expiry: str
    days_left: int | None
    received_at: datetime
    age_days: int
    state: str
    frozen_reason: str | None
    shared: bool
    counts: dict[str, int]
    can: Sequence[str]


class LotSum(msgspec.Struct, frozen=True):
    """What all the lots of a list come to, in units. `costs`: by currency, of what is held."""

    lots: int
    available: int
    reserved: int
    costs: dict[str, str] | None


class LotPage(msgspec.Struct, frozen=True):
    """Some lots, in the order asked for; and what all of them come to."""

    lots: list[LotOut]
    next_before: UUID | None
    total: LotSum


class LotStory(msgspec.Struct, frozen=True):
    """One lot, the file it came in and who brought it, and its cards counted one by one.

    `counted`: state → cards; null where many share a card, as such a lot counts uses. `agrees`:
    they are as many as the lot says.
    """

    lot: LotOut
    file_name: str | None
    imported_by: str | None
    cards: int
    counted: dict[str, int] | None
    agrees: bool


class HoldingOut(msgspec.Struct, frozen=True):
    """What is held of a SKU from a supplier in a warehouse. `cost` only for who may see reports."""

    sku: Called
    warehouse: Called
    supplier: Called
    sku_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    currency: str
    lots: int
    counts: dict[str, int]
    frozen: int
    cost: str | None
    by_expiry: dict[str, int]
    by_age: dict[str, int]


class StockOverview(msgspec.Struct, frozen=True):
    """All that is held."""

    holdings: list[HoldingOut]


class HolderOut(msgspec.Struct, frozen=True):
    """A line that holds a card of a lot, or a use of one."""

    line_id: UUID
    lot_id: UUID
    card_id: UUID
    allocated_at: datetime
    revealed_at: datetime | None


class Holders(msgspec.Struct, frozen=True):
    """Whom to warn."""

    holders: list[HolderOut]
    next_after: UUID | None


class AlertOut(msgspec.Struct, frozen=True):
    """Something to look at."""

    id: UUID
    kind: str
    sku: Called
    warehouse: Called | None
    sku_id: UUID
    warehouse_id: UUID | None
    lot_id: UUID | None
    days: int | None
    facts: dict[str, Any]
    raised_at: datetime


class Alerts(msgspec.Struct, frozen=True):
    """The alerts that stand, the newest first."""

    alerts: list[AlertOut]


class Levels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When to alert: at `low` or less, until there is `enough`. Neither: don't.

    One that comes again within `quiet_hours` stands in the list, and is told when they are over.
    """

    low: int | None = None
    enough: int | None = None
    quiet_hours: int = 0


class LevelOut(msgspec.Struct, frozen=True):
    """When to alert of a SKU, or of what a warehouse has of it; and what may be given now."""

    sku: Called
    warehouse: Called | None
    sku_id: UUID
    warehouse_id: UUID | None
    low: int
    enough: int
    quiet_hours: int
    available: int
    unit: str


class LevelsSet(msgspec.Struct, frozen=True):
    """The levels that are set."""

    levels: list[LevelOut]


class NewWarehouse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A warehouse to add. The smaller its priority, the sooner a strategy takes from it."""

    code: Code
    name: Name
    priority: Annotated[int, Meta(ge=0, le=10_000)] = 100


class WarehouseOut(msgspec.Struct, frozen=True):
    """A warehouse."""

    id: UUID
    code: str
    name: str
    priority: int


class Warehouses(msgspec.Struct, frozen=True):
    """All warehouses."""

    warehouses: list[WarehouseOut]


class ResealingOut(msgspec.Struct, frozen=True):
    """How far cards have come under the newest key; all zero when none is being replaced."""

    under_way: bool
    version: int
    done: int
    total: int
