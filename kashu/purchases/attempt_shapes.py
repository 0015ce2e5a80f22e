"""Orders at suppliers as they are answered over HTTP, and what people say of them."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from kashu.purchases.desk import TEXT_MAX
from kashu.purchases.kinds import AttemptState, PurchaseState
from kashu.stock.kinds import BULK_MAX
from kashu.suppliers.kinds import Goods

Text = Annotated[str, msgspec.Meta(max_length=TEXT_MAX)]
CardText = Annotated[str, msgspec.Meta(max_length=2_000)]


class VerdictShown(msgspec.Struct, frozen=True):
    """What somebody said of an order."""

    bought: bool
    reason: str
    evidence: str
    said_by: str
    who: str  # their name
    at: datetime


class AttemptShown(msgspec.Struct, frozen=True):
    """An order at a supplier, its amounts in `currency`. `can`: what the caller may do with it."""

    id: UUID
    purchase_id: UUID
    sku: str
    sku_name: str
    goods: Goods
    supplier: str
    supplier_name: str
    supplier_id: UUID
    number: str
    their_number: str | None
    ref: str
    quantity: int
    units: int
    total: str
    total_in_ours: str  # at the rate that it was ordered at
    currency: str
    state: AttemptState
    said: str
    words: str  # of `said`
    word_unknown: bool
    made_at: datetime
    ended_at: datetime | None
    next_at: datetime | None  # when it is asked about; null: it isn't any more
    asks: int
    charged: str | None
    refunded: str
    received: int
    turned_away: int
    receipt: str
    surplus: bool
    can: list[str]
    verdicts: list[VerdictShown]


class DoubtShown(msgspec.Struct, frozen=True):
    """Our money at a supplier whose outcome isn't known, in ours at the rate of each order."""

    supplier: str
    supplier_name: str
    supplier_id: UUID
    amount: str
    orders: int
    left_to_people: int
    oldest_at: datetime
    currency: str  # of `amount`


class InDoubtShown(msgspec.Struct, frozen=True):
    """All money in doubt: by supplier, and order by order, the oldest first."""

    total: str
    suppliers: list[DoubtShown]
    orders: list[AttemptShown]
    currency: str  # of `total`


class PlacedShown(msgspec.Struct, frozen=True):
    """What became of a purchase that was submitted. `said`: why nobody could be asked."""

    purchase_id: UUID
    state: PurchaseState
    said: str
    order: AttemptShown | None


class CardBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A card in clear."""

    number: CardText = ""
    password: CardText = ""
    url: CardText = ""
    expires_on: date | None = None

    def __repr__(self) -> str:
        """Hide it."""
        return "CardBody(•••)"


class BoughtBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came. `charged`: what it cost in all, in the order's currency; null: as ordered."""

    cards: Annotated[list[CardBody], msgspec.Meta(max_length=BULK_MAX)] = []
    their_number: Annotated[str, msgspec.Meta(max_length=100)] = ""
    charged: str | None = None
    receipt: Annotated[str, msgspec.Meta(max_length=500)] = ""


class NotBoughtBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it is sure that nothing was bought, and what proves it."""

    reason: Text
    evidence: Text
