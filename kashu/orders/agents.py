"""Agents: their orders are at the prices of their list, and no more than they can pay."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.errors import KashuError, Problem
from kashu.core.money import format_amount, parse_price
from kashu.customers.agents import agents_by_code, agents_by_id
from kashu.customers.errors import AgentSuspended, WalletShort
from kashu.customers.kinds import AgentState
from kashu.customers.prices import PriceList, lists_in_force
from kashu.orders.order import NewOrder
from kashu.orders.reads import outcomes_of


async def lists_of(
    tx: Tx, tenant_id: int, customer_codes: Sequence[str], at: datetime
) -> dict[str, PriceList]:
    """Read the price lists of those customers that are agents, by code."""
    if not customer_codes:
        return {}
    agents = await agents_by_code(tx, tenant_id, customer_codes)
    if not agents:
        return {}
    of = {agent.customer_id: agent.code for agent in agents.values()}
    lists = await lists_in_force(tx, tenant_id, list(of), at)
    return {of[customer_id]: listed for customer_id, listed in lists.items()}


def price_problems(
    prices: PriceList, sku_id: UUID, sku: str, units: int, *, told: str | None, at: str
) -> Iterator[Problem]:
    """Say why an agent can't have so many of a SKU at what it says it costs."""
    least = prices.least_units(sku_id)
    unit_e4 = prices.unit_price_e4(sku_id, units)
    if least is None:
        yield Problem(
            f"{at}/sku",
            "unknown_sku",
            f"没有在售的规格「{sku}」。请核对目录里的规格编码。",
            f"No SKU “{sku}” on sale. Check its code in your catalogue.",
        )
    elif unit_e4 is None:
        yield Problem(
            f"{at}/quantity",
            "below_minimum",
            f"规格「{sku}」至少 {least} 件起订。请增加数量后再提交。",
            f"SKU “{sku}” is sold from {least} units on. Order more.",
        )
    elif told is not None and _differs(told, unit_e4 * units):
        yield Problem(
            f"{at}/price",
            "price_differs",
            f"您的价格是 {format_amount(unit_e4 * units)} 元，与提交的不同，没有下单。"
            "请更新目录后重试，或不填价格。",
            f"Your price is {format_amount(unit_e4 * units)}, not what was sent; nothing was "
            "ordered. Read the catalogue again, or leave the price out.",
        )


def _differs(told: str, price_e4: int) -> bool:
    try:
        return parse_price(told) != price_e4
    except KashuError:
        return False  # it is told apart that it can't be read


async def uncovered(
    tx: Tx, tenant_id: int, requests: Mapping[int, Sequence[NewOrder]]
) -> dict[int, KashuError]:
    """Say which requests agents can't pay for, taking each in its turn; the others they can.

    Without a lock: whom another was quicker than is refused when the wallets are moved. What is
    there already isn't paid for again.
    """
    orders = [order for read in requests.values() for order in read if order.customer_id]
    if not orders:
        return {}
    whose = {order.customer_id for order in orders if order.customer_id}
    agents = await agents_by_id(tx, tenant_id, whose)
    if not agents:
        return {}
    names = {(o.source, o.external_id) for o in orders if o.customer_id in agents}
    seen = set(await outcomes_of(tx, tenant_id, sorted(names)))
    room = {customer_id: agent.room_e4 for customer_id, agent in agents.items()}
    refused: dict[int, KashuError] = {}
    for n, read in requests.items():
        wanted: dict[UUID, int] = {}
        new: set[tuple[str, str]] = set()
        for order in read:
            name = (order.source, order.external_id)
            if order.customer_id in agents and name not in seen | new:
                new.add(name)
                wanted[order.customer_id] = wanted.get(order.customer_id, 0) + _total_e4(order)
        if any(agents[each].state is AgentState.SUSPENDED for each in wanted):
            refused[n] = AgentSuspended()
        elif any(wanted_e4 > room[each] for each, wanted_e4 in wanted.items()):
            refused[n] = WalletShort()
        else:
            seen |= new
            for each, wanted_e4 in wanted.items():
                room[each] -= wanted_e4
    return refused


def _total_e4(order: NewOrder) -> int:
    return sum(line.price_e4 for line in order.lines)
