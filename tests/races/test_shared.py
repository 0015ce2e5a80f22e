"""Many who want uses of one shared card at once, while others give theirs back."""

import asyncio

from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.core.db import APP_ROLE, Database
from kashu.core.ids import new_id
from kashu.stock.allocate import allocate
from kashu.stock.plan import Demand
from kashu.stock.release import release
from kashu.stock.strategy import FEFO
from tests.conftest import Tenant
from tests.stock.builders import TODAY, assert_sound, counters, make_sku, put_cards

# Shown by hand to fail without hold() in allocate() and in release(): two read the same run, and
# the constraint card_is_given_to_one_line stops the second, or a use is lost.


async def test_every_use_is_given_once_and_comes_back_once(
    owner_url: str, database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    async with database.transaction(tenant.id) as tx:
        sku_id = await make_sku(tx, tenant.id, fulfilment="shared")
        lot = await put_cards(tx, tenant.id, 3, sku_id=sku_id, max_uses=40, keyrings=keyrings)
    processes = [Database(owner_url, role=APP_ROLE, pool_size=2) for _ in range(3)]

    async def buy(number: int) -> int:
        line_id, wanted = new_id(), 1 + number % 3
        process = processes[number % 3]
        async with process.transaction(tenant.id) as tx:
            demand = Demand(line_id, sku_id, wanted, FEFO)
            [took] = await allocate(tx, tenant.id, [demand], TODAY)
        if not took or number % 4:
            return sum(taking.count for taking in took)
        async with process.transaction(tenant.id) as tx:
            [back] = await release(tx, tenant.id, "s", line_units=[(line_id, 1)], because="refund")
        return wanted - back.count

    kept = sum(await asyncio.gather(*(buy(number) for number in range(90))))
    for process in processes:
        await process.close()
    async with database.transaction(tenant.id) as tx:
        await assert_sound(tx, tenant.id)
        count = await counters(tx, tenant.id, lot.id)
        assert (count["allocated"], sum(count.values())) == (kept, 120)
        live = "SELECT count(*) FROM stock.allocations WHERE released_at IS NULL"
        assert (await tx.execute(text(live))).scalar_one() == kept
