"""kill -9 of who orders, at any moment: each purchase is bought once, and no money is lost.

The supplier is simulated in this process and outlives them all: its ledger is what happened. The
long run is KASHU_TEST_PLACING_KILLS=200.
"""

import asyncio
import os
import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.purchases.kinds import PurchaseState
from tests.adapters.suppliers import world_dujiao_next
from tests.adapters.suppliers.test_bought_over_http import Bought, buying_from
from tests.conftest import Tenant
from tests.purchases.world import DEPOSIT_E4

pytestmark = pytest.mark.faults

KILLS = int(os.environ.get("KASHU_TEST_PLACING_KILLS", "4"))
HERE = Path(__file__).parents[2]


async def _work_and_kill(url: str, bought: Bought, chance: random.Random, *, orders: int) -> None:
    """Let it work until the supplier was ordered from so often, and a little longer."""
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.faults.placing",
        url,
        str(bought.world.tenant.id),
        bought.world.clock().isoformat(),
        cwd=HERE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert program.stdout is not None
    try:
        assert await program.stdout.readline() == b"working\n"
        began = len(bought.house.orders)
        async with asyncio.timeout(30):
            while len(bought.house.orders) < began + orders:  # noqa: ASYNC110  (no event tells)
                await asyncio.sleep(0.002)
            await asyncio.sleep(chance.uniform(0, 0.03))
    finally:
        program.kill()
        await program.wait()


async def test_killed_while_ordering_each_purchase_is_bought_once(
    database: Database, tenant: Tenant, keyrings: Keyrings, owner_url: str
) -> None:
    chance = random.Random(16)  # noqa: S311  (when it dies)
    proved = world_dujiao_next.PROVED[0]
    async with buying_from(proved, database, tenant, keyrings) as bought:
        bought.side.app.faults.latency_s = 0.02
        good = next(iter(bought.house.goods.values()))
        good.cards.extend(bought.house.new_card() for _ in range(12 * KILLS))
        wanted = []
        for _ in range(KILLS):
            wanted += await bought.world.want_many(10)
            await _work_and_kill(owner_url, bought, chance, orders=chance.randint(1, 6))
            await bought.world.proved()
        await bought.world.run()

        numbers = Counter(order.number for order in bought.house.orders)
        assert set(numbers.values()) == {1}
        assert len(numbers) == len(wanted)
        assert await bought.world.live() == []
        assert await bought.world.stock_count() == len(wanted)
        for purchase_id in wanted:
            assert (await bought.world.purchase(purchase_id)).state is PurchaseState.DONE
        taken_e4 = sum(order.charged_e4 - order.refunded_e4 for order in bought.house.orders)
        money = await bought.world.money(bought.code)
        assert (money.in_doubt_e4, money.prepaid_e4) == (0, DEPOSIT_E4 - taken_e4)
        await bought.world.proved()
