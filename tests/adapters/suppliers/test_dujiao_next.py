"""dujiao-next: its vectors, its traps, and what it tells that can't be."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kashu.adapters.suppliers.dujiao_next import PAGE_MAX, DujiaoNextUpstream
from kashu.core.errors import Unclear
from kashu.core.http import Answer, Http
from kashu.core.secrets import Secret
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.dujiao_next import (
    CALLS,
    DujiaoNextSimulator,
)
from kashu.simulators.suppliers.faults import Fault
from kashu.simulators.suppliers.house import Kind, Trick
from kashu.suppliers.conformance import Trouble
from kashu.suppliers.conformance.world import order_of
from kashu.suppliers.errors import (
    BalanceShort,
    ClockRefused,
    LoginRefused,
    NoSuchPurchase,
    NotCancelled,
    OrderRefused,
    ProductGone,
    SupplierBusy,
    SupplierUnclear,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Link, Login, OrderState, Standing
from tests.adapters.answering import Answering
from tests.adapters.suppliers.world_dujiao_next import PROVED
from tests.adapters.suppliers.worlds import SimulatedWorld, world_of

UPSTREAM = DujiaoNextUpstream()
PLACED = {"ok": True, "order_id": 31, "order_no": "DJ31", "status": "paid", "amount": "14.10"}


def site_of(world: SimulatedWorld) -> DujiaoNextSimulator:
    assert isinstance(world.side.app, DujiaoNextSimulator)
    return world.side.app


@asynccontextmanager
async def site() -> AsyncIterator[SimulatedWorld]:
    async with world_of(PROVED[0]) as world:
        yield world


@asynccontextmanager
async def answering(told: object, status: int = 200) -> AsyncIterator[Link]:
    server = Answering()
    server.body = told if isinstance(told, bytes) else json.dumps(told).encode()
    server.status = status
    http = Http(private_allowed=True)
    async with serving(server) as url:
        yield Link(Login("key", Secret("secret-of-ours"), url), http, lambda: datetime.now(UTC))
        await http.close()


async def test_more_than_fifty_a_page_are_never_asked_for() -> None:
    async with site() as world:
        for n in range(PAGE_MAX + 1):
            await world.offer(f"月卡 {n}", 100_000)
        first = await UPSTREAM.products(world.link)
        assert (len(first.members), first.next) == (PAGE_MAX, "2")
        second = await UPSTREAM.products(world.link, first.next)
        assert (len(second.members), second.next) == (1, None)


async def test_a_smaller_page_than_asked_for_hides_nothing() -> None:
    wallet = {"ok": True, "balance": "1.00", "currency": "CNY"}
    async with answering(
        {**wallet, "items": [{"id": 1}, "x"], "total": 41, "page": 1, "page_size": 20}
    ) as link:
        page = await UPSTREAM.products(link)
        assert (page.members, page.next, page.wrong) == ([], "2", 2)
        assert (await UPSTREAM.products(link, "3")).next is None


async def test_the_limit_of_calls_comes_as_a_success_and_is_read_as_busy() -> None:
    async with site() as world:
        for _ in range(CALLS):
            await UPSTREAM.balance(world.link)
        with pytest.raises(SupplierBusy) as raised:
            await UPSTREAM.balance(world.link)
        assert raised.value.facts["wait_s"] == 30
        await world.pass_time(timedelta(seconds=30))
        await UPSTREAM.balance(world.link)


async def test_an_answer_without_ok_is_no_success() -> None:
    for told in ({"status_code": 200, "msg": "", "data": PLACED}, {**PLACED, "ok": None}, {}):
        async with answering(told) as link, site() as world:
            order = order_of(world, await world.offer("月卡", 141_000))
            with pytest.raises(SupplierUnclear):
                await UPSTREAM.place(link, order)


async def test_a_refusal_with_another_status_than_documented_is_unclear() -> None:
    told = {"ok": False, "error_code": "insufficient_stock", "error_message": "no"}
    for status in (400, 403, 500):  # with 200 and 409 it is one
        async with answering(told, status) as link, site() as world:
            order = order_of(world, await world.offer("月卡", 141_000))
            with pytest.raises(Unclear):
                await UPSTREAM.place(link, order)


async def test_an_order_that_could_not_be_paid_leaves_a_cancelled_one_under_its_number() -> None:
    async with site() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        await world.set_money(100)
        with pytest.raises(BalanceShort):
            await UPSTREAM.place(world.link, order)
        await world.set_money(10**9)
        again = await UPSTREAM.place(world.link, order)
        assert (again.state, again.said) == (OrderState.FAILED, "canceled")
        assert (await UPSTREAM.ask(world.link, order)).state is OrderState.FAILED
        assert await world.money() == 10**9


async def test_asking_without_their_number_tells_cards_at_once() -> None:
    async with site() as world:
        order = order_of(world, await world.offer("月卡", 141_000), 2)
        await world.meet(Trouble.SILENT_AFTER, placing=True)
        with pytest.raises(Unclear):
            await UPSTREAM.place(world.link, order)
        await world.settle()
        standing = await UPSTREAM.ask(world.link, order)
        (made,) = await world.orders()
        assert standing.cards == made.cards
        assert (standing.quantity, standing.charged_e4) == (2, 282_000)
        assert standing.ref == order.ref


async def test_an_order_is_not_sent_again_above_its_price() -> None:
    async with site() as world:
        offered = await world.offer("月卡", 141_000)
        order = order_of(world, offered)
        world.good_of(offered).unit_cost_e4 += 100
        with pytest.raises(SupplierUnclear):
            await UPSTREAM.ask(world.link, order)
        assert not await world.orders()


async def test_an_order_of_what_is_gone_meanwhile_is_still_found() -> None:
    async with site() as world:
        offered = await world.offer("月卡", 141_000)
        order = order_of(world, offered)
        placed = await UPSTREAM.place(world.link, order)
        await world.withdraw(offered)
        assert (await UPSTREAM.ask(world.link, order)).their_number == placed.their_number
        with pytest.raises(NoSuchPurchase):
            await UPSTREAM.ask(world.link, order_of(world, offered))
        assert len(await world.orders()) == 1


async def test_an_order_that_charges_twice_is_seen_in_what_is_there() -> None:
    async with site() as world:
        world.house.tricks.add(Trick.CHARGES_TWICE)
        order = order_of(world, await world.offer("月卡", 141_000))
        first = await UPSTREAM.place(world.link, order)
        again = await UPSTREAM.place(world.link, order)
        assert first.their_number != again.their_number
        assert len(await world.orders()) == 2


async def test_only_their_own_numbers_are_asked_for() -> None:
    async with site() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        for number in ("../ping", "7?x=1", "٣", "7/cancel"):
            with pytest.raises(Unclear):  # it says nothing of the order
                await UPSTREAM.ask(world.link, order, number)
            with pytest.raises(NoSuchPurchase):
                await UPSTREAM.cancel(world.link, order, number, "")
        assert not site_of(world).asked


async def test_what_is_no_reference_of_theirs_is_gone() -> None:
    async with site() as world:
        offered = await world.offer("月卡", 141_000)
        for ref in ("", "1", "1/", "a/b", "1/2/3", "-1/2"):
            with pytest.raises(ProductGone):
                await UPSTREAM.product(world.link, ref)
            with pytest.raises(ProductGone):
                await UPSTREAM.place(world.link, replace(order_of(world, offered), ref=ref))
        assert not site_of(world).asked


async def test_a_paid_order_is_not_cancelled() -> None:
    async with site() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        standing = await UPSTREAM.place(world.link, order)
        with pytest.raises(NotCancelled):
            await UPSTREAM.cancel(world.link, order, standing.their_number, "拍错了")
        (made,) = await world.orders()
        assert made.state is OrderState.PROCESSING


async def test_a_form_is_sent_for_goods_that_people_deliver() -> None:
    async with site() as world:
        offered = await world.offer("话费", 300_000, goods=Goods.TOPUP)
        order = order_of(world, offered)
        await UPSTREAM.place(world.link, order)
        (made,) = world.house.orders
        assert made.inputs == {"account": "13800138000"}
        assert made.notice_url == order.notice_url
        await world.settle()
        standing = await UPSTREAM.ask(world.link, order)
        assert (standing.cards, standing.receipt) == (None, "充值成功")
        (field,) = await UPSTREAM.inputs(world.link, offered.ref)
        assert (field.key, field.title, field.is_account) == ("account", "充值账号", True)


async def test_an_address_of_this_machine_is_no_callback() -> None:
    async with site() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        for url in ("http://127.0.0.1/n", "http://localhost/n", "http://10.0.0.1/n", "ftp://a.b/"):
            with pytest.raises(OrderRefused):
                await UPSTREAM.place(world.link, replace(order, notice_url=url))
        assert not await world.orders()


def at_another_time(link: Link, by: timedelta) -> Link:
    return replace(link, now=lambda: link.now() + by)


async def test_a_clock_beyond_a_minute_is_refused_and_within_is_not() -> None:
    async with site() as world:
        await UPSTREAM.balance(at_another_time(world.link, timedelta(seconds=-50)))
        for apart in (-65, 65):
            far = at_another_time(world.link, timedelta(seconds=apart))
            with pytest.raises(ClockRefused):
                await UPSTREAM.balance(far)


async def test_an_unknown_key_locks_us_out() -> None:
    async with site() as world:
        login = replace(world.link.login, account="dj_nobody")
        with pytest.raises(LoginRefused):
            await UPSTREAM.balance(replace(world.link, login=login))


@pytest.mark.parametrize(
    "told",
    [
        {**PLACED, "amount": "NaN"},
        {**PLACED, "amount": "-1.00"},
        {**PLACED, "amount": "1.00001"},
        {**PLACED, "amount": "1e99"},
        {**PLACED, "amount": 14.1},
        {**PLACED, "order_id": "31"},
        {**PLACED, "order_id": None},
        {**PLACED, "status": 7},
        [PLACED],
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
async def test_an_answer_that_cannot_be_is_unclear(told: object) -> None:
    async with answering(told) as link, site() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        with pytest.raises(Unclear):
            await UPSTREAM.place(link, order)


async def test_a_price_out_of_reason_is_told_as_it_is() -> None:
    """Whether it is believed isn't the adapter's to decide; less than nothing is no price."""
    async with site() as world:
        offered = await world.offer("月卡", 141_000)
        world.house.tricks = {Trick.PRICE_1000}
        assert (await UPSTREAM.product(world.link, offered.ref)).unit_cost_e4 == 141_000_000
        world.house.tricks = {Trick.PRICE_ZERO}
        assert (await UPSTREAM.product(world.link, offered.ref)).unit_cost_e4 == 0
        world.house.tricks = {Trick.PRICE_NEGATIVE}
        with pytest.raises(Unclear):
            await UPSTREAM.product(world.link, offered.ref)
        assert (await UPSTREAM.products(world.link)).wrong == 1


async def told_of(**fields: object) -> Standing:
    async with site() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        standing = await UPSTREAM.place(world.link, order)
        await world.settle()
        site_of(world).told = dict(fields)
        return await UPSTREAM.ask(world.link, order, standing.their_number)


async def test_part_of_the_money_back_is_told_with_its_sum() -> None:
    standing = await told_of(status="partially_refunded", refunded_amount="5.05")
    assert (standing.state, standing.refunded_e4) == (OrderState.REFUNDED, 50_500)


@pytest.mark.parametrize("status", ["pending_payment", "paid", "fulfilling", "partially_delivered"])
async def test_an_order_that_is_not_delivered_is_under_way(status: str) -> None:
    standing = await told_of(status=status, fulfillment=None)
    assert (standing.state, standing.known) == (OrderState.PROCESSING, True)
    assert standing.cards is None


async def test_a_delivered_order_without_its_cards_is_asked_again() -> None:
    standing = await told_of(status="delivered", fulfillment=None)
    assert (standing.state, standing.cards) == (OrderState.SUCCEEDED, None)


async def test_a_word_that_is_none_is_not_repeated() -> None:
    standing = await told_of(status="<script>alert(1)</script>")
    assert (standing.state, standing.known, standing.said) == (OrderState.PROCESSING, False, "?")


class Impatient(Http):
    """Waits for a second."""

    async def call(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = 1.0,
    ) -> Answer:
        del deadline_s
        return await super().call(method, url, content=content, headers=headers, deadline_s=1.0)


async def test_an_answer_that_drips_is_not_waited_for() -> None:
    async with site() as world:
        order = order_of(world, await world.offer("月卡", 141_000))
        site_of(world).faults.drip_s = 0.05
        site_of(world).faults.order(Fault.DRIP, placing=True)
        http = Impatient(private_allowed=True)
        with pytest.raises(Unclear):
            await UPSTREAM.place(replace(world.link, http=http), order)
        await http.close()
        assert len(await world.orders()) == 1


async def test_goods_by_hand_without_a_form_are_cards() -> None:
    async with site() as world:
        world.house.offer("代充", 100_000, kind=Kind.TOPUP)
        (product,) = (await UPSTREAM.products(world.link)).members
        assert (product.goods, product.stock) == (Goods.CARD, None)
