"""Find orders by what people type: their number, how it begins, or how it ends."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from kashu.core.db import Tx
from kashu.core.prefixes import END_MIN, begins_with, ends_with, id_begins_with
from kashu.orders.buyer import mask_buyer
from kashu.orders.tables import OrderState, buyers, lines, orders

_LOOKED_AT: Final = 1_000  # of those that are alike, for the latest of them
_TAIL: Final = 4  # characters of a buyer's phone that people know


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order, as a list of what was found tells it."""

    id: UUID
    external_id: str
    store_id: UUID | None
    customer_id: UUID | None
    total_e4: int
    accepted_at: datetime
    buyer: str  # where no platform told of it


@dataclass(frozen=True, slots=True)
class OfLine:
    """Whose a line is."""

    line_id: UUID
    order_id: UUID
    external_id: str
    store_id: UUID | None


async def find_orders(
    tx: Tx,
    tenant_id: int,
    written: str,
    *,
    store_id: UUID | None = None,
    customer_id: UUID | None = None,
    limit: int,
) -> list[FoundOrder]:
    """Find orders whose number begins so, that very number first; or by our own id."""
    asked = _orders(tenant_id, store_id, customer_id)
    by_number = begins_with(orders.c.external_id, written)
    by_id = id_begins_with(orders.c.id, written)
    asked = asked.where(by_number if by_id is None else or_(by_number, by_id))
    rows = await tx.execute(asked.order_by(orders.c.external_id, orders.c.id).limit(limit))
    return [FoundOrder(*row) for row in rows]


async def find_orders_by_end(
    tx: Tx,
    tenant_id: int,
    written: str,
    *,
    store_id: UUID | None = None,
    customer_id: UUID | None = None,
    limit: int,
) -> list[FoundOrder]:
    """Find orders whose number ends so, the latest first; none where fewer than four are said."""
    if len(written) < END_MIN:
        return []
    asked = _orders(tenant_id, store_id, customer_id)
    ends_so = ends_with(orders.c.external_id, orders.c.number_end, written)
    return await _latest(tx, asked.where(ends_so), limit)


async def find_orders_of_buyer(
    tx: Tx,
    tenant_id: int,
    written: str,
    *,
    store_id: UUID | None = None,
    customer_id: UUID | None = None,
    limit: int,
) -> list[FoundOrder]:
    """Find orders entered with a buyer, by how that begins, its last four, or a phone in whole.

    The latest first. Of platforms' orders see channels.find.find_by_buyer().
    """
    of = buyers.c
    asked = _orders(tenant_id, store_id, customer_id)
    mask = mask_buyer(written)
    such: ColumnElement[bool]
    if mask != written:  # a phone, perhaps behind a name: kept as this mask
        such = (of.buyer_tail == mask[-_TAIL:]) & (func.strpos(of.buyer, mask) > 0)
    elif len(written) == _TAIL:
        such = or_(begins_with(of.buyer, written), of.buyer_tail == written)
    else:
        such = begins_with(of.buyer, written)
    return await _latest(tx, asked.where(such), limit)


async def _latest(tx: Tx, asked: Select[Any], limit: int) -> list[FoundOrder]:
    """The latest of those that are alike; of very many the latest of some."""
    alike = asked.limit(_LOOKED_AT).subquery()
    rows = await tx.execute(
        select(alike).order_by(alike.c.accepted_at.desc(), alike.c.id.desc()).limit(limit)
    )
    return [FoundOrder(*row) for row in rows]


async def orders_of_lines(tx: Tx, tenant_id: int, line_ids: Collection[UUID]) -> dict[UUID, OfLine]:
    """Say whose some lines are, by the line."""
    rows = await tx.execute(
        select(lines.c.id, orders.c.id, orders.c.external_id, orders.c.store_id)
        .join(orders, (orders.c.tenant_id == tenant_id) & (orders.c.id == lines.c.order_id))
        .where(lines.c.tenant_id == tenant_id, lines.c.id.in_(set(line_ids)))
    )
    return {row[0]: OfLine(*row) for row in rows}


def _orders(tenant_id: int, store_id: UUID | None, customer_id: UUID | None) -> Select[Any]:
    *of_order, _ = FoundOrder.__dataclass_fields__
    its_buyer = (buyers.c.tenant_id == tenant_id) & (buyers.c.order_id == orders.c.id)
    asked = (
        select(
            *(orders.c[name] for name in of_order), func.coalesce(buyers.c.buyer, "").label("buyer")
        )
        .outerjoin(buyers, its_buyer)
        .where(orders.c.tenant_id == tenant_id, orders.c.state == OrderState.ACCEPTED)
    )
    if store_id is not None:
        asked = asked.where(orders.c.store_id == store_id)
    if customer_id is not None:
        asked = asked.where(orders.c.customer_id == customer_id)
    return asked
