"""A merchant whom the statistics don't know yet: what happened lately is proven as fast as all."""

import asyncio
import time
from datetime import datetime, timedelta

import psycopg
import pytest

from kashu.access.keyring import Keyrings
from kashu.channels.kinds import ChannelKind
from kashu.channels.stores import open_store
from kashu.core.clock import now
from kashu.core.db import Database, believed_rows
from kashu.orders.bodies import COUNTER, LineBody, OrderBody, OrdersBody
from kashu.orders.intake import Intake
from kashu.orders.write import Submission
from kashu.reports.verify import verify
from tests.conftest import Tenant
from tests.stock.importing import Shop, open_shop

FIRST = 100  # orders of the merchant that is known
ORDERS = 4_000
AT_ONCE = 200
TIMES = 10  # as long as the proof of everything: pairwise it takes twenty times as long


async def sell(shop: Shop, orders: int) -> None:
    tenant_id = shop.tenant.id
    await shop.bring_in([f"{shop.tenant.code}{number:08d}" for number in range(orders)])
    async with shop.database.transaction(tenant_id) as tx:
        await open_store(
            tx, tenant_id, "cli", code=COUNTER, name=COUNTER, channel=ChannelKind.DIRECT
        )
    intake = Intake(shop.database, shop.keyrings)

    async def one(number: int) -> None:
        body = OrdersBody((OrderBody(f"o{number}", (LineBody("mgtv-month", 1, "19.80"),)),))
        await intake.submit(tenant_id, Submission("cli", f"o{number}", bytes(32), body))

    for first in range(0, orders, AT_ONCE):
        await asyncio.gather(*map(one, range(first, min(first + AT_ONCE, orders))))


@pytest.fixture
async def newcomer(
    database: Database, tenant: Tenant, other_tenant: Tenant, keyrings: Keyrings, owner_url: str
) -> Tenant:
    await sell(await open_shop(database, tenant, keyrings), FIRST)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute("ANALYZE")
    await sell(await open_shop(database, other_tenant, keyrings), ORDERS)
    return other_tenant


async def test_a_newcomers_recent_proof_does_not_walk_pairwise(
    database: Database, tenant: Tenant, newcomer: Tenant
) -> None:
    async with database.transaction(newcomer.id) as tx:
        assert await believed_rows(tx, newcomer.id, "stock.allocations") < ORDERS / 10
    async with database.transaction(tenant.id) as tx:
        assert await believed_rows(tx, tenant.id, "stock.allocations") >= FIRST

    async def took_s(since: datetime | None) -> float:
        began = time.perf_counter()
        async with database.transaction(newcomer.id) as tx:
            assert (await verify(tx, newcomer.id, since)).ok
        return time.perf_counter() - began

    lately = now() - timedelta(hours=1)
    recent_s = min([await took_s(lately) for _ in range(2)])
    assert recent_s < TIMES * min([await took_s(None) for _ in range(2)])
