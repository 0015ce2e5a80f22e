"""Lines that stock can't fill are bought for: cards just in time, accounts topped up."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import func, insert, select, update

from kashu.access.keyring import Keyrings, rotate_data_key
from kashu.catalog.tables import skus
from kashu.channels.tables import stores
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.core.events import events
from kashu.core.ids import new_id
from kashu.ledger.kinds import AccountKind
from kashu.ledger.reads import trial_balance
from kashu.orders.bodies import LineBody, OrderBody, OrdersBody
from kashu.orders.buy import buy_due
from kashu.orders.buying import Bought, buying_of
from kashu.orders.reads import Line, lines_of_orders
from kashu.orders.refund import CANCEL, NewRefund, Wanted, WantedLine, refund
from kashu.orders.requests import Remembered
from kashu.orders.reseal import reseal_accounts
from kashu.orders.sweeps import fill_replenished, settle_topups_due
from kashu.orders.tables import BuyingState, orders
from kashu.orders.write import Answered, Submission, write
from kashu.purchases.kinds import PurchaseState
from kashu.purchases.rules import Limits, Scope
from kashu.purchases.set_rule import set_rule
from kashu.purchases.tables import purchases
from kashu.simulators.suppliers.house import Kind
from kashu.stock.hold import hold
from kashu.stock.replenish import mark_replenished, replenished_skus
from tests.conftest import MASTERS, Tenant
from tests.purchases.counterpart import Fault, ruled
from tests.purchases.world import COST_E4, World, make_world
from tests.stock.builders import put_cards

PHONE = "13812345678"
PRICE = "25.00"
PRICE_E4 = 250_000


@dataclass(slots=True)
class Counter:
    """A shop whose stock is empty, and suppliers behind it."""

    world: World
    keyrings: Keyrings
    store_id: UUID

    async def make_topup(self) -> None:
        async with self.world.database.transaction(self.world.tenant.id) as tx:
            await tx.execute(
                update(skus)
                .where(skus.c.id == self.world.ground.sku_id)
                .values(fulfilment="topup", account_type="phone")
            )

    async def submit(
        self, number: str, quantity: int = 1, account: str | None = None
    ) -> Answered | Remembered | KashuError:
        line = LineBody("mgtv-month", quantity, PRICE, account=account)
        body = OrdersBody((OrderBody(number, (line,)),), "later")
        submission = Submission("key:test", number, msgspec.json.encode(body), body)
        tenant = self.world.tenant
        async with self.world.database.transaction(tenant.id) as tx:
            [answer] = await write(
                tx,
                tenant.id,
                [submission],
                keyrings=self.keyrings,
                timezone=tenant.timezone,
                at=self.world.clock(),
            )
        return answer

    async def work(self) -> None:
        """Let the worker do all that is due."""
        tenant, database = self.world.tenant, self.world.database
        for _ in range(3):
            while await buy_due(database, tenant.id, self.keyrings, self.world.clock):
                pass
            await self.world.place()
            await self.world.ask()
            await settle_topups_due(database, tenant.id, tenant.timezone, self.world.clock)
            await fill_replenished(database, tenant.id, tenant.timezone, self.world.clock)
            await self.world.later(seconds=40)

    async def line(self, number: str) -> Line:
        async with self.world.database.transaction(self.world.tenant.id) as tx:
            found = await tx.execute(select(orders.c.id).where(orders.c.external_id == number))
            order_id = found.scalar_one()
            [line] = (await lines_of_orders(tx, self.world.tenant.id, [order_id]))[order_id]
        return line

    async def buying(self, number: str) -> Bought:
        line = await self.line(number)
        async with self.world.database.transaction(self.world.tenant.id) as tx:
            return (await buying_of(tx, self.world.tenant.id, [line.line_id]))[line.line_id]

    async def refund(self, number: str, wanted: Wanted, refund_id: str = "R1") -> None:
        tenant = self.world.tenant
        source = f"store:{self.store_id}"
        async with self.world.database.transaction(tenant.id) as tx:
            day = day_of(self.world.clock(), tenant.timezone)
            told = NewRefund(source, refund_id, number, wanted)
            await refund(tx, tenant.id, "test", told, day)

    async def balance(self, kind: AccountKind) -> int:
        async with self.world.database.transaction(self.world.tenant.id) as tx:
            told = await trial_balance(tx, self.world.tenant.id)
        return sum(each.debit_e4 - each.credit_e4 for each in told.accounts if each.kind == kind)

    async def purchase_states(self) -> list[str]:
        async with self.world.database.transaction(self.world.tenant.id) as tx:
            found = await tx.execute(select(purchases.c.state).order_by(purchases.c.created_at))
            return list(found.scalars())


@pytest.fixture
async def counter(database: Database, tenant: Tenant, keyrings: Keyrings) -> AsyncIterator[Counter]:
    world = await make_world(database, tenant, keyrings, [])
    await world.later(seconds=(now() - world.clock()).total_seconds() + 60)
    store_id = new_id()
    async with database.transaction(tenant.id) as tx:
        await tx.execute(
            insert(stores).values(
                tenant_id=tenant.id, id=store_id, code="direct", name="直销", channel="direct"
            )
        )
        await tx.execute(update(skus).values(shortage_policy="buy"))
        limits = Limits(warehouse_id=world.ground.warehouse_id, margin_min_ppm=0)
        await set_rule(tx, tenant.id, "test", Scope(), limits)
    yield Counter(world, keyrings, store_id)
    await world.proved()


async def test_a_card_that_is_missing_is_bought_and_given(counter: Counter) -> None:
    await counter.world.add("fulu")
    await counter.submit("T1", 2)
    assert (await counter.line("T1")).waiting == 2
    await counter.work()
    line = await counter.line("T1")
    assert (line.delivered, line.waiting, line.earned_e4) == (2, 0, PRICE_E4)
    assert await counter.balance(AccountKind.COST_OF_GOODS) == 2 * COST_E4
    assert (await counter.buying("T1")).state is BuyingState.OVER
    assert await counter.purchase_states() == [PurchaseState.DONE]


async def test_an_account_is_topped_up_once_and_the_books_follow(counter: Counter) -> None:
    await counter.make_topup()
    supplier = await counter.world.add("fulu", kind=Kind.TOPUP)
    await counter.submit("T1", account=PHONE)
    await counter.submit("T1", account=PHONE)
    await counter.work()
    line = await counter.line("T1")
    assert (line.delivered, line.waiting, line.earned_e4) == (1, 0, PRICE_E4)
    assert len(supplier.house.orders) == 1
    assert await counter.balance(AccountKind.REVENUE) == -PRICE_E4
    assert await counter.balance(AccountKind.COST_OF_GOODS) == COST_E4
    assert await counter.balance(AccountKind.IN_DOUBT) == 0
    bought = await counter.buying("T1")
    assert (bought.state, bought.sealed_account) == (BuyingState.OVER, None)
    assert bought.masked_account not in {"", PHONE}


async def test_what_is_refunded_before_it_is_ordered_is_not_topped_up(counter: Counter) -> None:
    await counter.make_topup()
    supplier = await counter.world.add("fulu", kind=Kind.TOPUP)
    await counter.submit("T1", account=PHONE)
    world = counter.world
    await buy_due(world.database, world.tenant.id, counter.keyrings, world.clock)
    await counter.refund("T1", Wanted())
    await counter.work()
    assert len(supplier.house.orders) == 0
    assert await counter.purchase_states() == [PurchaseState.CANCELLED]
    assert (await counter.line("T1")).refunded == 1


async def test_what_is_refunded_after_it_was_topped_up_is_a_loss(counter: Counter) -> None:
    await counter.make_topup()
    await counter.world.add("fulu", 70_000, kind=Kind.TOPUP)
    await counter.submit("T1", 3, account=PHONE)
    await counter.work()
    await counter.refund("T1", Wanted((WantedLine(1, 1),)))
    line = await counter.line("T1")
    assert (line.delivered, line.refunded) == (2, 1)
    assert await counter.balance(AccountKind.AFTER_SALES_LOSS) == 70_000
    assert await counter.balance(AccountKind.COST_OF_GOODS) == 140_000
    await counter.refund("T1", Wanted(), "R2")
    assert await counter.balance(AccountKind.AFTER_SALES_LOSS) == 210_000
    assert await counter.balance(AccountKind.REVENUE) == 0


async def test_what_is_refunded_while_it_is_being_topped_up_is_a_loss(counter: Counter) -> None:
    await counter.make_topup()
    await counter.world.add("fulu", kind=Kind.TOPUP)
    await counter.submit("T1", account=PHONE)
    world = counter.world
    await buy_due(world.database, world.tenant.id, counter.keyrings, world.clock)
    await world.later(seconds=1)
    await world.place()
    assert await counter.purchase_states() == [PurchaseState.DONE]
    await counter.refund("T1", Wanted())
    await counter.work()
    assert (await counter.line("T1")).refunded == 1
    assert await counter.balance(AccountKind.AFTER_SALES_LOSS) == COST_E4
    assert await counter.balance(AccountKind.IN_DOUBT) == 0


async def test_a_cancellation_leaves_what_was_topped_up(counter: Counter) -> None:
    await counter.make_topup()
    await counter.world.add("fulu", kind=Kind.TOPUP)
    await counter.submit("T1", account=PHONE)
    await counter.work()
    await counter.refund("T1", CANCEL)
    line = await counter.line("T1")
    assert (line.delivered, line.refunded) == (1, 0)


async def test_a_line_that_stock_fills_after_all_is_not_bought_for(counter: Counter) -> None:
    supplier = await counter.world.add("fulu")
    await counter.submit("T1")
    world = counter.world
    await buy_due(world.database, world.tenant.id, counter.keyrings, world.clock)
    async with world.database.transaction(world.tenant.id) as tx:
        await put_cards(
            tx, world.tenant.id, 1, sku_id=world.ground.sku_id, keyrings=counter.keyrings
        )
        await hold(tx, world.tenant.id, [world.ground.sku_id])
        await mark_replenished(tx, world.tenant.id, [world.ground.sku_id])
    await fill_replenished(world.database, world.tenant.id, world.tenant.timezone, world.clock)
    await counter.work()
    assert (await counter.line("T1")).delivered == 1
    assert len(supplier.house.orders) == 0
    assert await counter.purchase_states() == [PurchaseState.CANCELLED]


async def test_a_card_that_was_bought_for_a_line_is_its_own_as_it_comes(counter: Counter) -> None:
    supplier = await counter.world.add("fulu")
    await counter.submit("T1")
    world = counter.world
    await buy_due(world.database, world.tenant.id, counter.keyrings, world.clock)
    await world.later(seconds=1)
    await world.place()
    assert (await counter.line("T1")).delivered == 1
    assert (await counter.buying("T1")).state is BuyingState.OVER
    async with world.database.transaction(world.tenant.id) as tx:
        assert await replenished_skus(tx, world.tenant.id) == []  # nobody else need look
    await counter.submit("T2")
    assert (await counter.line("T2")).waiting == 1
    await counter.work()
    assert [(await counter.line(each)).delivered for each in ("T1", "T2")] == [1, 1]
    assert await counter.purchase_states() == [PurchaseState.DONE, PurchaseState.DONE]
    assert (len(supplier.house.orders), await world.stock_count()) == (2, 2)


async def test_orders_that_come_while_cards_arrive_take_none_that_was_bought_for_others(
    counter: Counter,
) -> None:
    supplier = await counter.world.add("fulu", stock=100)
    world = counter.world
    first = [f"T{n}" for n in range(12)]
    for number in first:
        await counter.submit(number)
    await buy_due(world.database, world.tenant.id, counter.keyrings, world.clock)
    await world.later(seconds=1)
    later = [f"U{n}" for n in range(12)]
    await asyncio.gather(world.place(), *(counter.submit(number) for number in later))
    assert [(await counter.line(each)).delivered for each in first] == [1] * 12
    assert [(await counter.line(each)).delivered for each in later] == [0] * 12
    await counter.work()
    assert [(await counter.line(each)).delivered for each in later] == [1] * 12
    assert (len(supplier.house.orders), await world.stock_count()) == (24, 24)


async def test_what_comes_for_a_line_that_was_refunded_meanwhile_is_there_for_who_waits(
    counter: Counter,
) -> None:
    supplier = await counter.world.add("fulu")
    supplier.instant = False
    await counter.submit("T1")
    world = counter.world
    await buy_due(world.database, world.tenant.id, counter.keyrings, world.clock)
    await world.later(seconds=1)
    await world.place()
    await counter.refund("T1", Wanted())
    supplier.house.settle()
    await world.run(1)
    line = await counter.line("T1")
    assert (line.delivered, line.refunded) == (0, 1)
    async with world.database.transaction(world.tenant.id) as tx:
        assert [each.sku_id for each in await replenished_skus(tx, world.tenant.id)] == [
            world.ground.sku_id
        ]
    await counter.submit("T2")
    assert (await counter.line("T2")).delivered == 1
    assert len(supplier.house.orders) == 1


async def test_a_line_of_which_another_order_took_a_part_is_bought_for_again(
    counter: Counter,
) -> None:
    """Half of it comes: too little for the line, and there for whoever takes less."""
    supplier = await counter.world.add("fulu")
    supplier.rules = ruled(most_at_once=1)
    await counter.submit("T1", 2)
    world = counter.world
    await buy_due(world.database, world.tenant.id, counter.keyrings, world.clock)
    await world.later(seconds=1)
    supplier.faults += [None, Fault.NOT_REACHED]  # the first one comes
    await world.place()
    assert (await counter.line("T1")).waiting == 2
    await counter.submit("T2")
    assert (await counter.line("T2")).delivered == 1
    await world.run(1)
    assert await counter.purchase_states() == [PurchaseState.DONE]
    await counter.work()
    assert [(await counter.line(each)).delivered for each in ("T1", "T2")] == [2, 1]
    # With the one that was left one more was enough: the rest isn't wanted any more.
    assert await counter.purchase_states() == [PurchaseState.DONE, PurchaseState.PART]
    assert (len(supplier.house.orders), await world.stock_count()) == (3, 3)
    assert (await counter.buying("T1")).state is BuyingState.OVER


async def test_nothing_more_is_bought_while_a_purchase_is_open(counter: Counter) -> None:
    supplier = await counter.world.add("fulu", cost_e4=PRICE_E4 + 1)
    await counter.submit("T1")
    for _ in range(5):
        await counter.work()
    assert len(supplier.house.orders) == 0
    assert await counter.purchase_states() == [PurchaseState.HELD]


async def test_nobody_sells_it_within_the_limits_so_the_line_waits_and_says_so(
    counter: Counter,
) -> None:
    supplier = await counter.world.add("fulu", cost_e4=PRICE_E4 + 1)
    await counter.submit("T1")
    await counter.work()
    assert (await counter.line("T1")).waiting == 1
    assert len(supplier.house.orders) == 0
    assert await counter.purchase_states() == [PurchaseState.HELD]


@pytest.mark.parametrize(
    ("account", "code"),
    [(None, "account_missing"), ("not-a-phone", "account_wrong"), ("1381234567", "account_wrong")],
)
async def test_an_account_that_can_not_be_is_refused_and_nothing_is_written(
    counter: Counter, account: str | None, code: str
) -> None:
    await counter.make_topup()
    answer = await counter.submit("T1", account=account)
    assert isinstance(answer, KashuError)
    assert [problem.code for problem in answer.problems] == [code]
    assert account is None or account not in answer.text("zh") + str(answer.problems)
    async with counter.world.database.transaction(counter.world.tenant.id) as tx:
        counted = await tx.execute(select(func.count()).select_from(orders))
    assert counted.scalar_one() == 0


async def test_an_account_is_refused_where_nothing_is_topped_up(counter: Counter) -> None:
    answer = await counter.submit("T1", account=PHONE)
    assert isinstance(answer, KashuError)
    assert [problem.code for problem in answer.problems] == ["account_not_wanted"]


async def test_the_account_is_in_no_answer_and_no_event(counter: Counter) -> None:
    await counter.make_topup()
    await counter.world.add("fulu", kind=Kind.TOPUP)
    answer = await counter.submit("T1", account=PHONE)
    assert isinstance(answer, Answered)
    await counter.work()
    async with counter.world.database.transaction(counter.world.tenant.id) as tx:
        found = list((await tx.execute(select(events.c.facts))).scalars())
    assert PHONE not in answer.content.decode() + str(found)


async def test_after_a_rotation_the_account_is_sealed_anew_and_still_topped_up(
    counter: Counter,
) -> None:
    await counter.make_topup()
    await counter.submit("T1", account=PHONE)
    tenant, database = counter.world.tenant, counter.world.database
    async with database.transaction(tenant.id) as tx:
        version = await rotate_data_key(tx, tenant.id, MASTERS)
    await reseal_accounts(database, tenant.id, Keyrings(MASTERS))
    assert (await counter.buying("T1")).key_version == version
    supplier = await counter.world.add("fulu", kind=Kind.TOPUP)
    await counter.work()  # by a process that last looked at the keys before
    assert (await counter.line("T1")).delivered == 1
    assert len(supplier.house.orders) == 1
