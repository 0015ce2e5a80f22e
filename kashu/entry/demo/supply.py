"""The demo's supply: three simulated suppliers, of whom is bought what somebody orders."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from kashu.catalog.reads import skus_by_code
from kashu.core.clock import now
from kashu.entry.channels import make_outside
from kashu.entry.demo.happenings import Happenings
from kashu.entry.demo.stage import Stage
from kashu.entry.demo.statement import Settler
from kashu.entry.demo.wares import CARDS, WARES, Requests, buy_when_short, seller_name
from kashu.entry.settings import Settings
from kashu.entry.simulation.wholesale import (
    Wholesale,
    connect_wholesale,
    leave_former,
    leave_wholesale,
    open_wholesale,
)
from kashu.entry.simulation.wholesale_notices import telling
from kashu.entry.suppliers import make_upstreams
from kashu.ledger.supplier_money import SupplierMoney, supplier_money
from kashu.orders.intake import Intake
from kashu.suppliers.breaker import Breaker, breaker_of
from kashu.suppliers.compare import Ranked, compare

PRICES_EVERY_S: Final = 5
FORMER: Final = "demo-"  # how the codes of the demo's merchants begin

_OPEN: Final = text(
    "SELECT (SELECT count(*) FROM orders.lines AS l JOIN catalog.skus AS s"
    "          ON s.tenant_id = :tenant AND s.id = l.sku_id"
    "         WHERE l.tenant_id = :tenant AND l.waiting_count > 0 AND s.code = ANY(:skus))"
    "     + (SELECT count(*) FROM purchases.attempts"
    "         WHERE tenant_id = :tenant"
    "           AND state IN ('sending', 'unclear', 'processing', 'manual'))"
)
_PURCHASES: Final = text(
    "SELECT number, purchase_id FROM purchases.attempts WHERE tenant_id = :tenant"
)


@dataclass(slots=True)
class Supply:
    """Suppliers, what is bought of them, and what happens with them."""

    stage: Stage
    wholesale: Wholesale
    happenings: Happenings
    settler: Settler
    requests: Requests
    intake: Intake

    async def order(self, sku: str) -> None:
        """Have somebody order one by the API; it is bought for them. Raises: KashuError."""
        tenant = self.stage.tenant
        await self.intake.submit(tenant.id, self.requests.order(sku), tenant.timezone)

    async def open(self) -> int:
        """How many orders wait for what is bought, and how many at suppliers aren't settled."""
        asked = {"tenant": self.stage.tenant.id, "skus": [ware.sku for ware in WARES]}
        async with self.stage.database.transaction(self.stage.tenant.id) as tx:
            return int((await tx.execute(_OPEN, asked)).scalar_one())

    async def offers(self, sku: str) -> list[Ranked]:
        """Who sells a SKU now, the best first."""
        async with self.stage.database.transaction(self.stage.tenant.id) as tx:
            [known] = (await skus_by_code(tx, self.stage.tenant.id, {sku})).values()
            found = await compare(tx, self.stage.tenant.id, [known.id], at=now(), stock_days=0)
        return found[known.id]

    async def money(self) -> Mapping[str, SupplierMoney]:
        """Our money with each supplier, by its code, as the books say."""
        ids = {each.supplier_id: each.code for each in self.wholesale.sellers if each.supplier_id}
        async with self.stage.database.transaction(self.stage.tenant.id) as tx:
            found = await supplier_money(tx, self.stage.tenant.id, ids)
        return {ids[id_]: each for id_, each in found.items()}

    async def breakers(self) -> Mapping[str, Breaker]:
        """Each supplier's breaker, by its code."""
        async with self.stage.database.transaction(self.stage.tenant.id) as tx:
            return {
                each.code: await breaker_of(tx, self.stage.tenant.id, each.supplier_id)
                for each in self.wholesale.sellers
                if each.supplier_id
            }

    async def doubles(self) -> int:
        """Orders that the suppliers charged beyond the first of each purchase, and nobody's.

        Counted at the suppliers: of our books only whose number is whose is taken.
        """
        async with self.stage.database.transaction(self.stage.tenant.id) as tx:
            rows = await tx.execute(_PURCHASES, {"tenant": self.stage.tenant.id})
            purchase_of = {row.number: row.purchase_id for row in rows}
        bought: Counter[object] = Counter()
        nobodys = 0
        for number, times in self.wholesale.bought().items():
            if number in purchase_of:
                bought[purchase_of[number]] += times
            else:
                nobodys += times
        return nobodys + sum(times - 1 for times in bought.values())

    async def balanced(self) -> bool:
        """Whether the books say of each supplier what it says itself."""
        money = await self.money()
        return all(
            money[each.code].prepaid_e4 == each.house.balance_e4 for each in self.wholesale.sellers
        )


@asynccontextmanager
async def open_supply(stage: Stage, settings: Settings) -> AsyncIterator[Supply]:
    """Serve three suppliers, and have the demo's merchant deal with them, while the block runs.

    Raises: KashuError, and TimeoutError where no prices can be read.
    """
    await leave_former(stage.database, FORMER, stage.tenant)
    async with AsyncExitStack() as stack:
        wholesale = await stack.enter_async_context(open_wholesale(WARES, CARDS))
        outside = make_outside(settings, stage.keyrings)
        stack.push_async_callback(outside.http.close)
        await stack.enter_async_context(telling(wholesale, outside.http))
        upstreams = make_upstreams(settings, outside)
        async with stage.database.transaction(stage.tenant.id) as tx:
            await buy_when_short(tx, stage.tenant.id)
            skus = await skus_by_code(tx, stage.tenant.id, {ware.sku for ware in WARES})
        stack.push_async_callback(leave_wholesale, stage.database, stage.tenant)
        await connect_wholesale(
            stage.database,
            stage.tenant,
            upstreams,
            wholesale,
            shared=False,
            prices_every_s=PRICES_EVERY_S,
        )
        sellers = {each.supplier_id: each.code for each in wholesale.sellers if each.supplier_id}
        names = {id_: seller_name(code) for id_, code in sellers.items()}
        codes = {sku.id: sku.code for sku in skus.values()}
        yield Supply(
            stage,
            wholesale,
            Happenings(stage.database, stage.tenant.id, names, codes),
            Settler(stage.database, stage.tenant),
            Requests(stage.run),
            Intake(stage.database, stage.keyrings),
        )
