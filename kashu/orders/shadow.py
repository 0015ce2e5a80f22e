"""Shadow: what we would give for platforms' orders is written down, while the old way delivers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import select

from kashu.channels.kinds import Mode, Step
from kashu.channels.modes import OrderMode
from kashu.channels.shop_orders import KnownOrder, move
from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.orders.order import NewOrder
from kashu.orders.tables import decisions
from kashu.stock.allocate import offers
from kashu.stock.plan import Demand, Taking, plan
from kashu.stock.strategies import strategies_for

SHORT: Final = "short"
NOT_MAPPED: Final = "listing_not_mapped"


class WouldTake(msgspec.Struct, frozen=True):
    """Units that would come from one lot, and which step of the strategy decided for it."""

    lot_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    units: int
    unit_cost_e4: int
    decided_by: str


class WouldGive(msgspec.Struct, frozen=True):
    """What a line would be given; `takings` is empty where there isn't enough."""

    number: int  # of our line
    sku_id: UUID
    units: int
    price_e4: int
    takings: tuple[WouldTake, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What we would have done about an order. `said`: why not; empty: it would have gone out."""

    shop_order_id: UUID
    said: str
    lines: tuple[WouldGive, ...]
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """A platform's order, and ours as it would be, or why there is none."""

    known: KnownOrder
    said: str
    order: NewOrder | None


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_write = Statement(__file__, "shadow_write.sql", _Nothing)


async def set_aside(
    tx: Tx, tenant_id: int, drafts: Sequence[Draft], modes: Mapping[UUID, OrderMode], today: date
) -> None:
    """Leave due orders to people or to the old way, as their modes say.

    What waits for a mapping stays where it is.
    Locks: nothing more; who calls has locked the platforms' orders.
    """
    shadowed = [each for each in drafts if modes[each.known.id].mode is Mode.SHADOW]
    await decide(tx, tenant_id, shadowed, today, anew=True)
    for each in drafts:
        if each.said == NOT_MAPPED:
            continue
        mode = modes[each.known.id]
        if mode.mode is Mode.SHADOW:
            await move(tx, tenant_id, each.known.id, Step.SHADOWED, said=each.said)
        else:
            said = mode.left_to_people(each.known)
            await move(tx, tenant_id, each.known.id, Step.HELD, said=said)


async def decide(
    tx: Tx, tenant_id: int, drafts: Sequence[Draft], today: date, *, anew: bool
) -> None:
    """Write down what orders would be given now; `anew`: also of those decided on before.

    It is planned as the allocator plans, one order after another; nothing is locked or given.
    """
    if not drafts:
        return
    given = await _plan(tx, tenant_id, [each.order for each in drafts if each.order], today)
    rows = {each.known.id: (each, _would_give(each.order, given)) for each in drafts}
    await _write(
        tx,
        tenant=tenant_id,
        anew=anew,
        ids=list(rows),
        stores=[each.known.store_id for each, _ in rows.values()],
        said=[each.said or _shortage(lines) for each, lines in rows.values()],
        lines=[msgspec.json.encode(lines).decode() for _, lines in rows.values()],
    )


async def decisions_of(tx: Tx, tenant_id: int, ids: Sequence[UUID]) -> dict[UUID, Decision]:
    """Read what was decided on some orders of platforms, by their ids with us."""
    rows = await tx.execute(
        select(decisions).where(
            decisions.c.tenant_id == tenant_id, decisions.c.shop_order_id.in_(ids)
        )
    )
    return {
        row.shop_order_id: Decision(
            row.shop_order_id,
            row.said,
            msgspec.convert(row.lines, tuple[WouldGive, ...]),
            row.decided_at,
        )
        for row in rows
    }


def _shortage(lines: Sequence[WouldGive]) -> str:
    given = all(sum(taking.units for taking in line.takings) == line.units for line in lines)
    return "" if given else SHORT


async def _plan(
    tx: Tx, tenant_id: int, orders: Sequence[NewOrder], today: date
) -> dict[UUID, tuple[Taking, ...]]:
    """Say which lots each line would be served from, by the line's id."""
    wanting = [(line, order.store_id) for order in orders for line in order.lines]
    if not wanting:
        return {}
    whom = list(dict.fromkeys((line.sku_id, store_id, None) for line, store_id in wanting))
    strategies = dict(zip(whom, await strategies_for(tx, tenant_id, whom), strict=True))
    demands = [
        Demand(
            line.id,
            line.sku_id,
            line.quantity,
            strategies[line.sku_id, store_id, None],
            partial_allowed=line.partial_allowed,
        )
        for line, store_id in wanting
    ]
    lots = await offers(tx, tenant_id, sorted({line.sku_id for line, _ in wanting}))
    served = plan(lots, demands, today)
    return {demand.line_id: takings for demand, takings in zip(demands, served, strict=True)}


def _would_give(
    order: NewOrder | None, given: Mapping[UUID, tuple[Taking, ...]]
) -> tuple[WouldGive, ...]:
    if order is None:
        return ()
    return tuple(
        WouldGive(
            number,
            line.sku_id,
            line.quantity,
            line.price_e4,
            tuple(_would_take(taking) for taking in given[line.id]),
        )
        for number, line in enumerate(order.lines, start=1)
    )


def _would_take(taking: Taking) -> WouldTake:
    lot = taking.lot
    return WouldTake(
        lot.lot_id,
        lot.warehouse_id,
        lot.supplier_id,
        taking.count,
        lot.unit_cost_e4,
        taking.choice.facts["decided_by"],
    )
