from dataclasses import dataclass
from itertools import permutations

import pytest
from sqlalchemy import text

from kashu.access.keyring import Keyrings
from kashu.core.db import Tx
from kashu.core.errors import KashuError
from kashu.orders.errors import (
    NothingLeftToRefund,
    RefundDiffers,
    RefundLineTwice,
    RefundLineUnknown,
    RefundOfNothing,
    RefundTooLarge,
)
from kashu.orders.fulfil import fulfil
from kashu.orders.order import NewOrder, OrderOutcome
from kashu.orders.refund import CANCEL, NewRefund, RefundOutcome, Wanted, WantedLine, refund
from kashu.stock.reveal import reveal
from tests.conftest import Tenant
from tests.orders.builders import Shop, make_shop, order_of
from tests.stock.builders import (
    assert_sound,
    books,
    cards_of,
    make_supplier,
    put_cards,
    states,
)

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

    async def refused(self, order: NewOrder, wanted: Wanted, number: str) -> KashuError:
        """Be told why not, and that nothing was changed."""
        before = await self.stands(order)
        with pytest.raises(KashuError) as told:
            async with self.tx.begin_nested():  # an edge gives its transaction up
                await self.refund(order, wanted, number)
        assert await self.stands(order) == before
        return told.value

    async def stands(self, order: NewOrder) -> tuple[object, ...]:
        refunds = await self.tx.execute(text("SELECT count(*) FROM orders.refunds"))
        tenant_id = self.shop.tenant_id
        return await self.line(order), await books(self.tx, tenant_id), refunds.scalar_one()

    async def earned(self) -> dict[str | None, tuple[int, int]]:
        """Revenue and units by supplier, as the reports read them."""
        rows = await self.tx.execute(
            text(
                "SELECT supplier.code, sum(credit_e4 - debit_e4)::bigint, sum(quantity)::bigint"
                " FROM ledger.daily LEFT JOIN suppliers.suppliers AS supplier"
                " ON supplier.id = daily.supplier_id WHERE kind = 'revenue' GROUP BY 1"
            )
        )
        return {code: (earned_e4, units) for code, earned_e4, units in rows}

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
        try:
            async with desk.tx.begin_nested():
                await getattr(desk, event)(order)
        except NothingLeftToRefund:  # all that there was went back with the cancellation
            assert event == "refund"
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


@pytest.fixture
async def mixed(tx: Tx, tenant: Tenant, keyrings: Keyrings) -> Desk:
    """Two cards of one supplier, then one of another, then one of the first again."""
    shop = await make_shop(tx, tenant.id, keyrings, cards=0)
    other = await make_supplier(tx, tenant.id, "other")
    for count, supplier_id in ((2, None), (1, other), (1, None)):
        await put_cards(
            tx, tenant.id, count, sku_id=shop.sku_id, keyrings=keyrings, supplier_id=supplier_id
        )
    return Desk(tx, shop, keyrings)


async def test_money_alone_is_taken_from_the_suppliers_whose_cards_earned_it(mixed: Desk) -> None:
    order = order_of(mixed.shop, 3, price_e4=1_000_000)
    await mixed.pay(order)
    assert await mixed.earned() == {"fulu": (666_667, 2), "other": (333_333, 1)}
    await mixed.refund(order, Wanted((WantedLine(1, 0, 100_100),)))
    # 66 733.4 and 33 366.6: the unit that is left goes to the larger remainder.
    assert await mixed.earned() == {"fulu": (599_934, 2), "other": (299_966, 1)}


async def test_money_alone_of_a_line_that_waits_in_part_is_what_waits_first(mixed: Desk) -> None:
    order = order_of(mixed.shop, 6, price_e4=600_000, partial_allowed=True)
    await mixed.pay(order)
    await mixed.refund(order, Wanted((WantedLine(1, 0, 240_000),)))
    assert await mixed.earned() == {"fulu": (270_000, 3), "other": (90_000, 1)}
    assert "unearned_e4" not in await mixed.line(order)


