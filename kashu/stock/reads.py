"""Questions about stock: what is where, which card is it, what happened to it. Always masked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, func, select

from kashu.core.db import Tx
from kashu.core.secrets import Keyring
from kashu.core.sql import Statement
from kashu.stock.errors import UnknownCards
from kashu.stock.recognise import normalise
from kashu.stock.tables import allocations, cards, lots

FOUND_MAX: Final = 200  # cards that a search shows
HISTORY_MAX: Final = 1_000  # steps of a card's history
TAIL_MIN: Final = 2
TAIL_MAX: Final = 4


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot with its counts. `expiry` and `age_days` are as of the merchant's day asked about."""

    id: UUID
    sku_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    import_id: UUID | None
    origin_lot_id: UUID | None
    unit_cost_e4: int
    currency: str
    expires_on: date | None
    received_at: datetime
    state: str
    frozen_reason: str | None
    shared: bool
    available: int
    reserved: int
    allocated: int
    revealed: int
    redeemed: int
    quarantined: int
    void: int
    returned: int
    expiry: str  # expired, within_1 … within_60, later, none
    days_left: int | None  # until its last day; less than 0: it has expired
    age_days: int


@dataclass(frozen=True, slots=True)
class Holding:
    """What is held of a SKU from a supplier in a warehouse: units by state, their cost, and ages.

    `cost_e4`, `by_expiry` and `by_age` are of what is held: available or reserved.
    """

    sku_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    currency: str
    lots: int
    available: int
    reserved: int
    allocated: int
    revealed: int
    redeemed: int
    quarantined: int
    void: int
    returned: int
    frozen: int  # of the available: in frozen lots
    cost_e4: int
    by_expiry: dict[str, int]
    by_age: dict[str, int]


@dataclass(frozen=True, slots=True)
class CardShown:
    """A card, masked. Its line is told where it has one only."""

    id: UUID
    sku_id: UUID
    lot_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    state: str
    tail: str
    max_uses: int
    shared: bool
    frozen: bool
    sold_elsewhere: bool  # somebody had it before us
    expires_on: date | None
    unit_cost_e4: int
    reservation_id: UUID | None
    line_id: UUID | None
    allocated_at: datetime | None
    revealed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to a card: received, moved, allocated, released or revealed."""

    at: datetime
    kind: str
    actor: str | None
    reason: str | None
    line_id: UUID | None
    lot_id: UUID | None
    facts: dict[str, Any]


_overview = Statement(__file__, "reads_overview.sql", Holding)
_cards = Statement(__file__, "reads_cards.sql", CardShown)
_history = Statement(__file__, "reads_history.sql", Happened)


async def overview(
    tx: Tx, tenant_id: int, *, today: date, timezone: str, sku_id: UUID | None = None
) -> list[Holding]:
    """What is held, by SKU, warehouse and supplier. The lots below it: lots_listed."""
    return await _overview(tx, tenant=tenant_id, today=today, timezone=timezone, sku=sku_id)


async def cards_by_id(tx: Tx, tenant_id: int, card_ids: Sequence[UUID]) -> list[CardShown]:
    """Show some cards, in the order asked for; those that aren't there are left out."""
    rows = {row.id: row for row in await _cards(tx, tenant=tenant_id, cards=list(card_ids))}
    return [rows[card_id] for card_id in card_ids if card_id in rows]


async def cards_by_value(tx: Tx, tenant_id: int, keyring: Keyring, value: str) -> list[CardShown]:
    """Find cards by their whole number; by their password or link where they have no number.

    Through the blind index, in each SKU that was ever stocked: the value itself is stored nowhere.
    """
    blind_index = keyring.blind_index(normalise(value))
    stocked = select(lots.c.sku_id).where(lots.c.tenant_id == tenant_id).distinct().subquery()
    return await _show(
        tx,
        tenant_id,
        select(cards.c.id)
        .join(stocked, stocked.c.sku_id == cards.c.sku_id)
        .where(cards.c.tenant_id == tenant_id, cards.c.blind_index == blind_index),
    )


async def cards_by_tail(tx: Tx, tenant_id: int, tail: str) -> list[CardShown]:
    """Find cards whose mask ends as these last characters do, the longest first; the newest 200.

    A short secret's mask shows fewer than four, so its tail may be shorter than what was asked.
    """
    tails = [tail[-length:] for length in range(TAIL_MIN, min(len(tail), TAIL_MAX) + 1)]
    if not tails:
        return []
    return await _show(
        tx,
        tenant_id,
        select(cards.c.id)
        .where(cards.c.tenant_id == tenant_id, cards.c.tail.in_(tails))
        .order_by(func.length(cards.c.tail).desc(), cards.c.id.desc()),
    )


async def cards_of_lines(
    tx: Tx, tenant_id: int, line_ids: Sequence[UUID], *, limit: int = FOUND_MAX
) -> list[CardShown]:
    """Show the cards that some lines hold, in the order they were given."""
    return await _show(
        tx,
        tenant_id,
        select(allocations.c.card_id)
        .where(allocations.c.tenant_id == tenant_id, allocations.c.line_id.in_(line_ids))
        .where(allocations.c.released_at.is_(None))
        .order_by(allocations.c.line_id, allocations.c.id),
        limit=limit,
    )


async def cards_of_lot(
    tx: Tx,
    tenant_id: int,
    lot_id: UUID,
    *,
    state: str | None = None,
    after: UUID | None = None,
    limit: int = FOUND_MAX,
) -> list[CardShown]:
    """Show a lot's cards in order of id, from behind `after` on."""
    found = select(cards.c.id).where(cards.c.tenant_id == tenant_id, cards.c.lot_id == lot_id)
    if state is not None:
        found = found.where(cards.c.state == state)
    if after is not None:
        found = found.where(cards.c.id > after)
    return await _show(tx, tenant_id, found.order_by(cards.c.id), limit=limit)


async def _show(
    tx: Tx, tenant_id: int, found: Select[Any], *, limit: int = FOUND_MAX
) -> list[CardShown]:
    card_ids = (await tx.execute(found.limit(limit))).scalars()
    return await cards_by_id(tx, tenant_id, list(dict.fromkeys(card_ids)))


async def card_history(
    tx: Tx, tenant_id: int, card_id: UUID, *, limit: int = HISTORY_MAX
) -> list[Happened]:
    """Tell what happened to a card, oldest first: how it came, and the latest of all since.

    A shared card may have been given a million times. Raises: UnknownCards.
    """
    happened = await _history(tx, tenant=tenant_id, card=card_id, count=limit)
    if not happened:
        raise UnknownCards(count=1)
    came, *since = happened
    return [came, *reversed(since)]
