from dataclasses import dataclass
from itertools import permutations

import pytest
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.orders.errors import (
    RefundDiffers,
    RefundLineTwice,
    RefundLineUnknown,
    RefundTooLarge,
)
from kashu.orders.fulfil import fulfil
from kashu.orders.order import NewOrder, OrderOutcome
from kashu.orders.refund import CANCEL, NewRefund, RefundOutcome, Wanted, WantedLine, refund
from kashu.stock.reveal import reveal
from tests.conftest import Tenant
from tests.orders.builders import Shop, make_shop, order_of
from tests.stock.builders import assert_sound, books, cards_of, states

ALL = Wanted()
ARRIVALS = sorted(set(permutations(["pay", "pay", "refund", "refund", "cancel"])))


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the tests pay, refund and cancel."""

    tx: Tx
    shop: Shop
    keyrings: Keyrings

    async def pay(self, order: NewOrder) -> OrderOutcome:
        return (await fulfil(self.tx, self.shop.tenant_id, [order], self.shop.today))[0]

    async def refund(
        self, order: NewOrder, wanted: Wanted = ALL, number: str = "R1"
    ) -> RefundOutcome:
        new = NewRefund(order.source, number, order.external_id, wanted)
        return await refund(self.tx, self.shop.tenant_id, "test", new, self.shop.today)

    async def cancel(self, order: NewOrder) -> RefundOutcome:
        return await self.refund(order, CANCEL, "cancel")

    async def see(self, order: NewOrder) -> None:
        await reveal(
            self.tx,
            self.shop.tenant_id,
            "test",
            line_ids=[line.id for line in order.lines],
            reason="test",
            recipient="buyer",
            keyrings=self.keyrings,
        )

    async def line(self, order: NewOrder) -> dict[str, int]:
        row = (
            await self.tx.execute(
                text(
                    "SELECT delivered_count AS delivered, waiting_count AS waiting,"
                    " refused_count AS refused, refunded_count AS refunded, unearned_e4,"
                    " earned_e4, refunded_e4 FROM orders.lines l JOIN orders.orders o"
                    " ON o.id = l.order_id WHERE o.external_id = :number"
                ),
                {"number": order.external_id},
            )
        ).one()
        return {name: value for name, value in row._mapping.items() if value}


@pytest.fixture
async def desk(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> Desk:
    return Desk(tx, await make_shop(tx, tenant.id, keyrings, cards=5), keyrings)


async def test_unseen_cards_become_stock_again(desk: Desk) -> None:
    order = order_of(desk.shop, 2)
    await desk.pay(order)
    held = await cards_of(desk.tx, desk.shop.tenant_id, order.lines[0].id)
    outcome = await desk.refund(order)
    assert outcome.amount_e4 == 198_000
    assert await states(desk.tx, desk.shop.tenant_id, held) == ["available"] * 2
    assert await books(desk.tx, desk.shop.tenant_id) == {"inventory": 500_000, "opening": -500_000}
    await assert_sound(desk.tx, desk.shop.tenant_id)


async def test_seen_cards_are_quarantined_and_a_loss(desk: Desk) -> None:
    order = order_of(desk.shop, 2)
    await desk.pay(order)
    await desk.see(order)
    held = await cards_of(desk.tx, desk.shop.tenant_id, order.lines[0].id)
    await desk.refund(order)
    assert await states(desk.tx, desk.shop.tenant_id, held) == ["quarantined"] * 2
    found = await books(desk.tx, desk.shop.tenant_id)
    assert found == {"inventory": 300_000, "opening": -500_000, "after_sales_loss": 200_000}
    await assert_sound(desk.tx, desk.shop.tenant_id)


async def test_a_refund_told_before_its_order_means_no_card_is_given(desk: Desk) -> None:
    order = order_of(desk.shop, 2)
    assert (await desk.refund(order)).state == "foretold"
    outcome = await desk.pay(order)
    assert outcome.new
    assert await desk.line(order) == {"refunded": 2, "refunded_e4": 198_000}
    assert await cards_of(desk.tx, desk.shop.tenant_id, order.lines[0].id) == []
    assert "revenue" not in await books(desk.tx, desk.shop.tenant_id)


async def test_a_part_refunded_beforehand_is_not_given(desk: Desk) -> None:
    order = order_of(desk.shop, 3, price_e4=300_000)
    await desk.refund(order, Wanted((WantedLine(1, 1),)))
    await desk.pay(order)
    assert await desk.line(order) == {
        "delivered": 2,
        "refunded": 1,
        "earned_e4": 200_000,
        "refunded_e4": 100_000,
    }


async def test_money_alone_can_go_back(desk: Desk) -> None:
    order = order_of(desk.shop, 2, price_e4=300_000)
    await desk.pay(order)
    await desk.refund(order, Wanted((WantedLine(1, 0, 50_000),)))
    assert await desk.line(order) == {
        "delivered": 2,
        "earned_e4": 250_000,
        "refunded_e4": 50_000,
    }
    assert (await books(desk.tx, desk.shop.tenant_id))["revenue"] == -250_000


async def test_a_short_line_gives_up_what_it_waits_for_first(desk: Desk) -> None:
    order = order_of(desk.shop, 7, price_e4=700_000, partial_allowed=True)
    await desk.pay(order)
    await desk.refund(order, Wanted((WantedLine(1, 3),)))
    assert await desk.line(order) == {
        "delivered": 4,
        "refunded": 3,
        "earned_e4": 400_000,
        "refunded_e4": 300_000,
    }


async def test_the_same_refund_twice_has_one_effect(desk: Desk) -> None:
    order = order_of(desk.shop, 2)
    await desk.pay(order)
    wanted = Wanted((WantedLine(1, 1),))
    first, again = await desk.refund(order, wanted), await desk.refund(order, wanted)
    assert (first.new, again.new) == (True, False)
    assert again.amount_e4 == first.amount_e4
    assert (await desk.line(order))["refunded"] == 1


async def test_a_refund_number_used_for_something_else_is_a_conflict(desk: Desk) -> None:
    order = order_of(desk.shop, 3)
    await desk.pay(order)
    await desk.refund(order, Wanted((WantedLine(1, 1),)))
    before = await desk.line(order)
    with pytest.raises(RefundDiffers):
        await desk.refund(order, Wanted((WantedLine(1, 2),)))
    assert await desk.line(order) == before


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (WantedLine(1, 4), RefundTooLarge),
        (WantedLine(1, 0, 198_100), RefundTooLarge),
        (WantedLine(2, 1), RefundLineUnknown),
    ],
)
async def test_more_than_there_is_cannot_be_refunded(
    desk: Desk, line: WantedLine, error: type[Exception]
) -> None:
    order = order_of(desk.shop, 3)
    await desk.pay(order)
    before = await desk.line(order), await books(desk.tx, desk.shop.tenant_id)
    with pytest.raises(error):
        await desk.refund(order, Wanted((line,)))
    assert (await desk.line(order), await books(desk.tx, desk.shop.tenant_id)) == before


async def test_a_line_named_twice_is_refused(desk: Desk) -> None:
    order = order_of(desk.shop, 3)
    await desk.pay(order)
    before = await desk.line(order)
    with pytest.raises(RefundLineTwice):
        await desk.refund(order, Wanted((WantedLine(1, 1), WantedLine(1, 1))))
    assert await desk.line(order) == before


async def test_a_cancellation_leaves_what_was_seen(desk: Desk) -> None:
    order = order_of(desk.shop, 7, price_e4=700_000, partial_allowed=True)
    await desk.pay(order)
    await desk.see(order)
    outcome = await desk.cancel(order)
    assert outcome.amount_e4 == 200_000
    assert await desk.line(order) == {
        "delivered": 5,
        "refunded": 2,
        "earned_e4": 500_000,
        "refunded_e4": 200_000,
    }


@pytest.mark.parametrize("events", ARRIVALS)
async def test_every_order_of_arrival_ends_refunded_once(
    desk: Desk, events: tuple[str, ...]
) -> None:
    order = order_of(desk.shop, 2)
    for event in events:
        await getattr(desk, event)(order)
    assert await desk.line(order) == {"refunded": 2, "refunded_e4": 198_000}
    assert await cards_of(desk.tx, desk.shop.tenant_id, order.lines[0].id) == []
    assert await books(desk.tx, desk.shop.tenant_id) == {"inventory": 500_000, "opening": -500_000}
    await assert_sound(desk.tx, desk.shop.tenant_id)


async def test_all_that_is_left_is_the_money_too(desk: Desk) -> None:
    order = order_of(desk.shop, 2, price_e4=100_000)
    await desk.pay(order)
    await desk.refund(order, Wanted((WantedLine(1, 2, 40_000),)), "R1")
    rest = await desk.refund(order, Wanted(), "R2")
    assert rest.amount_e4 == 60_000
    assert await desk.line(order) == {"refunded": 2, "refunded_e4": 100_000}
    assert "revenue" not in await books(desk.tx, desk.shop.tenant_id)


async def test_what_goes_back_can_be_paid(desk: Desk) -> None:
    order = order_of(desk.shop, 3, price_e4=100_000)
    await desk.pay(order)
    parts = [
        (await desk.refund(order, Wanted((WantedLine(1, 1),)), f"R{n}")).amount_e4 for n in range(3)
    ]
    assert parts == [33_300, 33_300, 33_400]
