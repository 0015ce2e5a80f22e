"""Fill short: lines that found too little are tried again when stock arrives, oldest first."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.ledger.post import Transfer, post
from kashu.orders.books import sale
from kashu.orders.buying import stop_buying
from kashu.orders.line_shares import Shares
from kashu.orders.settle import Standing, settle, short_lines
from kashu.stock.allocate import allocate
from kashu.stock.allocate_reserved import allocate_reserved
from kashu.stock.hold import hold
from kashu.stock.plan import Demand, Taking
from kashu.stock.replenish import Replenished, clear_replenished
from kashu.stock.strategies import strategies_for

BATCH: Final = 500  # lines a transaction: short enough that sales of the SKU hardly wait
FIRST: Final = UUID(int=0)
SYSTEM: Final = "system"


@dataclass(frozen=True, slots=True)
class Filled:
    """What lines got: units by SKU, and what is to be posted and recorded."""

    units: Mapping[UUID, int]
    transfers: Sequence[Transfer]
    happened: Sequence[Event]


async def fill_short(
    tx: Tx, tenant_id: int, sku: Replenished, today: date, *, after: UUID = FIRST
) -> UUID | None:
    """Try one batch of a SKU's short lines again, oldest first, beginning after line `after`.

    Returns the last line tried if there may be more, else None: then the SKU has been looked
    through since its stock grew. A line too large for what is there doesn't hold up smaller ones.
    Locks: the SKU's level.
    """
    await hold(tx, tenant_id, [sku.sku_id])
    lines = await short_lines(tx, tenant=tenant_id, sku=sku.sku_id, after=after, most=BATCH)
    filled = await fill_lines(tx, tenant_id, lines, today)
    await post(tx, tenant_id, filled.transfers, posted_on=today)
    await record(tx, tenant_id, SYSTEM, filled.happened)
    if len(lines) == BATCH:
        return lines[-1].line_id
    await clear_replenished(tx, tenant_id, sku)
    return None


async def fill_lines(tx: Tx, tenant_id: int, lines: Sequence[Standing], today: date) -> Filled:
    """Give lines what there is for them, in the order given, and write how they stand then.

    Whoever calls posts and records. Under hold() of their SKUs since before they were read.
    Locks: the purchases that are made for those that are filled.
    """
    taken = await _allocate(tx, tenant_id, lines, today)
    return await _settle(tx, tenant_id, lines, taken)


async def _allocate(
    tx: Tx, tenant_id: int, lines: Sequence[Standing], today: date
) -> list[tuple[Taking, ...]]:
    if not lines:
        return []
    strategies = await strategies_for(
        tx, tenant_id, [(line.sku_id, line.store_id, line.customer_id) for line in lines]
    )
    demands = [
        Demand(
            line.line_id,
            line.sku_id,
            line.waiting,
            strategy,
            partial_allowed=line.partial_allowed,
            reservation_id=line.reservation_id,
        )
        for line, strategy in zip(lines, strategies, strict=True)
    ]
    is_promised = any(demand.reservation_id for demand in demands)
    allot = allocate_reserved if is_promised else allocate
    return await allot(tx, tenant_id, demands, today)


async def _settle(
    tx: Tx, tenant_id: int, lines: Sequence[Standing], taken: Sequence[tuple[Taking, ...]]
) -> Filled:
    stands: dict[UUID, Shares] = {}
    transfers: list[Transfer] = []
    given: Counter[UUID] = Counter()
    facts: dict[UUID, list[dict[str, Any]]] = {}
    for line, takings in zip(lines, taken, strict=True):
        units = sum(taking.count for taking in takings)
        if not units:
            continue
        after = line.shares.deliver(units)
        stands[line.line_id] = after
        given[line.sku_id] += units
        transfers += sale(line.sold, after.earned_e4 - line.earned_e4, takings)
        facts.setdefault(line.order_id, []).append(
            {"line": line.number, "delivered": after.delivered, "waiting": after.waiting}
        )
    await settle(tx, tenant_id, stands)
    await stop_buying(tx, tenant_id, [id_ for id_, after in stands.items() if not after.waiting])
    happened = [
        Event(
            "order.partly_filled" if any(each["waiting"] for each in told) else "order.filled",
            order_id,
            {"lines": told, "after_shortage": True},
        )
        for order_id, told in facts.items()
    ]
    return Filled(given, transfers, happened)
