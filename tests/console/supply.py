"""A shop that buys: three suppliers, a month of prices, listings on sale. For the supply pages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import insert, update

from kashu.catalog.install import begin_tenant
from kashu.catalog.reads import sku_by_code
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.secrets import Secret
from kashu.purchases.tables_quality import quality_days
from kashu.suppliers.add import add_supplier
from kashu.suppliers.connections import NewConnection, connect
from kashu.suppliers.kinds import Told
from kashu.suppliers.map_offers import OfferMapping, map_offers
from kashu.suppliers.offers import offers_by_ref
from kashu.suppliers.price_alerts import alert_list, note_moves, see_alert
from kashu.suppliers.see_offers import see_offers
from kashu.suppliers.tables import connections, quality
from kashu.suppliers.upstream import Product
from tests.conftest import MASTERS, Tenant
from tests.suppliers.market import list_for_sale, product

NAMES = {"alpha": "甲一手货源", "beta": "乙卡券", "gamma": "丙批发"}
TITLES = {
    "mgtv-month": "芒果TV会员月卡",
    "mgtv-quarter": "芒果TV会员季卡",
    "mgtv-year": "芒果TV会员年卡",
    "tencent-video-week": "腾讯视频VIP会员周卡",
}
# What each asks for one, in ten-thousandths, a month ago; what they ask then day by day is below.
ASKED = {
    "mgtv-month": {"alpha": 142_500, "beta": 146_000, "gamma": 149_000},
    "mgtv-quarter": {"alpha": 402_000, "beta": 398_000},
    "mgtv-year": {"beta": 1_480_000, "gamma": 1_452_000},
    "tencent-video-week": {"gamma": 88_000},
}
SOLD_AT = {"mgtv-month": 198_000, "mgtv-quarter": 420_000, "mgtv-year": 1_680_000}


@dataclass
class Supply:
    """A shop's suppliers, by code."""

    database: Database
    tenant: Tenant
    ids: dict[str, UUID]

    async def tell(self, supplier: str, *told: Product, at: datetime | None = None) -> None:
        """Have a supplier tell of products, as the worker that reads its list does."""
        of = self.tenant.id, "system", self.ids[supplier]
        async with self.database.transaction(self.tenant.id) as tx:
            await see_offers(tx, *of, told, how=Told.POLLED, at=at or now())

    async def map(self, supplier: str, ref: str, sku: str, units: int = 1) -> None:
        """Say what one of its products stands for."""
        tenant_id = self.tenant.id
        async with self.database.transaction(tenant_id) as tx:
            offers = await offers_by_ref(tx, tenant_id, self.ids[supplier], [ref])
            wanted = OfferMapping(offers[ref].id, (await sku_by_code(tx, tenant_id, sku)).id, units)
            await map_offers(tx, tenant_id, "cli", [wanted], at=now(), despite=True)

    async def read_now(self, supplier: str) -> None:
        """Note that its whole list was read just now."""
        async with self.database.transaction(self.tenant.id) as tx:
            await tx.execute(
                update(connections)
                .where(connections.c.supplier_id == self.ids[supplier])
                .values(prices_ok_at=now())
            )


async def note_quality(supply: Supply) -> None:
    """Thirty days of orders at two suppliers, the second of which fails more often."""
    today = day_of(now())
    counted = {"alpha": (1_840, 991_000, 2_300, 600), "beta": (655, 942_000, 41_000, 5_200)}
    async with supply.database.transaction(supply.tenant.id) as tx:
        for code, (attempts, success_ppm, p95_ms, invalid_ppm) in counted.items():
            of = {"tenant_id": supply.tenant.id, "supplier_id": supply.ids[code]}
            known = {"attempts": attempts, "success_ppm": success_ppm, "p95_ms": p95_ms}
            known |= {"invalid_ppm": invalid_ppm, "price_changes": 6, "unclear": attempts // 300}
            await tx.execute(insert(quality).values(**of, **known))
            for back in range(30):
                made = attempts // 30 + (back * 7) % 11 - 5
                failed = (back * 5) % 4 if code == "alpha" else (back * 3) % 5
                day = {"day": today - timedelta(days=back), "attempts": made, "waits": []}
                day |= {"succeeded": made - failed, "unclear": 0, "received": made, "invalid": 0}
                changes = {"price_changes": 2 if back in {8, 16, 23} else 0}
                await tx.execute(insert(quality_days).values(**of, **day, **changes))


def asked(sku: str, cost: int, *, stock: int | None = 320) -> Product:
    """A product as its supplier tells it; its ref is the SKU's code."""
    return product(sku, cost, title=TITLES[sku], stock=stock, in_stock=stock != 0)


async def make_supply(database: Database, tenant: Tenant) -> Supply:
    """Three suppliers, what they ask for four SKUs since a month ago, and three listings."""
    ids = {}
    async with database.transaction(tenant.id) as tx:
        await begin_tenant(tx, tenant.id, "cli")
        for tier, (code, name) in enumerate(NAMES.items(), 1):
            added = await add_supplier(tx, tenant.id, "cli", code=code, name=name, tier=tier)
            ids[code] = added.id
            login = NewConnection("fulu", "10001", Secret("s3cret-s3cret"), "http://127.0.0.1:9")
            await connect(tx, tenant.id, "cli", code, login, masters=MASTERS)
    supply = Supply(database, tenant, ids)
    await _ask_for_a_month(supply)
    async with database.transaction(tenant.id) as tx:
        for place, (sku, price_e4) in enumerate(SOLD_AT.items(), 1):
            sku_id = (await sku_by_code(tx, tenant.id, sku)).id
            await list_for_sale(tx, tenant.id, sku_id, price_e4, item=f"I{place}")
    return supply


async def _ask_for_a_month(supply: Supply) -> None:
    begun = now() - timedelta(days=29)
    for sku, costs in ASKED.items():
        for supplier, cost in costs.items():
            for day, change in ((0, 0), (6, 8), (13, -5), (21, 4)):  # in thousandths
                at = begun + timedelta(days=day, hours=len(supplier))
                told = asked(sku, cost + cost * change // 1_000)
                await supply.tell(supplier, told, at=at)
                if day == 0:
                    await supply.map(supplier, sku, sku)
    for supplier in supply.ids:
        await supply.read_now(supplier)
    tenant_id, at = supply.tenant.id, now()
    async with supply.database.transaction(tenant_id) as tx:  # all of that was looked at
        skus = [(await sku_by_code(tx, tenant_id, code)).id for code in ASKED]
        await note_moves(tx, tenant_id, skus, at)
        for alert in await alert_list(tx, tenant_id, seen=False):
            await see_alert(tx, tenant_id, "cli", alert.id)
