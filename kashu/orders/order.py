"""What an order is when it comes in, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kashu.catalog.kinds import Fulfilment, ShortagePolicy
from kashu.catalog.reads import Sku
from kashu.core.money import CURRENCY
from kashu.core.secrets import Secret
from kashu.suppliers.kinds import Goods


@dataclass(frozen=True, slots=True)
class NewLine:
    """So many of a SKU for so much in all. The id is made by who makes the line."""

    id: UUID
    sku_id: UUID
    quantity: int
    price_e4: int  # for the whole line, whole fen
    partial_allowed: bool
    shortage_policy: ShortagePolicy
    reservation_id: UUID | None = None
    buys: Goods | None = None  # what is bought for it where stock isn't enough; None: nothing
    account: Secret | None = None  # what is topped up


@dataclass(frozen=True, slots=True)
class NewOrder:
    """A paid order. (source, external_id) names it; the same name is the same order."""

    id: UUID
    source: str
    external_id: str
    store_id: UUID
    customer_id: UUID | None
    paid_at: datetime
    lines: tuple[NewLine, ...]
    actor: str  # who brought it in
    currency: str = CURRENCY
    reader: str | None = None  # who gets the cards in the answer, and so sees them at once
    buyer: str = ""  # masked; of a platform's order the platform's is kept, not this


def bought_for(sku: Sku) -> Goods | None:
    """What is bought for a line of a SKU that stock doesn't fill; None: nothing, or by people."""
    if sku.fulfilment is Fulfilment.TOPUP:
        return Goods.TOPUP
    if sku.shortage_policy is not ShortagePolicy.BUY:
        return None
    return {Fulfilment.CARD: Goods.CARD, Fulfilment.LINK: Goods.LINK}.get(sku.fulfilment)


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """How far a line has come. delivered + waiting + refused + refunded = quantity."""

    line_id: UUID
    delivered: int
    waiting: int
    refused: int
    refunded: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a line that was there already is of."""

    sku: str
    quantity: int
    price_e4: int


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """What came of an order: new, or there already (then its lines are as they stand)."""

    order_id: UUID
    new: bool
    lines: tuple[LineOutcome, ...]
    asked: tuple[Asked, ...] = ()  # of one that was there: what its lines are, not what came again
