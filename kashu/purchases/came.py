"""Came: what became of a purchase's money and goods, order by order, as the books have it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.ledger.kinds import AccountKind
from kashu.ledger.reads import PostedTransfer, transfers_about
from kashu.purchases.tables import receipts, rejected_cards

_SOURCES: Final = frozenset({AccountKind.PREPAID, AccountKind.PAYABLE})


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
    """Where the money of some orders is: sent = in doubt + received + used + back + asked back."""

    sent_e4: int
    in_doubt_e4: int
    received_e4: int  # in stock, at cost
    used_e4: int  # of top-ups: cost of the sales that they were for
    back_e4: int
    asked_back_e4: int


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
    tx: Tx, tenant_id: int, attempt_ids: Collection[UUID], came: Collection[Receipt]
) -> Money:
    """Say by the books where the money is that was sent for some orders."""
    lots = {each.lot_id for each in came}
    posted = await transfers_about(tx, tenant_id, {*attempt_ids, *lots})
    return add_up([each for each in posted if each.subject_id not in lots or _came_in(each)])


def add_up(posted: Collection[PostedTransfer]) -> Money:
    """Add up what was posted. Pure."""

    def moved(to: Collection[str], out_of: Collection[str]) -> int:
        return sum(
            each.amount_e4
            for each in posted
            if each.debit_kind in to and each.credit_kind in out_of
        )

    doubt, recoveries = {AccountKind.IN_DOUBT}, {AccountKind.RECOVERIES}
    sent_e4 = moved(doubt, _SOURCES)
    received_e4 = moved({AccountKind.INVENTORY, AccountKind.EXCHANGE}, doubt)
    used_e4 = moved({AccountKind.COST_OF_GOODS}, doubt)
    asked_e4 = moved(recoveries, doubt)
    back_after_e4 = moved(_SOURCES, recoveries)
    back_e4 = moved(_SOURCES, doubt) + back_after_e4
    asked_back_e4 = asked_e4 - back_after_e4
    in_doubt_e4 = sent_e4 - received_e4 - used_e4 - back_e4 - asked_back_e4
    return Money(sent_e4, in_doubt_e4, received_e4, used_e4, back_e4, asked_back_e4)


def _came_in(transfer: PostedTransfer) -> bool:
    """Whether it is how a lot came: what happened to its cards later isn't the order's."""
    return transfer.credit_kind == AccountKind.IN_DOUBT
