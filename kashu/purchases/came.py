"""Came: what became of a purchase's money and goods, order by order, as the books have it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.core.money import CURRENCY, exchanged
from kashu.ledger.kinds import AccountKind
from kashu.ledger.reads import PostedTransfer, transfers_about
from kashu.purchases.reads import Attempt
from kashu.purchases.tables import receipts, rejected_cards
from kashu.suppliers.kinds import Goods

_SOURCES: Final = frozenset({AccountKind.PREPAID, AccountKind.PAYABLE})
_DOUBT: Final = frozenset({AccountKind.IN_DOUBT})
_RECOVERIES: Final = frozenset({AccountKind.RECOVERIES})
_EXCHANGE: Final = frozenset({AccountKind.EXCHANGE})
# Where the money went that bought something; of a top-up that nobody paid for any more, a loss.
_GOODS: Final = frozenset(
    {AccountKind.INVENTORY, AccountKind.COST_OF_GOODS, AccountKind.AFTER_SALES_LOSS}
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A lot that came into stock for an order."""

    attempt_id: UUID
    lot_id: UUID
    cards: int
    cost_e4: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A card that wasn't taken, kept as evidence. `place`: in the supplier's answer, from 1."""

    attempt_id: UUID
    place: int
    reason: str
    tail: str
    cost_e4: int
    at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Money:
    """Where the money of some orders is, in one currency."""

    in_doubt_e4: int
    received_e4: int  # in stock, at cost
    used_e4: int  # of top-ups: cost of the sales that they were for
    back_e4: int
    asked_back_e4: int

    @property
    def sent_e4(self) -> int:
        """What was sent is somewhere."""
        return sum(astuple(self))

    def plus(self, other: "Money") -> "Money":
        """The two together, of one currency."""
        mine, theirs = astuple(self), astuple(other)
        return Money(*(one + more for one, more in zip(mine, theirs, strict=True)))


NOTHING: Final = Money(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Whole:
    """Where the money of a purchase is: in each currency that it was ordered in, and all in ours.

    What came of another currency is in ours what the books say that it cost; the rest of it is at
    the rate of its order.
    """

    by_currency: Mapping[str, Money]
    ours: Money


async def receipts_of(tx: Tx, tenant_id: int, attempt_ids: Collection[UUID]) -> list[Receipt]:
    """Read what came into stock for some orders, oldest first."""
    columns = (receipts.c[name] for name in Receipt.__dataclass_fields__)
    found = await tx.execute(
        select(*columns)
        .where(receipts.c.tenant_id == tenant_id, receipts.c.attempt_id.in_(set(attempt_ids)))
        .order_by(receipts.c.at, receipts.c.id)
    )
    return [Receipt(*row) for row in found]


async def turned_away_of(
    tx: Tx, tenant_id: int, attempt_ids: Collection[UUID], *, limit: int = 1_000
) -> list[TurnedAway]:
    """Read the cards that weren't taken of some orders, as they came. Of a card only its tail."""
    columns = (rejected_cards.c[name] for name in TurnedAway.__dataclass_fields__)
    found = await tx.execute(
        select(*columns)
        .where(
            rejected_cards.c.tenant_id == tenant_id,
            rejected_cards.c.attempt_id.in_(set(attempt_ids)),
        )
        .order_by(rejected_cards.c.at, rejected_cards.c.attempt_id, rejected_cards.c.place)
        .limit(limit)
    )
    return [TurnedAway(*row) for row in found]


async def money_of(
    tx: Tx,
    tenant_id: int,
    goods: Goods,
    attempts: Sequence[Attempt],
    came: Collection[Receipt],
) -> Whole:
    """Say by the books where the money is that was sent for a purchase's orders."""
    of = {each.id: each.id for each in attempts} | {each.lot_id: each.attempt_id for each in came}
    posted: dict[UUID, list[PostedTransfer]] = {each.id: [] for each in attempts}
    for transfer in await transfers_about(tx, tenant_id, of.keys()):
        posted[of[transfer.subject_id]].append(transfer)
    by_currency: dict[str, Money] = {}
    ours = NOTHING
    for attempt in attempts:
        theirs, in_ours = add_up(goods, attempt, posted[attempt.id])
        by_currency[attempt.currency] = by_currency.get(attempt.currency, NOTHING).plus(theirs)
        ours = ours.plus(in_ours)
    return Whole(by_currency, ours)


def add_up(
    goods: Goods, attempt: Attempt, posted: Collection[PostedTransfer]
) -> tuple[Money, Money]:
    """Add up what was posted of an order and its lots: in its currency, and in ours. Pure.

    What happened to its cards later isn't the order's.
    """

    def moved(to: Collection[str], out_of: Collection[str], currency: str) -> int:
        return sum(
            each.amount_e4
            for each in posted
            if each.debit_kind in to and each.credit_kind in out_of and each.currency == currency
        )

    its, rate_e6 = attempt.currency, attempt.rate_e6
    sent_e4 = moved(_DOUBT, _SOURCES, its)
    back_after_e4 = moved(_SOURCES, _RECOVERIES, its)
    back_e4 = moved(_SOURCES, _DOUBT, its) + back_after_e4
    asked_e4 = moved(_RECOVERIES, _DOUBT, its) - back_after_e4
    spent_e4 = moved(_GOODS | _EXCHANGE, _DOUBT, its)
    cost_e4 = spent_e4 if its == CURRENCY else moved(_GOODS, _EXCHANGE, CURRENCY)
    doubt_e4 = sent_e4 - spent_e4 - back_e4 - asked_e4
    rest = (doubt_e4, back_e4, asked_e4)
    in_ours = (exchanged(each, rate_e6) for each in rest)
    return _money(goods, spent_e4, *rest), _money(goods, cost_e4, *in_ours)


def _money(goods: Goods, spent_e4: int, doubt_e4: int, back_e4: int, asked_e4: int) -> Money:
    is_topup = goods is Goods.TOPUP
    received_e4, used_e4 = (0, spent_e4) if is_topup else (spent_e4, 0)
    return Money(doubt_e4, received_e4, used_e4, back_e4, asked_e4)
