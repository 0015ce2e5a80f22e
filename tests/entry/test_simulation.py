"""The five simulated platforms end to end: the real worker, a clerk, and buyers."""

import asyncio
import json
import math
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant
from kashu.channels.ask import Outside
from kashu.channels.connections import granted_connections
from kashu.channels.kinds import ChannelKind
from kashu.core.clock import SHANGHAI
from kashu.core.db import Database
from kashu.entry.begin import begin_tenant
from kashu.entry.channels import make_outside
from kashu.entry.lead import Tools
from kashu.entry.settings import Settings
from kashu.entry.simulation.buyers import Buyers, Trade
from kashu.entry.simulation.connect import connect_town, rest_former
from kashu.entry.simulation.figures import cards_of, outcome_of
from kashu.entry.simulation.run import Simulated, simulate
from kashu.entry.simulation.stock import stock_up
from kashu.entry.simulation.town import GOODS, Town, open_town
from kashu.entry.suppliers import make_upstreams
from kashu.entry.worker import work
from kashu.reports.verify import verify
from kashu.simulators.shop import OrderState
from tests.conftest import MASTERS
from tests.entry.conftest import Terminal

EVENLY: Final = dict.fromkeys(
    (
        ChannelKind.TAOBAO,
        ChannelKind.JD,
        ChannelKind.PINDUODUO,
        ChannelKind.YOUZAN,
        ChannelKind.WEIDIAN,
    ),
    1,
)
PATIENCE_S: Final = 90.0


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant with stock, and a worker that works for it."""

    database: Database
    tenant: Tenant
    outside: Outside

    async def simulate(self, town: Town, trade: Trade, fault_rate: float = 0.0) -> Simulated:
        return await simulate(
            self.database,
            self.tenant,
            self.outside,
            town,
            trade,
            patience_s=PATIENCE_S,
            fault_rate=fault_rate,
        )

    async def is_sound(self) -> bool:
        async with self.database.transaction(self.tenant.id) as tx:
            return (await verify(tx, self.tenant.id)).ok

    async def given_twice(self) -> int:
        """Cards that two lines have at once."""
        asked = text(
            "SELECT count(*) FROM (SELECT card_id FROM stock.allocations"
            " WHERE tenant_id = :tenant AND released_at IS NULL"
            " GROUP BY card_id, use_number HAVING count(*) > 1) AS twice"
        )
        async with self.database.transaction(self.tenant.id) as tx:
            return int((await tx.execute(asked, {"tenant": self.tenant.id})).scalar_one())


@asynccontextmanager
async def working(url: str, outside: Outside, database: Database) -> AsyncIterator[None]:
    """Have the worker that ships work, in this process."""
    stopping = asyncio.Event()
    upstreams = make_upstreams(Settings(), outside)
    tools = Tools(database, outside.keyrings, outside, upstreams)
    worker = asyncio.create_task(work(url, tools, stopping))
    yield
    stopping.set()
    outside.stopping.set()
    await worker


@pytest.fixture
async def merchant(database: Database, owner_url: str) -> AsyncIterator[Merchant]:
    keyrings = Keyrings(MASTERS)
    begun = await begin_tenant(database, MASTERS, code="sim", name="模拟商户", timezone=SHANGHAI)
    await stock_up(database, begun.tenant, keyrings, [each.sku for each in GOODS], 200)
    outside = make_outside(Settings(private_network=True), keyrings)
    async with working(owner_url, outside, database):
        yield Merchant(database, begun.tenant, outside)
    await outside.http.close()


async def test_every_paid_order_of_five_platforms_is_delivered_once_and_confirmed(
    merchant: Merchant,
) -> None:
    async with open_town() as town:
        done = await merchant.simulate(town, Trade(15.0, 3.0, asked_back=0.15, shares=EVENLY))

        for figures in done.outcome.platforms:
            assert figures.orders > 0, figures
            assert (figures.lost, figures.duplicates) == (0, 0), done.outcome
        assert done.outcome.total.refunds > 0
        for stall in town.stalls:
            confirmed = [each for each in stall.shop.orders.values() if each.shipments]
            assert all(len(each.shown) == cards_of(each) for each in confirmed)
    assert await merchant.is_sound()
    assert await merchant.given_twice() == 0


async def test_with_every_fault_at_random_nothing_is_lost_or_doubled(merchant: Merchant) -> None:
    async with open_town(silent_s=0.2) as town:
        trade = Trade(10.0, 4.0, asked_back=0.1, shares=EVENLY)

        done = await merchant.simulate(town, trade, fault_rate=0.01)

        assert done.outcome.total.orders > 0
        assert (done.outcome.total.lost, done.outcome.total.duplicates) == (0, 0), done.outcome
    assert await merchant.is_sound()
    assert await merchant.given_twice() == 0


async def test_the_same_seed_buys_the_same(merchant: Merchant) -> None:
    bought = []
    for _ in range(2):
        async with open_town() as town:
            buyers = Buyers(town, Trade(500.0, 0.1, asked_back=0.0))
            await buyers.buy()
            bought.append(
                [
                    (stall.channel, order.lines[0].item.merchant_code, order.lines[0].quantity)
                    for stall, order in buyers.bought
                ]
            )
    assert merchant.tenant.code == "sim"
    assert bought[0] == bought[1]
    assert len(bought[0]) > 0


async def test_each_platform_sells_its_number_in_bursts_too() -> None:
    async with open_town() as town:
        wanted = Trade(500.0, math.inf, asked_back=0.0, burst=4, burst_chance=0.5, buyers=3, each=7)
        await Buyers(town, wanted).buy()

        for stall in town.stalls:
            assert len(stall.shop.orders) == 7
        orders = [each for stall in town.stalls for each in stall.shop.orders.values()]
        assert {each.buyer for each in orders} == {"t**1", "t**2", "t**3"}


async def test_stores_of_a_simulation_that_was_killed_rest(merchant: Merchant) -> None:
    database, tenant = merchant.database, merchant.tenant

    async def asked() -> int:
        async with database.transaction(tenant.id) as tx:
            return len(await granted_connections(tx, tenant.id))

    async with open_town() as town:
        await connect_town(database, tenant, merchant.outside, town)
    other = replace(tenant, id=tenant.id + 1)
    await rest_former(database, "demo-", other)  # another kind
    await rest_former(database, "sim", tenant)  # ourselves
    assert await asked() == len(town.stalls)
    await rest_former(database, "sim", other)
    assert await asked() == 0


async def test_what_nobody_was_given_counts_as_lost(merchant: Merchant) -> None:
    async with open_town() as town:
        stores = await connect_town(merchant.database, merchant.tenant, merchant.outside, town)
        stall = town.stalls[0]
        since = town.clock()
        item = next(iter(stall.shop.items.values()))
        order = stall.shop.sell((item, 2))
        stall.shop.set_state(order, OrderState.SHIPPED)  # by somebody who gave nothing

        outcome = await outcome_of(
            merchant.database, merchant.tenant, town, stores, since=since - timedelta(seconds=1)
        )

    assert (outcome.total.orders, outcome.total.lost, outcome.total.delivered) == (1, 1, 0)


async def test_a_card_shown_to_two_buyers_counts_as_a_duplicate(merchant: Merchant) -> None:
    async with open_town() as town:
        stores = await connect_town(merchant.database, merchant.tenant, merchant.outside, town)
        stall = town.stalls[2]
        since = town.clock()
        item = next(iter(stall.shop.items.values()))
        for _ in range(2):
            order = stall.shop.sell((item, 1), paid=False)
            order.shown.append("SIM1 1")
            stall.shop.pay(order)

        outcome = await outcome_of(
            merchant.database, merchant.tenant, town, stores, since=since - timedelta(seconds=1)
        )

    assert outcome.total.duplicates == 2


def test_the_command_says_how_to_connect_and_what_it_came_to(tmp_path: Path) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", "kashu.entry.cli", "simulate", "--port", str(port)]
    with subprocess.Popen(  # noqa: S603  (our own program)
        [*command, "--rate", "50"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"KASHU_DATA_DIR": str(tmp_path)},
    ) as simulation:
        assert simulation.stdout is not None
        assert simulation.stderr is not None
        doors = json.loads(simulation.stdout.readline())["platforms"]
        while "Ctrl-C" not in simulation.stderr.readline():
            pass
        simulation.send_signal(signal.SIGINT)
        printed, _ = simulation.communicate(timeout=30)

    assert simulation.returncode == 0
    assert [each["channel"] for each in doors] == [each.value for each in EVENLY]
    assert [each["base_url"] for each in doors] == [
        f"http://127.0.0.1:{port + place}" for place in range(len(EVENLY))
    ]
    assert all(each["app_key"] and each["app_secret"] and each["code"] for each in doors)
    taken = json.loads(printed)["taken"]
    assert [each["channel"] for each in taken] == [each["channel"] for each in doors]


def test_a_clerk_alone_is_refused(terminal: Terminal) -> None:
    done = terminal.run("simulate", "--clerk")

    assert done.exit_code == 2
    assert "--connect" in done.stderr
