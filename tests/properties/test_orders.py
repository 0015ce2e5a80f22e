"""Whatever happens to some orders, in whatever order and however often: the invariants hold."""

import asyncio
import os
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.core.db import APP_ROLE, Database, Tx
from kashu.ledger.reads import earned_by_supplier
from kashu.orders.errors import (
    NothingLeftToRefund,
    RefundDiffers,
    RefundOfNothing,
    RefundTooLarge,
)
from kashu.orders.fulfil import fulfil
from kashu.orders.order import NewOrder
from kashu.orders.refund import CANCEL, NewRefund, Wanted, WantedLine, refund
from kashu.orders.sweeps import fill_replenished
from kashu.reports.verify import verify
from kashu.stock.hold import hold
from kashu.stock.replenish import mark_replenished
from kashu.stock.reveal import reveal
from tests.conftest import MASTERS, Tenant, make_tenant
from tests.orders.builders import Shop, make_shop, order_of
from tests.stock.builders import assert_sound, make_supplier, put_cards

ORDERS = 4
EXAMPLES = int(os.environ.get("KASHU_TEST_EXAMPLES", "40"))
_serial = count(1)

which = st.integers(0, ORDERS - 1)
events = st.one_of(
    st.tuples(st.just("pay"), which),
    st.tuples(st.just("refund"), which, st.none() | st.integers(0, 3), st.integers(0, 2)),
    st.tuples(
        st.just("pay_back"), which, st.integers(0, 2), st.integers(1, 999), st.integers(0, 2)
    ),
    st.tuples(st.just("cancel"), which),
    st.tuples(st.just("see"), which),
    st.tuples(st.just("restock"), st.integers(1, 3), st.sampled_from(["fulu", "other"])),
    st.tuples(st.just("sweep")),
)
quantities = st.lists(st.tuples(st.integers(1, 4), st.booleans()), min_size=ORDERS, max_size=ORDERS)


@dataclass(slots=True)
class Play:
    """One example: a shop of its own, its orders, and what happens to them."""

    database: Database
    keyrings: Keyrings
    tenant: Tenant
    shop: Shop
    orders: list[NewOrder]
    paid: set[int] = field(default_factory=set)

    async def pay(self, n: int) -> None:
        async with self.database.transaction(self.tenant.id) as tx:
            outcome = (await fulfil(tx, self.tenant.id, [self.orders[n]], self.shop.today))[0]
        assert outcome.new == (n not in self.paid)
        self.paid.add(n)

    async def refund(self, n: int, quantity: int | None, number: int) -> None:
        wanted = Wanted() if quantity is None else Wanted((WantedLine(1, quantity),))
        await self._give_back(n, wanted, f"R{n}-{number}")

    async def pay_back(self, n: int, quantity: int, fen: int, number: int) -> None:
        """Units, or none, and an amount that isn't their share."""
        wanted = Wanted((WantedLine(1, quantity, fen * 100),))
        await self._give_back(n, wanted, f"P{n}-{number}")

    async def cancel(self, n: int) -> None:
        await self._give_back(n, CANCEL, f"C{n}")

    async def _give_back(self, n: int, wanted: Wanted, number: str) -> None:
        order = self.orders[n]
        new = NewRefund(order.source, number, order.external_id, wanted)
        try:
            async with self.database.transaction(self.tenant.id) as tx:
                await refund(tx, self.tenant.id, "test", new, self.shop.today)
        except (RefundTooLarge, RefundDiffers, RefundOfNothing, NothingLeftToRefund):
            pass  # refused, and nothing was written: the invariants below see to it

    async def see(self, n: int) -> None:
        async with self.database.transaction(self.tenant.id) as tx:
            await reveal(
                tx,
                self.tenant.id,
                "test",
                line_ids=[line.id for line in self.orders[n].lines],
                reason="test",
                recipient="buyer",
                keyrings=self.keyrings,
            )

    async def restock(self, cards: int, supplier: str) -> None:
        async with self.database.transaction(self.tenant.id) as tx:
            await put_cards(
                tx,
                self.tenant.id,
                cards,
                sku_id=self.shop.sku_id,
                keyrings=self.keyrings,
                supplier_id=await make_supplier(tx, self.tenant.id, supplier),
            )
            await hold(tx, self.tenant.id, [self.shop.sku_id])
            await mark_replenished(tx, self.tenant.id, [self.shop.sku_id])

    async def sweep(self) -> None:
        await fill_replenished(self.database, self.tenant.id, self.tenant.timezone)

    async def assert_right(self) -> None:
        async with self.database.transaction(self.tenant.id) as tx:
            proof = await verify(tx, self.tenant.id)
            assert proof.ok, [each for each in proof.checked if each.violations]
        async with self.database.transaction(self.tenant.id) as tx:
            await assert_sound(tx, self.tenant.id)
            overtaken = await tx.execute(
                text(
                    "SELECT count(*) FROM orders.lines AS line JOIN stock.levels AS level"
                    " ON level.tenant_id = line.tenant_id AND level.sku_id = line.sku_id"
                    " WHERE line.tenant_id = :tenant AND line.state = 'short'"
                    " AND level.replenished_at IS NULL AND line.waiting_count <="
                    " (SELECT sum(available) FROM stock.lots WHERE tenant_id = :tenant)"
                ),
                {"tenant": self.tenant.id},
            )
            assert overtaken.scalar_one() == 0, "a line is short of what is there, and not woken"
            owed = await earned_by_supplier(tx, self.tenant.id, await self._line_ids(tx))
            for earned in owed.values():
                assert min(earned.values(), default=0) >= 0, "a supplier gave back what it hadn't"

    async def _line_ids(self, tx: Tx) -> list[UUID]:
        found = await tx.execute(
            text("SELECT id FROM orders.lines WHERE tenant_id = :tenant"),
            {"tenant": self.tenant.id},
        )
        return list(found.scalars())


async def _play(url: str, lines: list[tuple[int, bool]], story: list[tuple[object, ...]]) -> None:
    database = Database(url, role=APP_ROLE, pool_size=2)
    try:
        keyrings = Keyrings(MASTERS)
        tenant = await make_tenant(database, f"play{os.getpid()}-{next(_serial)}")
        async with database.transaction(tenant.id) as tx:
            shop = await make_shop(tx, tenant.id, keyrings, cards=4)
        orders = [
            order_of(shop, quantity, price_e4=quantity * 33_300, partial_allowed=partial)
            for quantity, partial in lines
        ]
        play = Play(database, keyrings, tenant, shop, orders)
        for name, *arguments in story:
            await getattr(play, str(name))(*arguments)
        await play.assert_right()
    finally:
        await database.close()


@pytest.mark.usefixtures("database")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lines=quantities, story=st.lists(events, min_size=1, max_size=14))
def test_every_story_keeps_the_invariants(
    owner_url: str, lines: list[tuple[int, bool]], story: list[tuple[object, ...]]
) -> None:
    asyncio.run(_play(owner_url, lines, story))
