import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psycopg
import pytest

from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant as Shop
from kashu.core.db import Database
from kashu.core.errors import Busy
from kashu.core.jobs import calls, listen, wake
from kashu.entry.channels import make_outside
from kashu.entry.lead import Group, Run, Sweep, Tools
from kashu.entry.settings import Settings
from kashu.entry.suppliers import make_upstreams
from kashu.entry.sweeps import SWEEPS
from kashu.entry.worker import work
from kashu.orders.fulfil import fulfil
from kashu.reports.health import last_health
from kashu.stock.hold import hold
from kashu.stock.replenish import mark_replenished
from tests.conftest import Tenant
from tests.orders.builders import make_shop, order_of
from tests.stock.builders import cards_of, put_cards

HOUR_S = 3600.0
SOON_S = 15.0  # what no test may wait for in vain

pytestmark = pytest.mark.usefixtures("tenant")


@asynccontextmanager
async def working(
    url: str, tools: Tools, *sweeps: Sweep, stopping: asyncio.Event | None = None
) -> AsyncIterator["asyncio.Task[None]"]:
    stopping = stopping or asyncio.Event()
    worker = asyncio.create_task(work(url, tools, stopping, sweeps))
    try:
        yield worker
    finally:
        stopping.set()
        await worker


async def until(holds: Callable[[], Awaitable[bool]]) -> float:
    """Ask until it holds; return how many seconds that took."""
    began = time.monotonic()
    async with asyncio.timeout(SOON_S):
        while not await holds():
            pass
    return time.monotonic() - began


@pytest.fixture
def tools(database: Database, keyrings: Keyrings) -> Tools:
    outside = make_outside(Settings(), keyrings)
    return Tools(database, keyrings, outside, make_upstreams(Settings(), outside))


async def test_a_line_that_waits_gets_its_card_within_a_second_of_the_stock(
    owner_url: str, database: Database, tenant: Tenant, tools: Tools
) -> None:
    fill = next(sweep for sweep in SWEEPS if sweep.name == "fill_replenished")
    looked = asyncio.Event()

    async def look(given: Tools, shop: Shop) -> bool:
        more = await fill.run(given, shop)
        looked.set()
        return more

    async with database.transaction(tenant.id) as tx:
        shop = await make_shop(tx, tenant.id, tools.keyrings, cards=0)
        order = order_of(shop)
        await fulfil(tx, tenant.id, [order], shop.today)
    # Not by looking now and then: by being woken.
    sweep = Sweep(fill.name, HOUR_S, look, woken_by=fill.woken_by)
    async with working(owner_url, tools, sweep):
        async with asyncio.timeout(SOON_S):
            await looked.wait()
        async with database.transaction(tenant.id) as tx:
            await put_cards(tx, tenant.id, 1, sku_id=shop.sku_id, keyrings=tools.keyrings)
            await hold(tx, tenant.id, [shop.sku_id])
            await mark_replenished(tx, tenant.id, [shop.sku_id])

        async def filled() -> bool:
            async with database.transaction(tenant.id) as tx:
                return len(await cards_of(tx, tenant.id, order.lines[0].id)) == 1

        assert await until(filled) < 1


async def test_a_call_is_heard_once_and_only_if_its_transaction_commits(
    owner_url: str, database: Database, tenant: Tenant
) -> None:
    async with await listen(owner_url) as ears:
        async with database.transaction(tenant.id) as tx:
            await wake(tx, tenant.id, "undone")
            await tx.rollback()
        async with database.transaction(tenant.id) as tx:
            await wake(tx, tenant.id, "done")
            await wake(tx, tenant.id, "done")
        async with database.transaction(tenant.id) as tx:
            await wake(tx, tenant.id, "last")
        heard = []
        async for call in calls(ears, for_s=SOON_S):
            heard.append((call.topic, call.tenant_id))
            if call.topic == "last":
                break
        assert heard == [("done", tenant.id), ("last", tenant.id)]


async def test_two_workers_never_run_a_sweep_twice_at_once(owner_url: str, tools: Tools) -> None:
    under_way = Counter[str]()
    most = Counter[str]()
    runs = Counter[str]()
    enough = asyncio.Event()

    def counting(name: str) -> Sweep:
        async def run(given: Tools, shop: Shop) -> bool:
            under_way[name] += 1
            most[name] = max(most[name], under_way[name])
            async with given.database.transaction(shop.id) as tx:
                await wake(tx, shop.id, "again")  # while it is under way
            under_way[name] -= 1
            runs[name] += 1
            if runs["one"] > 10 and runs["two"] > 10:
                enough.set()
            return False

        return Sweep(name, 0.01, run, woken_by="again")

    sweeps = [counting("one"), counting("two")]
    async with working(owner_url, tools, *sweeps), working(owner_url, tools, *sweeps):
        async with asyncio.timeout(SOON_S):
            await enough.wait()
    assert most == {"one": 1, "two": 1}


async def test_workers_share_what_there_is_to_do_and_one_that_is_left_does_it_all(
    owner_url: str, tools: Tools
) -> None:
    led: dict[str, set[str]] = {"first": set(), "second": set()}

    def sweeps(worker: str) -> list[Sweep]:
        def noting(name: str) -> Run:
            async def run(_: Tools, __: Shop) -> bool:
                led[worker].add(name)
                return False

            return run

        return [Sweep(group.name, 0.05, noting(group.name), group=group) for group in Group]

    everything = {group.name for group in Group}

    async def shared() -> bool:
        """Neither does what the other does, and nothing is left."""
        for each in led.values():
            each.clear()
        await asyncio.sleep(0.5)  # ten times as long as any sweep rests
        return (
            led["first"] | led["second"] == everything
            and not led["first"] & led["second"]
            and bool(led["first"] and led["second"])
        )

    async def alone() -> bool:
        led["first"].clear()
        await asyncio.sleep(0.5)
        return led["first"] == everything

    async with working(owner_url, tools, *sweeps("first")):
        await until(alone)
        async with working(owner_url, tools, *sweeps("second")):
            await until(shared)
        await until(alone)


