"""A merchant's trial: the five platforms stay open until Ctrl-C, and somebody buys."""

import asyncio
import math
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec

from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant
from kashu.channels.ask import Outside
from kashu.core.db import Database
from kashu.entry.begin import begin_tenant
from kashu.entry.channels import make_outside
from kashu.entry.settings import load_settings
from kashu.entry.shop import open_database
from kashu.entry.simulation.buyers import Buyers, Trade, refunded
from kashu.entry.simulation.clerk import Clerk
from kashu.entry.simulation.connect import connect_town
from kashu.entry.simulation.stock import stock_up
from kashu.entry.simulation.town import GOODS, Stall, Town
from kashu.entry.terminal import say
from kashu.simulators.shop import OrderState

CARDS: Final = 2_000  # made up, of each SKU, for a shop of the trial's own


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a trial shall go."""

    first_port: int
    rate: float  # orders a second; 0: nobody buys
    fault_rate: float = 0.0
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
    return Taken(
        stall.channel.value,
        len(orders),
        sum(order.state in shipped for order in orders),
        sum(bool(order.shown) for order in orders),
        sum(map(gone, orders)),
    )


async def play(wishes: Wishes, town: Town) -> None:
    """Let people buy until it is cancelled; connect stores first where that is wished."""
    async with AsyncExitStack() as stack:
        if wishes.connects:
            ground, database = await stack.enter_async_context(open_database())
            settings = msgspec.structs.replace(load_settings(), private_network=True)
            outside = make_outside(settings, Keyrings(ground.masters))
            stack.push_async_callback(outside.http.close)
            clerk = await _connect(database, outside, town)
            if wishes.has_clerk:
                work = asyncio.create_task(clerk.work())
                stack.callback(work.cancel)
        town.break_at_random(wishes.fault_rate)
        if wishes.rate:
            await Buyers(town, Trade(wishes.rate, math.inf)).buy()
        await asyncio.Event().wait()


async def _connect(database: Database, outside: Outside, town: Town) -> Clerk:
    """Make a merchant of this run's own: simulated buyers must not be given anybody's cards."""
    run = datetime.now(UTC).strftime("%y%m%d%H%M%S")
    masters = outside.keyrings.masters
    begun = await begin_tenant(database, masters, code=f"sim-{run}", name=f"模拟商户 {run}")
    tenant: Tenant = begun.tenant
    await stock_up(database, tenant, outside.keyrings, [each.sku for each in GOODS], CARDS)
    stores = await connect_town(database, tenant, outside, town)
    say(
        f"已新建商户 {tenant.code}，五个店铺已连接、已映射，状态为自动。",
        f"Made the shop {tenant.code}; its five stores are connected, mapped and automatic.",
    )
    say(
        f"另开一个窗口启动后台：KASHU_PRIVATE_NETWORK=true kashu serve\n"
        f"查看订单：kashu order list --tenant {tenant.code}",
        f"In another window: KASHU_PRIVATE_NETWORK=true kashu serve\n"
        f"See the orders: kashu order list --tenant {tenant.code}",
    )
    return Clerk(database, tenant, outside, town, stores)
