"""Orders, refunds and stock moves by the real verbs: verify stays silent, the report agrees."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest

from kashu.access.keyring import Keyrings
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.ids import new_id
from kashu.ledger.reads import trial_balance
from kashu.orders.fulfil import fulfil
from kashu.orders.order import NewOrder
from kashu.orders.refund import CANCEL, NewRefund, Wanted, WantedLine, refund
from kashu.reports.dimensions import Dimension
from kashu.reports.profit import profit
from kashu.reports.verify import verify
from kashu.stock.quarantine import quarantine
from kashu.stock.reserve import release_reservation, reserve
from kashu.stock.return_to_supplier import return_to_supplier
from kashu.stock.reveal import reveal
from kashu.stock.strategy import FEFO
from kashu.stock.transfer import transfer
from kashu.stock.void import void
from tests.conftest import Tenant
from tests.orders.builders import Shop, make_shop, order_of
from tests.stock.builders import TODAY, PutLot, make_sku, make_warehouse, put_cards


@dataclass
class Floor:
    """A shop with two lots and a shared card; each step is a transaction of its own."""

    database: Database
    tenant: Tenant
    keyrings: Keyrings
    shop: Shop
    shared: Shop
    lot: PutLot
    uses: PutLot
    spare: UUID

    async def pay(
        self, quantity: int, *, shared: bool = False, price_e4: int = 200_001
    ) -> NewOrder:
        order = order_of(
            self.shared if shared else self.shop, quantity, price_e4=price_e4, partial_allowed=True
        )
        async with self.database.transaction(self.tenant.id) as tx:
            await fulfil(tx, self.tenant.id, [order], TODAY)
        return order

    async def see(self, order: NewOrder) -> None:
        async with self.database.transaction(self.tenant.id) as tx:
            await reveal(
                tx,
                self.tenant.id,
                "test",
                line_ids=[line.id for line in order.lines],
                reason="answer",
                recipient="buyer",
                keyrings=self.keyrings,
            )

    async def give_back(self, order: NewOrder, wanted: Wanted) -> None:
        new = NewRefund(order.source, str(new_id()), order.external_id, wanted)
        async with self.database.transaction(self.tenant.id) as tx:
            await refund(tx, self.tenant.id, "test", new, TODAY)

    async def check(self) -> None:
        async with self.database.transaction(self.tenant.id) as tx:
            verified = await verify(tx, self.tenant.id)
        assert [found for each in verified.checked for found in each.violations] == []
        async with self.database.transaction(self.tenant.id) as tx:
            books = await trial_balance(tx, self.tenant.id)
            reports = [
                await profit(tx, self.tenant.id, by)
                for by in ([], [Dimension.DAY, Dimension.SUPPLIER], list(Dimension))
            ]
        kinds = {"revenue", "cost_of_goods", "after_sales_loss", "expired_stock", "stock_loss"}
        booked = -sum(row.balance_e4 for row in books.accounts if row.kind in kinds)
        for report in reports:
            assert sum(total.figures.profit_e4 for total in report.totals) == booked


@pytest.fixture
async def floor(database: Database, tenant: Tenant, keyrings: Keyrings) -> Floor:
    async with database.transaction(tenant.id) as tx:
        shop = await make_shop(tx, tenant.id, keyrings, 0)
        sku = await make_sku(tx, tenant.id, "iqiyi-shared", fulfilment="shared")
        shared = Shop(tenant.id, shop.store_id, sku, "iqiyi-shared")
        lot = await put_cards(
            tx, tenant.id, 8, sku_id=shop.sku_id, keyrings=keyrings, unit_cost_e4=141_251
        )
        await put_cards(
            tx, tenant.id, 4, sku_id=shop.sku_id, keyrings=keyrings, unit_cost_e4=139_999
        )
        uses = await put_cards(
            tx, tenant.id, 2, sku_id=sku, keyrings=keyrings, unit_cost_e4=10_001, max_uses=3
        )
        spare = await make_warehouse(tx, tenant.id, "spare")
    return Floor(database, tenant, keyrings, shop, shared, lot, uses, spare)


async def test_sales_of_any_size_agree(floor: Floor) -> None:
    for quantity in (1, 3, 7, 5):  # the last gets one of five, and waits
        await floor.pay(quantity)
        await floor.check()


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("seen", [False, True])
@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        CANCEL,
        Wanted((WantedLine(1, 1),)),
        Wanted((WantedLine(1, 0, 50_000),)),
        Wanted((WantedLine(1, 2, 1),)),
    ],
    ids=["all", "cancel", "one unit", "money only", "two units for a trifle"],
)
async def test_refunds_agree(floor: Floor, wanted: Wanted, *, seen: bool, shared: bool) -> None:
    order = await floor.pay(3, shared=shared)
    if seen:
        await floor.see(order)
    await floor.give_back(order, wanted)
    await floor.check()
    await floor.pay(2, shared=shared)
    await floor.check()


async def test_a_refund_of_what_waits_agrees(floor: Floor) -> None:
    order = await floor.pay(20)
    await floor.see(order)
    await floor.give_back(order, Wanted((WantedLine(1, 5),)))
    await floor.check()
    await floor.give_back(order, CANCEL)
    await floor.check()


async def test_moves_of_stock_agree(floor: Floor) -> None:
    tenant_id, lot = floor.tenant.id, floor.lot
    order = await floor.pay(2)
    await floor.see(order)
    await floor.give_back(order, Wanted())
    async with floor.database.transaction(tenant_id) as tx:
        await transfer(
            tx,
            tenant_id,
            "test",
            lot_id=lot.id,
            to_warehouse_id=floor.spare,
            count=2,
            reason="x",
            today=TODAY,
        )
    await floor.check()
    async with floor.database.transaction(tenant_id) as tx:
        doubtful = [*lot.card_ids[4:6], floor.uses.card_ids[1]]
        await quarantine(tx, tenant_id, "test", card_ids=doubtful, reason="x")
    await floor.check()
    async with floor.database.transaction(tenant_id) as tx:
        dead = [lot.card_ids[0], lot.card_ids[4], lot.card_ids[6]]
        await void(tx, tenant_id, "test", card_ids=dead, reason="x", today=TODAY)
    await floor.check()
    async with floor.database.transaction(tenant_id) as tx:
        sent = [lot.card_ids[1], lot.card_ids[5], lot.card_ids[7], floor.uses.card_ids[1]]
        await return_to_supplier(
            tx, tenant_id, "test", card_ids=sent, against="recoveries", reason="x", today=TODAY
        )
    await floor.check()


async def test_reservations_agree(floor: Floor) -> None:
    async with floor.database.transaction(floor.tenant.id) as tx:
        promise = await reserve(
            tx,
            floor.tenant.id,
            "test",
            sku_id=floor.shop.sku_id,
            quantity=4,
            until_at=now() + timedelta(days=1),
            strategy=FEFO,
            reason="quotation",
            now=now(),
            today=TODAY,
        )
    await floor.check()
    order = order_of(floor.shop, 3)
    line = replace(order.lines[0], reservation_id=promise.id)
    async with floor.database.transaction(floor.tenant.id) as tx:
        await fulfil(tx, floor.tenant.id, [replace(order, lines=(line,))], TODAY)
    await floor.check()
    async with floor.database.transaction(floor.tenant.id) as tx:
        await release_reservation(tx, floor.tenant.id, "test", promise.id, because="no need")
    await floor.check()
