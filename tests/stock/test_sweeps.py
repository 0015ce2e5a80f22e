from datetime import timedelta

from kashu.access.keyring import Keyrings
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.stock.levels import set_levels, standing_alerts
from kashu.stock.reserve import reserve
from kashu.stock.strategy import FEFO
from kashu.stock.sweeps import release_due_reservations, watch_stock
from tests.conftest import Tenant
from tests.stock.builders import TODAY, counters, make_sku, put_cards, replenished


async def test_what_is_reserved_beyond_its_time_comes_back_and_the_rest_stays(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    begins = now()
    async with database.transaction(tenant.id) as tx:
        sku_id = await make_sku(tx, tenant.id)
        lot = await put_cards(tx, tenant.id, 5, sku_id=sku_id, keyrings=keyrings)
        for hours in (1, 3):
            await reserve(
                tx,
                tenant.id,
                "s",
                sku_id=sku_id,
                quantity=2,
                until_at=begins + timedelta(hours=hours),
                strategy=FEFO,
                reason="quote",
                now=begins,
                today=TODAY,
            )
    await release_due_reservations(database, tenant.id, lambda: begins + timedelta(minutes=59))
    async with database.transaction(tenant.id) as tx:
        assert await counters(tx, tenant.id, lot.id) == {"available": 1, "reserved": 4}
    await release_due_reservations(database, tenant.id, lambda: begins + timedelta(hours=2))
    async with database.transaction(tenant.id) as tx:
        assert await counters(tx, tenant.id, lot.id) == {"available": 3, "reserved": 2}
        assert await replenished(tx, tenant.id, sku_id)


async def test_alerts_come_on_the_merchants_day(
    database: Database, tenant: Tenant, keyrings: Keyrings
) -> None:
    async with database.transaction(tenant.id) as tx:
        sku_id = await make_sku(tx, tenant.id)
        await set_levels(tx, tenant.id, "s", sku_id, low=5, enough=9)
        expiry = TODAY + timedelta(30)
        await put_cards(tx, tenant.id, 2, sku_id=sku_id, expires_on=expiry, keyrings=keyrings)
    midnight = now().replace(year=2026, month=6, day=14, hour=16, minute=0, second=1)
    for moment, expected in ((midnight - timedelta(seconds=2), 60), (midnight, 30)):
        await watch_stock(database, tenant.id, tenant.timezone, moment.astimezone)
        async with database.transaction(tenant.id) as tx:
            standing = {(it.kind, it.days) for it in await standing_alerts(tx, tenant.id)}
        assert standing == {("low", None), ("expiring", expected)}
