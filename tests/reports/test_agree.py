"""Orders, refunds and stock moves by the real verbs: verify stays silent, the report agrees."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest

from kashu.core.clock import now
from kashu.ledger.reads import trial_balance
from kashu.orders.fulfil import fulfil
from kashu.orders.refund import CANCEL, Wanted, WantedLine
from kashu.purchases.return_to_supplier import return_to_supplier
from kashu.reports.dimensions import Dimension
from kashu.reports.profit import add_up, profit
from kashu.stock.quarantine import quarantine
from kashu.stock.reserve import release_reservation, reserve
from kashu.stock.strategy import FEFO
from kashu.stock.transfer import transfer
from kashu.stock.void import void
from tests.orders.builders import order_of
from tests.reports.floor import Floor
from tests.stock.builders import TODAY


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


async def test_money_that_goes_back_alone_lowers_the_profit_of_who_earned_it(floor: Floor) -> None:
    order = await floor.pay(10, price_e4=2_000_000)  # eight of one supplier, two of the other
    before = await floor.by_supplier()
    await floor.give_back(order, Wanted((WantedLine(1, 0, 500_100),)))
    after = await floor.by_supplier()
    assert {code: figures.revenue_e4 for code, figures in after.items()} == {
        "fulu": 1_600_000 - 400_080,
        "other": 400_000 - 100_020,
    }
    for code, figures in after.items():
        lost_e4 = before[code].revenue_e4 - figures.revenue_e4
        assert figures == replace(
            before[code],
            revenue_e4=figures.revenue_e4,
            profit_e4=before[code].profit_e4 - lost_e4,
        )
    await floor.check()


async def test_every_crossing_of_two_agrees_kind_by_kind(floor: Floor) -> None:
    order = await floor.pay(10, price_e4=2_000_000)
    await floor.see(order)
    await floor.give_back(order, Wanted((WantedLine(1, 0, 333_300),)))
    await floor.give_back(order, Wanted((WantedLine(1, 3, 7_700),)))
    await floor.give_back(await floor.pay(2), Wanted((WantedLine(1, 1, 100),)))
    async with floor.database.transaction(floor.tenant.id) as tx:
        books = await trial_balance(tx, floor.tenant.id)
        balance = Counter[str]()
        for row in books.accounts:
            balance[row.kind] -= row.balance_e4
        for by in combinations(Dimension, 2):
            figures = add_up([row.figures for row in (await profit(tx, floor.tenant.id, by)).rows])
            assert figures.revenue_e4 == balance["revenue"]
            assert figures.cost_e4 == -balance["cost_of_goods"]
            assert figures.after_sales_loss_e4 == -balance["after_sales_loss"]
            assert figures.units == 8
    assert None not in await floor.by_supplier()


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
