"""Shown: what an agent sees: what it may buy, for how much, and whether there is any."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from kashu.catalog.kinds import IN_STOCK, SkuState
from kashu.catalog.reads import Sku, skus_by_id
from kashu.channels.reads import stores_by_code
from kashu.core.db import Tx
from kashu.customers.agents import Agent
from kashu.customers.goods import goods_of
from kashu.customers.kinds import StockShown
from kashu.customers.prices import lists_in_force
from kashu.orders.bodies import COUNTER
from kashu.stock.allocate import offers
from kashu.stock.strategies import strategies_for
from kashu.stock.strategy import Offered, in_order

FEW: Final = 20  # so many and less is few


class Band(StrEnum):
    """Whether there is any."""

    IN_STOCK = "in_stock"  # 有货
    LOW = "low"  # 少量
    OUT = "out"  # 无


@dataclass(frozen=True, slots=True)
class Tier:
    """What one unit costs from so many on."""

    from_units: int
    unit_price_e4: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Something an agent may buy. `stock`: how many it may know of; None: it is told the band."""

    sku: Sku
    number: int
    tiers: tuple[Tier, ...]
    stock: int | None
    band: Band

    @property
    def unit_price_e4(self) -> int:
        """What one costs, of the fewest it is sold."""
        return self.tiers[0].unit_price_e4


async def shown_to(
    tx: Tx, tenant_id: int, agent: Agent, *, at: datetime, today: date
) -> list[Shown]:
    """Say what an agent may buy at a moment, by number: with a price of its own, and on sale.

    Stock is what its order would be given now by its own strategy, less what is kept from agents.
    Takes no lock: what is sold meanwhile is gone from it a moment later.
    """
    listed = (await lists_in_force(tx, tenant_id, [agent.customer_id], at))[agent.customer_id]
    skus = await skus_by_id(tx, tenant_id, listed.tiers)
    sold = [
        sku for sku in skus.values() if sku.state is SkuState.ACTIVE and sku.fulfilment in IN_STOCK
    ]
    goods = await goods_of(tx, tenant_id, [sku.id for sku in sold])
    there = await _there(tx, tenant_id, agent, [sku.id for sku in sold], today)
    shown = []
    for sku in sold:
        good = goods[sku.id]
        stock = max(there[sku.id] - good.buffer, 0)
        tiers = tuple(Tier(*tier) for tier in listed.tiers[sku.id])
        told = stock if agent.stock_shown is StockShown.EXACT else None
        shown.append(Shown(sku, good.number, tiers, told, _band(stock)))
    return sorted(shown, key=lambda each: each.number)


def _band(stock: int) -> Band:
    if not stock:
        return Band.OUT
    return Band.IN_STOCK if stock > FEW else Band.LOW


async def _there(
    tx: Tx, tenant_id: int, agent: Agent, sku_ids: Sequence[UUID], today: date
) -> dict[UUID, int]:
    if not sku_ids:
        return {}
    counter = (await stores_by_code(tx, tenant_id, [COUNTER]))[COUNTER]
    lots: dict[UUID, list[Offered]] = defaultdict(list)
    for lot in await offers(tx, tenant_id, sorted(sku_ids)):
        lots[lot.sku_id].append(lot)
    whom = [(sku_id, counter.id, agent.customer_id) for sku_id in sku_ids]
    strategies = await strategies_for(tx, tenant_id, whom)
    return {
        sku_id: sum(lot.available for lot in in_order(strategy, lots[sku_id], today))
        for sku_id, strategy in zip(sku_ids, strategies, strict=True)
    }
