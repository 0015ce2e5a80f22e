"""A shop that works by the real verbs, and a check that all of it agrees after each step."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.core.db import Database, Tx
from kashu.core.ids import new_id
from kashu.ledger.reads import trial_balance
from kashu.orders.fulfil import fulfil
from kashu.orders.order import NewOrder
from kashu.orders.refund import NewRefund, Wanted, refund
from kashu.reports.dimensions import Dimension
from kashu.reports.profit import Figures, Named, profit
from kashu.reports.verify import _part, verify
from kashu.stock.reveal import reveal
from tests.conftest import Tenant
from tests.orders.builders import Shop, make_shop, order_of
from tests.reports.sound import LONG_AGO
from tests.stock.builders import (
    TODAY,
    PutLot,
    make_sku,
    make_supplier,
    make_warehouse,
    put_cards,
)


@dataclass
class Floor:
    """A shop with two lots and a shared card; each step is a transaction of its own."""

    database: Database
    tenant: Tenant
    keyrings: Keyrings
    shop: Shop
    shared: Shop
    lot: PutLot
    other: PutLot  # another supplier's
    uses: PutLot
    spare: UUID
    since: datetime = LONG_AGO  # the last look, by the database's clock
    xid: int = 0  # transactions from this one on came after it

    async def pay(
        self, quantity: int, *, shared: bool = False, price_e4: int = 200_001
    ) -> NewOrder:
        order = order_of(
            self.shared if shared else self.shop, quantity, price_e4=price_e4, partial_allowed=True
        )
        async with self.database.transaction(self.tenant.id) as tx:
            await fulfil(tx, self.tenant.id, [order], TODAY)
        await self.check_touched()
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
        await self.check_touched()

    async def give_back(self, order: NewOrder, wanted: Wanted) -> None:
        new = NewRefund(order.source, str(new_id()), order.external_id, wanted)
        async with self.database.transaction(self.tenant.id) as tx:
            await refund(tx, self.tenant.id, "test", new, TODAY)
        await self.check_touched()

    async def check(self) -> None:
        async with self.database.transaction(self.tenant.id) as tx:
            verified = await verify(tx, self.tenant.id)
        assert [found for each in verified.checked for found in each.violations] == []
        await self.check_touched()
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

    async def check_touched(self) -> None:
        """Each row that was changed since the last check is among those a recent proof looks at."""
        async with self.database.transaction(self.tenant.id) as tx:
            part = await _part(tx, self.tenant.id, self.since)
            assert part is not None, "a moment was given"
            for table in ("stock.cards", "stock.lots", "orders.lines"):
                await self._check_changed(tx, table, str(getattr(part, table.partition(".")[2])))
        await self.mark()

    async def mark(self) -> None:
        """Look from now on."""
        async with self.database.transaction(self.tenant.id) as tx:
            marks = await tx.execute(
                text("SELECT now(), pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
            )
            self.since, self.xid = marks.one()

    async def _check_changed(self, tx: Tx, table: str, touched: str) -> None:
        changed = await tx.execute(
            text(
                f"SELECT id FROM {table} WHERE tenant_id = :tenant AND xmin::text::bigint >= :xid"
                " AND id <> ALL (CAST(:touched AS uuid[]))"
            ),
            {"tenant": self.tenant.id, "xid": self.xid, "touched": touched},
        )
        assert set(changed.scalars()) == set(), table

    async def by_supplier(self) -> dict[str | None, Figures]:
        async with self.database.transaction(self.tenant.id) as tx:
            report = await profit(tx, self.tenant.id, [Dimension.SUPPLIER])
        return {
            row.keys[0].code if isinstance(row.keys[0], Named) else None: row.figures
            for row in report.rows
        }


async def make_floor(database: Database, tenant: Tenant, keyrings: Keyrings) -> Floor:
    """Two lots of two suppliers, two shared cards of three uses, and a second warehouse."""
    async with database.transaction(tenant.id) as tx:
        shop = await make_shop(tx, tenant.id, keyrings, 0)
        sku = await make_sku(tx, tenant.id, "iqiyi-shared", fulfilment="shared")
        shared = Shop(tenant.id, shop.store_id, sku, "iqiyi-shared")
        lot = await put_cards(
            tx, tenant.id, 8, sku_id=shop.sku_id, keyrings=keyrings, unit_cost_e4=141_251
        )
        other = await put_cards(
            tx,
            tenant.id,
            4,
            sku_id=shop.sku_id,
            keyrings=keyrings,
            unit_cost_e4=139_999,
            supplier_id=await make_supplier(tx, tenant.id, "other"),
        )
        uses = await put_cards(
            tx, tenant.id, 2, sku_id=sku, keyrings=keyrings, unit_cost_e4=10_001, max_uses=3
        )
        spare = await make_warehouse(tx, tenant.id, "spare")
    floor = Floor(database, tenant, keyrings, shop, shared, lot, other, uses, spare)
    await floor.mark()
    return floor
