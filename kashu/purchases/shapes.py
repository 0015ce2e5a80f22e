"""What travels in the web interface of purchases. No card, and no account in clear."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeAlias
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from kashu.core.naming import Code
from kashu.purchases.kinds import Cause, PurchaseState
from kashu.stock.kinds import BULK_MAX
from kashu.suppliers.kinds import Goods

Quantity: TypeAlias = Annotated[int, Meta(ge=1, le=BULK_MAX)]
Reason: TypeAlias = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]
Amount: TypeAlias = Annotated[str, Meta(max_length=24)]


class NewPurchase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is wanted for stock. Without a limit the best offer may rise by 5 % meanwhile.

    `draft`: write it down, order nothing. `confirm`: what differs from what is usual is right.
    """

    sku: str
    quantity: Quantity
    warehouse: Code | None = None  # for cards; null: as the rules say
    supplier: Code | None = None  # only from this one; null: from the best
    unit_cost_max: Amount | None = None  # all that one may cost, landed
    due_at: Moment | None = None
    draft: bool = False
    confirm: bool = False


class PurchaseChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is wanted otherwise; what isn't written stays as it is."""

    quantity: Quantity | UnsetType = UNSET
    unit_cost_max: Amount | UnsetType = UNSET
    supplier: Code | UnsetType | None = UNSET  # null: from the best
    warehouse: Code | UnsetType = UNSET
    due_at: Moment | UnsetType = UNSET
    confirm: bool = False


class Submitting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That a draft is to be bought."""

    confirm: bool = False


class Because(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why."""

    reason: Reason


class PurchaseShown(msgspec.Struct, frozen=True):
    """A purchase, how far it has come, and what you can do to it; why not, where you can't.

    `supplier`: only from this one; `ordered_from`: where it was ordered last. `cost`: what
    suppliers keep for what succeeded; `in_doubt`: sent, and the outcome isn't known yet. Amounts
    are in `currency`, ours, whatever its orders are paid in: at the rate of each order.
    """

    id: UUID
    sku: str
    sku_name: str
    goods: Goods
    quantity: int
    received: int
    warehouse_id: UUID | None
    warehouse: str | None
    cause: Cause
    subject_id: UUID | None  # the order's line that waits for it
    store_id: UUID | None
    store: str | None
    store_name: str | None
    customer_id: UUID | None
    customer: str | None
    customer_name: str | None
    supplier: str | None
    ordered_from: str | None
    supplier_name: str | None  # of `ordered_from`, else of `supplier`
    cost: str
    in_doubt: str
    unclear: bool  # nobody knows what became of an order
    unit_cost_max: str | None
    amount: str | None
    currency: str
    state: PurchaseState
    said: str  # a code …
    words: str  # … and in words
    account: str  # masked
    actor: str
    who: str  # its name; for the program itself and who has none: as `actor`
    asked_by: str | None
    approved_by: str | None
    approved_by_name: str | None
    approved_at: datetime | None
    created_at: datetime
    due_at: datetime | None
    overdue: bool
    next_at: datetime
    ended_at: datetime | None
    can: Sequence[str]
    cannot: Mapping[str, str]


class PurchasePage(msgspec.Struct, frozen=True):
    """Some purchases, the newest first; the next page is what was made before `next_before`.

    `total`: how many there are in all; `more`: at least so many, nobody counted further. `units`,
    `received` and `amount` are of these; `amount`: what they may come to, where that is known.
    """

    purchases: list[PurchaseShown]
    next_before: UUID | None
    total: int
    more: bool
    units: int
    received: int
    amount: str
    currency: str  # of `amount`


class BarShown(msgspec.Struct, frozen=True):
    """Why an offer wasn't taken: a code, and in words."""

    code: str
    words: str


class OfferJudged(msgspec.Struct, frozen=True):
    """An offer as it stood when an order was made, with what one unit cost, part by part.

    `unit_cost` is in `currency`, theirs; `landed` in ours.
    """

    supplier: str
    ref: str
    units: int  # of ours that one of theirs is
    unit_cost: str | None  # of one of theirs
    currency: str
    quantity: int  # of theirs, that would have been ordered
    landed: dict[str, str]
    taken: bool
    bars: list[BarShown]


class ChoiceShown(msgspec.Struct, frozen=True):
    """Why it was ordered there: all that was looked at, the cheapest first; compared in ours."""

    why: str
    words: str
    ceiling: str | None
    ranking: list[OfferJudged]


class AttemptTold(msgspec.Struct, frozen=True):
    """One order at one supplier. Its amounts are in `currency`, that it is paid in."""

    id: UUID
    supplier: str
    supplier_name: str
    our_order: str  # its number, as the supplier knows it
    their_order: str | None
    state: str
    said: str
    words: str
    quantity: int
    units: int
    total: str
    charged: str | None
    refunded: str
    currency: str
    received: int
    turned_away: int
    made_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    choice: ChoiceShown


class PurchaseEvent(msgspec.Struct, frozen=True):
    """Something that happened to it, or to one of its orders. `who`: the actor's name."""

    at: datetime
    kind: str
    actor: str
    who: str
    attempt_id: UUID | None
    facts: dict[str, Any]


class PurchaseMoney(msgspec.Struct, frozen=True):
    """Where its money is, by the books, in one currency.

    sent = in_doubt + received + used + back + asked_back. `received`: in stock, at cost; `used`:
    the cost of the sale that a top-up was for; `asked_back`: paid for, and not got.
    """

    currency: str
    sent: str
    in_doubt: str
    received: str
    used: str
    back: str
    asked_back: str


class LotReceived(msgspec.Struct, frozen=True):
    """What came into stock for an order: a lot. `cost` is in `currency`, the order's."""

    attempt_id: UUID
    lot_id: UUID
    cards: int
    cost: str
    at: datetime
    currency: str


class CardTurnedAway(msgspec.Struct, frozen=True):
    """A card that wasn't taken, sealed as evidence. `cost`: what is asked back for it.

    In `currency`, the order's.
    """

    attempt_id: UUID
    place: int  # in what the supplier sent, from 1
    reason: str
    tail: str
    cost: str
    at: datetime
    settled_at: datetime | None
    currency: str


class PurchaseWhole(msgspec.Struct, frozen=True):
    """A purchase with its orders at suppliers, what came and what happened, oldest first.

    `held`: why nobody could be asked the last time, with all that was looked at. `money` is all of
    it in ours; `money_by_currency` what was paid with, the money of each currency by itself.
    """

    purchase: PurchaseShown
    limits: dict[str, Any]  # how what it may cost came about, in ten-thousandths
    attempts: list[AttemptTold]
    events: list[PurchaseEvent]
    held: ChoiceShown | None
    money: PurchaseMoney
    money_by_currency: list[PurchaseMoney]
    lots: list[LotReceived]
    turned_away: list[CardTurnedAway]