async def test_another_worker_takes_over_when_one_loses_the_database(
    owner_url: str, tools: Tools
) -> None:
    runs = asyncio.Queue[int]()

    async def run(_: Tools, shop: Shop) -> bool:
        runs.put_nowait(shop.id)
        return False

    sweep = Sweep("taken_over", 0.05, run)
    async with working(owner_url, tools, sweep), working(owner_url, tools, sweep):
        async with asyncio.timeout(SOON_S):
            await runs.get()
        with psycopg.connect(owner_url, autocommit=True) as connection:
            cut = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'kashu-worker' AND datname = current_database()"
            ).fetchall()
            assert len(cut) == 2
        while not runs.empty():
            runs.get_nowait()
        async with asyncio.timeout(SOON_S):
            await runs.get()


async def test_who_begins_to_lead_takes_over_once_before_the_first_step(
    owner_url: str, tools: Tools
) -> None:
    done: list[str] = []
    enough = asyncio.Event()

    async def begin(_: Tools, __: Shop) -> None:
        done.append("begin")

    async def run(_: Tools, __: Shop) -> bool:
        done.append("run")
        if len(done) > 3:
            enough.set()
        return False

    sweep = Sweep("begun", 0.01, run, begin=begin)
    async with working(owner_url, tools, sweep), asyncio.timeout(SOON_S):
        await enough.wait()
    assert done[0] == "begin"
    assert done.count("begin") == 1


async def test_who_is_told_to_stop_ends_what_is_under_way(owner_url: str, tools: Tools) -> None:
    begun, stopping = asyncio.Event(), asyncio.Event()
    ended = False

    async def run(given: Tools, shop: Shop) -> bool:
        nonlocal ended
        begun.set()
        await stopping.wait()
        async with given.database.transaction(shop.id) as tx:
            await wake(tx, shop.id, "nobody")
        ended = True
        return True  # there would be more, for which there is no time

    async with working(owner_url, tools, Sweep("long", HOUR_S, run), stopping=stopping) as worker:
        async with asyncio.timeout(SOON_S):
            await begun.wait()
            stopping.set()
            await worker
    assert ended


async def test_a_step_that_is_under_way_hears_that_there_is_more_to_do(
    owner_url: str, database: Database, tenant: Tenant, tools: Tools
) -> None:
    begun, nudged = asyncio.Event(), asyncio.Event()

    async def step(_: Tools, __: Shop) -> bool:
        begun.set()
        await nudged.wait()
        return False

    def nudge(given: Tools, tenant_id: int) -> None:
        assert (given, tenant_id) == (tools, tenant.id)
        nudged.set()

    async with working(owner_url, tools, Sweep("long", HOUR_S, step, "more", nudge=nudge)):
        async with asyncio.timeout(SOON_S):
            await begun.wait()
            assert not nudged.is_set()
            async with database.transaction(tenant.id) as tx:
                await wake(tx, tenant.id, "more")
            await nudged.wait()


async def test_a_bug_with_one_tenant_keeps_neither_the_others_nor_itself_from_going_on(
    owner_url: str,
    tenant: Tenant,
    other_tenant: Tenant,
    tools: Tools,
) -> None:
    runs = Counter[int]()
    enough = asyncio.Event()

    async def run(_: Tools, shop: Shop) -> bool:
        runs[shop.id] += 1
        if runs[tenant.id] == 1:
            raise ZeroDivisionError
        if runs[tenant.id] == 2 and shop.id == tenant.id:
            raise Busy
        if runs[tenant.id] > 2 and runs[other_tenant.id] > 2:
            enough.set()
        return False

    async with working(owner_url, tools, Sweep("buggy", 0.05, run)):
        async with asyncio.timeout(SOON_S):
            await enough.wait()


async def test_the_self_check_keeps_what_it_found(
    owner_url: str, database: Database, tenant: Tenant, tools: Tools
) -> None:
    verify = next(sweep for sweep in SWEEPS if sweep.name == "verify")
    assert verify.every_s == 300

    async def found() -> bool:
        async with database.transaction(tenant.id) as tx:
            return await last_health(tx, tenant.id) is not None

    async with working(owner_url, tools, verify):
        await until(found)
    async with database.transaction(tenant.id) as tx:
        health = await last_health(tx, tenant.id)
    assert health is not None
    assert health.ok
    assert health.broken == {}


async def test_the_self_check_names_the_rule_that_is_broken(
    owner_url: str, database: Database, tenant: Tenant, tools: Tools
) -> None:
    verify = next(sweep for sweep in SWEEPS if sweep.name == "verify")
    async with database.transaction(tenant.id) as tx:
        shop = await make_shop(tx, tenant.id, tools.keyrings, cards=1)
    await verify.run(tools, Shop(tenant.id, tenant.code, "", tenant.timezone))
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("UPDATE stock.lots SET available = 7 WHERE sku_id = %s", [shop.sku_id])
    await verify.run(tools, Shop(tenant.id, tenant.code, "", tenant.timezone))
    async with database.transaction(tenant.id) as tx:
        health = await last_health(tx, tenant.id)
    assert health is not None
    assert not health.ok
    assert sum(health.broken.values()) > 0
