"""The money of an order adds up to the books: sold, given back, bought for, topped up."""

from sqlalchemy import select

from kashu.ledger.kinds import PROFIT_KINDS, AccountKind
from kashu.orders.money import OrderMoney, money_of
from kashu.orders.reads import order_by_id
from kashu.orders.refund import Wanted, WantedLine
from kashu.orders.tables import orders
from kashu.reports.profit_orders import profit_orders
from kashu.simulators.suppliers.house import Kind
from tests.orders.test_buying import PHONE, PRICE_E4, Counter, counter  # noqa: F401  (a fixture)
from tests.purchases.world import COST_E4


async def money(counter: Counter, number: str) -> OrderMoney:  # noqa: F811
    tenant_id = counter.world.tenant.id
    async with counter.world.database.transaction(tenant_id) as tx:
        found = await tx.execute(select(orders.c.id).where(orders.c.external_id == number))
        order, lines = await order_by_id(tx, tenant_id, found.scalar_one())
        return await money_of(tx, tenant_id, order, lines)


async def prove(counter: Counter, *numbers: str) -> list[OrderMoney]:  # noqa: F811
    """All that moved profit is of these orders, and each adds up by itself."""
    told = [await money(counter, number) for number in numbers]
    net_e4 = 0
    for each in told:
        [figures] = each.figures
        assert figures.net_e4 == sum(booked.effect_e4 for booked in each.booked)
        net_e4 += figures.net_e4
    kinds = [kind for kind in AccountKind if kind in PROFIT_KINDS]
    assert net_e4 == -sum([await counter.balance(kind) for kind in kinds])
    tenant_id = counter.world.tenant.id
    async with counter.world.database.transaction(tenant_id) as tx:
        rows = await profit_orders(tx, tenant_id, since=None, until=None, filters={}, limit=100)
    assert {row.number: row.profit_e4 for row in rows} == {
        number: each.figures[0].net_e4 for number, each in zip(numbers, told, strict=True)
    }
    return told


async def test_what_waits_for_cards_is_owed_and_in_no_book(counter: Counter) -> None:  # noqa: F811
    await counter.submit("T1", 2)
    told = await money(counter, "T1")
    assert (told.waiting_e4, told.given_back_e4, told.booked, told.given) == (PRICE_E4, 0, [], [])
    assert told.figures[0].net_e4 == 0


async def test_cards_that_were_bought_for_it_cost_what_they_cost(counter: Counter) -> None:  # noqa: F811
    await counter.world.add("fulu")
    await counter.submit("T1", 2)
    await counter.work()
    [told] = await prove(counter, "T1")
    [figures] = told.figures
    assert (figures.sold_e4, figures.cost_e4, told.waiting_e4) == (PRICE_E4, 2 * COST_E4, 0)
    assert sum(given.count for given in told.given) == 2
    await counter.refund("T1", Wanted((WantedLine(1, 1),)))
    [told] = await prove(counter, "T1")
    assert told.given_back_e4 == PRICE_E4 // 2


async def test_a_topup_is_of_its_line_until_it_is_lost(counter: Counter) -> None:  # noqa: F811
    await counter.make_topup()
    await counter.world.add("fulu", 70_000, kind=Kind.TOPUP)
    await counter.submit("T1", 3, account=PHONE)
    await counter.submit("T2", 1, account=PHONE)
    await counter.work()
    first, second = await prove(counter, "T1", "T2")
    assert (first.figures[0].cost_e4, second.figures[0].cost_e4) == (210_000, 70_000)
    assert {booked.kind for booked in first.booked} == {
        AccountKind.REVENUE,
        AccountKind.COST_OF_GOODS,
    }
    await counter.refund("T1", Wanted((WantedLine(1, 1),)))
    await counter.refund("T2", Wanted(), "R2")
    first, second = await prove(counter, "T1", "T2")
    assert (first.figures[0].losses_e4, first.figures[0].cost_e4) == (70_000, 140_000)
    [lost] = second.figures
    assert (lost.sold_e4 - lost.back_e4, lost.cost_e4, lost.losses_e4) == (0, 0, 70_000)
