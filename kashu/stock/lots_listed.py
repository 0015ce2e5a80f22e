"""Lots listed: narrowed, in order, a page at a time; what they come to; and one counted anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, func, literal, select, tuple_

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.stock.freeze import UnknownLots
from kashu.stock.reads import Lot
from kashu.stock.tables import cards, imports, lots

Order: TypeAlias = Literal["newest", "expiry"]

_lots = Statement(__file__, "reads_lots.sql", Lot)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lots. `stocked`: that hold something; `expires_within` days and `expired` are of such.

    All of what is given must agree.
    """

    sku_id: UUID | None = None
    warehouse_id: UUID | None = None
    supplier_id: UUID | None = None
    state: str | None = None
    stocked: bool = False
    expires_within: int | None = None
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Sum:
    """What some lots come to, in units; the cost, by currency, is of what is held."""

    lots: int
    available: int
    reserved: int
    costs_e4: dict[str, int]


async def lots_page(
    tx: Tx,
    tenant_id: int,
    wanted: Wanted,
    *,
    today: date,
    timezone: str,
    order: Order = "newest",
    before: UUID | None = None,
    limit: int = 100,
) -> list[Lot]:
    """Lots from behind `before` on: the newest first, or those that expire first."""
    found = select(lots.c.id).where(*_where(tenant_id, wanted, today))
    ends_on = func.coalesce(lots.c.expires_on, literal(date.max, Date))
    if order == "newest":
        if before is not None:
            found = found.where(lots.c.id < before)
        found = found.order_by(lots.c.id.desc())
    else:
        if before is not None:
            place = select(ends_on, lots.c.id).where(
                lots.c.tenant_id == tenant_id, lots.c.id == before
            )
            at = (await tx.execute(place)).one_or_none()
            if at is None:
                return []
            found = found.where(tuple_(ends_on, lots.c.id) > tuple_(at[0], at[1]))
        found = found.order_by(ends_on, lots.c.id)
    ids = (await tx.execute(found.limit(limit))).scalars().all()
    return await lots_by_id(tx, tenant_id, ids, today=today, timezone=timezone)


async def lots_by_id(
    tx: Tx, tenant_id: int, lot_ids: Sequence[UUID], *, today: date, timezone: str
) -> list[Lot]:
    """Show some lots, in the order asked for; those that aren't there are left out."""
    if not lot_ids:
        return []
    return await _lots(tx, tenant=tenant_id, lots=list(lot_ids), today=today, timezone=timezone)


async def sum_of_lots(tx: Tx, tenant_id: int, wanted: Wanted, *, today: date) -> Sum:
    """Say what the lots that are wanted come to."""
    held = lots.c.available + lots.c.reserved
    rows = await tx.execute(
        select(
            lots.c.currency,
            func.count(),
            func.sum(lots.c.available),
            func.sum(lots.c.reserved),
            func.sum(held * lots.c.unit_cost_e4),
        )
        .where(*_where(tenant_id, wanted, today))
        .group_by(lots.c.currency)
    )
    by_currency = rows.all()
    return Sum(
        sum(row[1] for row in by_currency),
        sum(row[2] for row in by_currency),
        sum(row[3] for row in by_currency),
        {row[0]: int(row[4]) for row in by_currency if row[4]},
    )


def _where(tenant_id: int, wanted: Wanted, today: date) -> list[ColumnElement[bool]]:
    conditions: list[Any] = [lots.c.tenant_id == tenant_id]
    for name in ("sku_id", "warehouse_id", "supplier_id", "state"):
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(lots.c[name] == value)
    holds = lots.c.available + lots.c.reserved > 0
    if wanted.stocked or wanted.expired or wanted.expires_within is not None:
        conditions.append(holds)
    if wanted.expired:
        conditions.append(lots.c.expires_on < today)
    if wanted.expires_within is not None:
        until = today + timedelta(days=wanted.expires_within)
        conditions.append(and_(lots.c.expires_on >= today, lots.c.expires_on <= until))
    return conditions


@dataclass(frozen=True, slots=True)
class OneLot:
    """A lot, where it came from, and its cards counted one by one: state → how many.

    `counted` is None of a lot whose cards many share: it counts uses.
    """

    lot: Lot
    file_name: str | None
    imported_by: str | None
    cards: int
    counted: dict[str, int] | None


async def one_lot(tx: Tx, tenant_id: int, lot_id: UUID, *, today: date, timezone: str) -> OneLot:
    """Read one lot, and count its cards. Raises: UnknownLots."""
    shown = await lots_by_id(tx, tenant_id, [lot_id], today=today, timezone=timezone)
    if not shown:
        raise UnknownLots
    [lot] = shown
    rows = await tx.execute(
        select(cards.c.state, func.count())
        .where(cards.c.tenant_id == tenant_id, cards.c.lot_id == lot_id)
        .group_by(cards.c.state)
    )
    counted = {row[0]: int(row[1]) for row in rows}
    came = None
    if lot.import_id is not None:
        found = await tx.execute(
            select(imports.c.file_name, imports.c.actor).where(
                imports.c.tenant_id == tenant_id, imports.c.id == lot.import_id
            )
        )
        came = found.one_or_none()
    return OneLot(
        lot,
        None if came is None else came[0],
        None if came is None else came[1],
        sum(counted.values()),
        None if lot.shared else counted,
    )
