"""A merchant's trial: the five platforms stay open until Ctrl-C, and somebody buys."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import msgspec

from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant
from kashu.channels.ask import Outside
from kashu.channels.kinds import ChannelKind
from kashu.core.db import Database
from kashu.core.http import Http
from kashu.entry.begin import begin_tenant
from kashu.entry.channels import make_outside
from kashu.entry.settings import load_settings
from kashu.entry.shop import open_database
from kashu.entry.simulation.buyers import Buyers, Trade, refunded
from kashu.entry.simulation.clerk import Clerk
from kashu.entry.simulation.connect import connect_town, rest, rest_former
from kashu.entry.simulation.pushing import Manner, push_addresses, pushing
from kashu.entry.simulation.stock import stock_up
from kashu.entry.simulation.switches import switch_outage
from kashu.entry.simulation.town import GOODS, Stall, Town
from kashu.entry.simulation.trial_suppliers import dealing
from kashu.entry.simulation.wholesale import Wholesale
from kashu.entry.terminal import say
from kashu.simulators.faults import Fault
from kashu.simulators.shop import OrderState

CARDS: Final = 2_000  # made up, of each SKU, for a shop of the trial's own …
FEW: Final = 20  # … or that buys the rest
FORMER: Final = "sim-"  # how the codes of such shops begin


@dataclass(frozen=True, slots=True)
class Outage:
    """Platforms that are out of order for a while."""

    minutes: float
    after_s: float
    platforms: Sequence[str] = ()  # none: all


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a trial shall go."""

    trade: Trade  # of no orders at all: nobody buys
    rates: Mapping[Fault, float] = field(default_factory=dict)
    outage: Outage | None = None
    manner: Manner = field(default_factory=Manner)
    addresses: Mapping[ChannelKind, str] = field(default_factory=dict)  # where pushes go
    has_suppliers: bool = False  # three more ports
    connects: bool = False  # make a shop of its own, with stock and connected stores
    has_clerk: bool = False  # who hands over what no platform shows the buyer


class Door(msgspec.Struct, frozen=True):
    """How a store is connected to one of the platforms. All of it is made up."""

    channel: str
    base_url: str
    app_key: str
    app_secret: str
    options: dict[str, str]
    code: str


class Taken(msgspec.Struct, frozen=True):
    """What became of one platform's orders, as it sees them."""

    channel: str
    orders: int
    shipped: int
    shown: int  # whose buyers were given something
    refunded: int


def door_of(stall: Stall) -> Door:
    """Say how to get in; the code is good once."""
    return Door(
        stall.channel.value,
        stall.base_url,
        stall.key,
        stall.secret,
        dict(stall.options),
        stall.permit(),
    )


def taken_by(stall: Stall) -> Taken:
    """Count a platform's orders."""
    gone = refunded(stall)
    orders = list(stall.shop.orders.values())
    shipped = {OrderState.SHIPPED, OrderState.FINISHED}
    if stall.channel is ChannelKind.YOUZAN:  # where virtual orders count as shipped once paid
        shipped.add(OrderState.PAID)
    return Taken(
        stall.channel.value,
        len(orders),
        sum(order.state in shipped for order in orders),
        sum(bool(order.shown) for order in orders),
        sum(map(gone, orders)),
    )


async def play(
    wishes: Wishes,
    town: Town,
    wholesale: Wholesale | None = None,
    *,
    begun: asyncio.Event | None = None,
) -> None:
    """Let people buy until it is cancelled; connect stores and suppliers where that is wished.

    `begun`: set when all that is to be read was told.
    """
    async with AsyncExitStack() as stack:
        addresses = {
            stall.code: wishes.addresses[stall.channel]
            for stall in town.stalls
            if stall.channel in wishes.addresses
        }
        jobs = []
        if wishes.connects:
            settings = msgspec.structs.replace(load_settings(), private_network=True)
            ground, database = await stack.enter_async_context(open_database())
            outside = make_outside(settings, Keyrings(ground.masters))
            stack.push_async_callback(outside.http.close)
            clerk = await _connect(database, outside, town, CARDS if wholesale is None else FEW)
            stack.push_async_callback(rest, database, clerk.tenant)
            if wholesale is not None:
                await stack.enter_async_context(
                    dealing(database, clerk.tenant, settings, outside, wholesale, former=FORMER)
                )
                say(
                    "三个供应商已接入、已匹配：缺货自动采购（kashu purchase list、kashu prices）。",
                    "Three suppliers, connected and mapped: what is short is bought by itself "
                    "(kashu purchase list, kashu prices).",
                )
            origin = f"http://{settings.host}:{settings.port}"
            addresses = push_addresses(town, origin, clerk.tenant.id) | addresses
            if wishes.has_clerk:
                jobs.append(clerk.work())
        http = Http(private_allowed=True)
        stack.push_async_callback(http.close)
        await stack.enter_async_context(pushing(town, http, addresses, wishes.manner))
        town.set_rates(wishes.rates)
        if wishes.outage is not None:
            jobs.append(_break_down(town, wishes.outage))
        if wishes.trade.orders_per_s:
            jobs.append(Buyers(town, wishes.trade).buy())
        if begun is not None:
            begun.set()
        async with asyncio.TaskGroup() as at_once:
            for job in jobs:
                at_once.create_task(job)
            await asyncio.Event().wait()


async def _break_down(town: Town, outage: Outage) -> None:
    await asyncio.sleep(outage.after_s)
    switch_outage(town, outage.minutes, outage.platforms)


async def _connect(database: Database, outside: Outside, town: Town, cards: int) -> Clerk:
    """Make a merchant of this run's own: simulated buyers must not be given anybody's cards."""
    run = datetime.now(UTC).strftime("%y%m%d%H%M%S")
    masters = outside.keyrings.masters
    begun = await begin_tenant(database, masters, code=f"{FORMER}{run}", name=f"模拟商户 {run}")
    tenant: Tenant = begun.tenant
    await rest_former(database, FORMER, tenant)
    await stock_up(database, tenant, outside.keyrings, [each.sku for each in GOODS], cards)
    stores = await connect_town(database, tenant, outside, town)
    say(
        f"已新建商户 {tenant.code}，五个店铺已连接、已映射，状态为自动，每种卡密 {cards} 张。",
        f"Made the shop {tenant.code}: five stores, connected, mapped and automatic; "
        f"{cards} cards of each SKU.",
    )
    say(
        f"另开一个窗口启动服务：KASHU_PRIVATE_NETWORK=true kashu serve\n"
        f"查看订单：kashu order list --tenant {tenant.code}\n"
        f"查看利润：kashu report profit --by store --tenant {tenant.code}",
        f"In another window: KASHU_PRIVATE_NETWORK=true kashu serve\n"
        f"See the orders: kashu order list --tenant {tenant.code}\n"
        f"And the profit: kashu report profit --by store --tenant {tenant.code}",
    )
    return Clerk(database, tenant, outside, town, stores)