@pytest.mark.parametrize(
    "steps",
    [
        [WantedLine(1, 0, 100_000), WantedLine(1, 3)],
        [WantedLine(1, 1, 10_000), WantedLine(1, 2, 990_000)],
        [WantedLine(1, 1, 900_000), WantedLine(1, 2)],
        [WantedLine(1, 3, 1), WantedLine(1, 0, 999_999)],
        [WantedLine(1, 1), WantedLine(1, 1), WantedLine(1, 1)],
    ],
    ids=["money, then all", "little, then much", "much, then rest", "units, then money", "each"],
)
async def test_no_supplier_is_left_with_anything_when_all_went_back(
    mixed: Desk, steps: list[WantedLine]
) -> None:
    order = order_of(mixed.shop, 3, price_e4=1_000_000)
    await mixed.pay(order)
    for number, step in enumerate(steps):
        await mixed.refund(order, Wanted((step,)), f"R{number}")
        assert min(earned_e4 for earned_e4, _ in (await mixed.earned()).values()) >= 0
    assert (await mixed.line(order)) == {"refunded": 3, "refunded_e4": 1_000_000}
    assert await mixed.earned() == {"fulu": (0, 0), "other": (0, 0)}


async def test_an_order_with_nothing_left_says_what_went_back_before(desk: Desk) -> None:
    order = order_of(desk.shop, 2)
    await desk.pay(order)
    await desk.refund(order, Wanted((WantedLine(1, 1, 50_000),)), "R1")
    await desk.refund(order, Wanted(), "R2")
    for wanted in (ALL, Wanted((WantedLine(1, 1),)), Wanted((WantedLine(1, 0, 100),))):
        told = await desk.refused(order, wanted, "R3")
        assert isinstance(told, NothingLeftToRefund)
        assert told.facts == {
            "order": order.external_id,
            "units": 2,
            "amount": "19.80",
            "refunds": "R1 5.00; R2 14.80",
        }
    again = await desk.refund(order, Wanted(), "R2")
    assert (again.new, again.amount_e4) == (False, 148_000)


async def test_a_refund_of_neither_units_nor_money_is_refused(desk: Desk) -> None:
    order = order_of(desk.shop, 2)
    await desk.pay(order)
    for line in (WantedLine(1, 0), WantedLine(1, 0, 0)):
        assert isinstance(await desk.refused(order, Wanted((line,)), "R1"), RefundOfNothing)


async def test_what_cost_nothing_can_be_given_back_once(desk: Desk) -> None:
    order = order_of(desk.shop, 2, price_e4=0)
    await desk.pay(order)
    assert (await desk.refund(order, Wanted(), "R1")).effect[0]["restocked"] == 2
    assert isinstance(await desk.refused(order, Wanted(), "R2"), NothingLeftToRefund)


async def test_what_was_kept_can_still_be_refunded(desk: Desk) -> None:
    order = order_of(desk.shop, 2)
    await desk.pay(order)
    await desk.refund(order, Wanted((WantedLine(1, 2, 98_000),)), "R1")
    assert (await desk.refund(order, Wanted(), "R2")).amount_e4 == 100_000


async def test_a_cancellation_of_a_refunded_order_is_taken(desk: Desk) -> None:
    order = order_of(desk.shop, 2)
    await desk.pay(order)
    await desk.refund(order)
    outcome = await desk.cancel(order)
    assert (outcome.new, outcome.amount_e4) == (True, 0)


async def test_a_refund_after_a_foretold_one_of_everything_finds_nothing(desk: Desk) -> None:
    order = order_of(desk.shop, 2)
    await desk.refund(order, Wanted((WantedLine(1, 9),)), "R1")
    await desk.pay(order)
    told = await desk.refused(order, Wanted(), "R2")
    assert told.facts["refunds"] == "R1 19.80"
    assert (await desk.refund(order, Wanted((WantedLine(1, 9),)), "R1")).amount_e4 == 198_000


async def test_a_refund_cannot_take_the_number_of_a_cancellation(desk: Desk) -> None:
    order = order_of(desk.shop, 3)
    await desk.pay(order)
    outcome = await desk.refund(order, Wanted((WantedLine(1, 1),)), "cancel")
    cancelled = await desk.cancel(order)  # under the same number
    assert (outcome.new, cancelled.new) == (True, True)
    assert cancelled.amount_e4 == 132_000
    assert (await desk.refund(order, Wanted((WantedLine(1, 1),)), "cancel")).new is False
    assert (await desk.cancel(order)).new is False
