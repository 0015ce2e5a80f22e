"""Reloadly: face values, what they cost, tokens, late cards, and its webhook's signature."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kashu.adapters.suppliers.exact import Unreadable
from kashu.adapters.suppliers.reloadly import ReloadlyUpstream
from kashu.adapters.suppliers.reloadly_notices import sign
from kashu.adapters.suppliers.reloadly_products import FoundProduct, parted, product_of
from kashu.core.secrets import Secret
from kashu.simulators.suppliers.reloadly import ReloadlySimulator
from kashu.suppliers.conformance import Fate
from kashu.suppliers.conformance.world import order_of
from kashu.suppliers.errors import (
    LoginRefused,
    NoticeNotAuthentic,
    ProductGone,
    SupplierDown,
    SupplierUnclear,
)
from kashu.suppliers.upstream import Login, NoticeRequest, OrderState, Signal
from tests.adapters.suppliers.world_reloadly import PROVED, posted
from tests.adapters.suppliers.worlds import SimulatedWorld, world_of

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "reloadly.json").read_text()
)["vectors"]

# As a recorded answer tells it, but for its texts.
PRODUCT = b"""{"productId": 10, "productName": "A card", "global": false, "senderFee": 0.5,
 "discountPercentage": 2.9, "denominationType": "FIXED", "recipientCurrencyCode": "EUR",
 "minRecipientDenomination": null, "senderCurrencyCode": "USD",
 "fixedRecipientDenominations": [5.00, 15.00],
 "fixedRecipientToSenderDenominationsMap": {"5.00": 5.65, "15.00": 16.95, "20.0": 22.6}}"""


@pytest.fixture
async def world() -> AsyncIterator[SimulatedWorld]:
    async with world_of(replace(PROVED[0], upstream=ReloadlyUpstream())) as opened:
        yield opened


def _there(world: SimulatedWorld) -> ReloadlySimulator:
    assert isinstance(world.side.app, ReloadlySimulator)
    return world.side.app


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_notices_signature_is_as_others_make_it(vector: dict[str, Any]) -> None:
    told = vector["input"]
    body, stamp = told["raw_body"].encode(), told["x_reloadly_request_timestamp"]
    secret, signature = told["webhook_secret"], vector["expect"]["signature"]
    assert sign(secret, body, stamp) == signature
    login = Login("id", Secret("not this one"), "", {"webhook_secret": secret})
    headers = {"x-reloadly-signature": signature, "x-reloadly-request-timestamp": stamp}
    at = datetime.fromtimestamp(int(stamp) / 1000, UTC)
    request = NoticeRequest("POST", "/", "", headers, body)
    notice = ReloadlyUpstream().read_notice(login, request, at)
    event = json.loads(body)
    about = event.get("data") or event["transaction"]
    assert notice.signal is Signal.ORDER
    assert notice.number == about["customIdentifier"]
    assert notice.their_number == str(about.get("transactionId", about.get("id")))
    with pytest.raises(NoticeNotAuthentic):
        ReloadlyUpstream().read_notice(Login("id", Secret(secret), ""), request, at)


def test_every_vector_is_tried() -> None:
    assert [each["id"] for each in VECTORS] == ["rl-webhook-1", "rl-webhook-2"]


@pytest.mark.parametrize(
    ("quantity", "unit_cost_e4"),
    [
        (1, 169_585),  # 16.95 − 2.9 % + 0.50 = 16.958 45, and nobody pays less
        (2, 167_085),  # the fee is of an order
        (10, 165_085),
    ],
)
def test_a_cost_is_what_the_sender_pays_with_its_share_of_the_fee(
    quantity: int, unit_cost_e4: int
) -> None:
    found = msgspec.json.decode(PRODUCT, type=FoundProduct)
    told = product_of(found, 150_000, quantity)
    assert (told.ref, told.unit_cost_e4, told.currency) == ("10:15.00", unit_cost_e4, "USD")
    assert told.face_value_e4 is None  # it is euros, and the price is dollars
    assert set(found.faces_e4()) == {50_000, 150_000, 200_000}


def test_a_ref_is_a_product_and_a_face_value() -> None:
    assert parted("10:15.00") == (10, 150_000)
    for wrong in ("10", "10:", ":15.00", "10:15", "10:-1.00", "1e3:1.00", "10:15.00\n", "１:1.00"):
        with pytest.raises(Unreadable):
            parted(wrong)


async def test_the_face_value_is_sent_not_our_cost(world: SimulatedWorld) -> None:
    good = world.house.offer("A card", 169_600, face_value_e4=150_000)
    ref = world.side.ref(good)
    order = replace(order_of(world, await world.offer("x", 1_000_000)), ref=ref)
    told = await ReloadlyUpstream().place(world.link, order)
    sent = json.loads(_there(world).asked[-1][2])
    assert sent == {
        "productId": good.good_id,
        "quantity": 1,
        "unitPrice": 15.0,
        "customIdentifier": order.number,
        "senderName": "Kashu",
    }
    assert (told.charged_e4, told.ref) == (169_600, ref)


async def test_a_value_that_is_not_sold_is_gone(world: SimulatedWorld) -> None:
    offered = await world.offer("x", 100_000)
    other = offered.ref.replace("10.00", "11.00")
    with pytest.raises(ProductGone):
        await ReloadlyUpstream().product(world.link, other)
    for ref in (other, "no ref"):
        with pytest.raises(ProductGone):
            await ReloadlyUpstream().place(world.link, replace(order_of(world, offered), ref=ref))
    assert world.house.orders == []


async def test_another_face_value_is_told_as_another_product(world: SimulatedWorld) -> None:
    offered = await world.offer("x", 100_000)
    order = order_of(world, offered)
    upstream = ReloadlyUpstream()
    await upstream.place(world.link, order)
    world.house.orders[0].face_value_e4 *= 10
    assert (await upstream.ask(world.link, order)).ref != order.ref


async def test_one_token_serves_until_it_ends(world: SimulatedWorld) -> None:
    upstream, there = ReloadlyUpstream(), _there(world)
    for _ in range(3):
        await upstream.balance(world.link)
    assert len(there.tokens) == 1
    await world.pass_time(timedelta(hours=23, minutes=59, seconds=1))
    await upstream.balance(world.link)
    assert len(there.tokens) == 2
    with pytest.raises(LoginRefused):
        await upstream.balance(world.stranger)


async def test_a_token_that_is_not_taken_is_replaced_once(world: SimulatedWorld) -> None:
    upstream, there = ReloadlyUpstream(), _there(world)
    order = order_of(world, await world.offer("x", 100_000))
    await upstream.balance(world.link)
    there.tokens.clear()
    await upstream.place(world.link, order)
    assert len(world.house.orders) == 1
    there.tokens = _Forgetful()
    with pytest.raises(LoginRefused):
        await upstream.place(world.link, order_of(world, await world.offer("x", 100_000)))
    assert len(world.house.orders) == 1


class _Forgetful(dict[str, datetime]):
    def __setitem__(self, key: str, value: datetime) -> None:
        """Forget it."""


async def test_without_a_token_nothing_was_ordered(world: SimulatedWorld) -> None:
    upstream, there = ReloadlyUpstream(), _there(world)
    order = order_of(world, await world.offer("x", 100_000))
    there.token_outage = True
    with pytest.raises(SupplierDown):
        await upstream.place(world.link, order)
    assert world.house.orders == []
    assert there.asked == []


def test_no_repr_tells_a_token() -> None:
    upstream = ReloadlyUpstream()
    assert "Secret" not in repr(vars(upstream))
    assert repr(upstream._tokens) == "Tokens()"


async def test_cards_that_lag_are_waited_for_a_minute(world: SimulatedWorld) -> None:
    upstream, there = ReloadlyUpstream(), _there(world)
    order = order_of(world, await world.offer("x", 100_000), 3)
    await upstream.place(world.link, order)
    await world.settle()
    there.held_back = 1
    early = await upstream.ask(world.link, order)
    assert (early.state, early.cards) == (OrderState.SUCCEEDED, None)
    await world.pass_time(timedelta(seconds=61))
    assert len((await upstream.ask(world.link, order)).cards or ()) == 2
    there.held_back = 3
    assert (await upstream.ask(world.link, order)).cards is None
    there.held_back = 0
    assert len((await upstream.ask(world.link, order)).cards or ()) == 3


@pytest.mark.parametrize("first_page", [0, 1])
async def test_pages_are_read_once_however_they_are_counted(
    world: SimulatedWorld, first_page: int
) -> None:
    _there(world).first_page = first_page
    goods = [world.house.offer(f"card {n}", 100_000, stock=1) for n in range(401)]
    upstream = ReloadlyUpstream()
    found, page = [], None
    for _ in range(6):
        read = await upstream.products(world.link, page)
        found += [each.ref for each in read.members]
        page = read.next
        if page is None:
            break
    assert found == [world.side.ref(good) for good in goods]


async def test_a_product_that_cannot_be_read_does_not_hide_the_others(
    world: SimulatedWorld,
) -> None:
    there = _there(world)
    wrong, right = await world.offer("a", 100_000), await world.offer("b", 100_000)
    told = there._product

    def spoilt(good: Any) -> dict[str, Any]:  # noqa: ANN401
        found = told(good)
        if world.side.ref(good) == wrong.ref:
            found["fixedRecipientToSenderDenominationsMap"] = {"ten": 1.0}
        return found

    there._product = spoilt  # type: ignore[method-assign]
    page = await ReloadlyUpstream().products(world.link)
    assert ([each.ref for each in page.members], page.wrong) == ([right.ref], 1)


async def test_two_transactions_of_one_number_are_for_people(world: SimulatedWorld) -> None:
    upstream = ReloadlyUpstream()
    order = order_of(world, await world.offer("x", 100_000))
    await upstream.place(world.link, order)
    await upstream.place(world.link, order)  # nobody does
    with pytest.raises(SupplierUnclear):
        await upstream.ask(world.link, order)


async def test_what_came_back_is_a_second_row(world: SimulatedWorld) -> None:
    upstream = ReloadlyUpstream()
    offered = await world.offer("x", 100_000)
    for fate in (Fate.REFUND, Fate.FAIL, Fate.SUCCEED):
        await world.plan(fate)
        await upstream.place(world.link, order_of(world, offered))
    await world.settle()
    await world.settle()
    at, hour = world.link.now(), timedelta(hours=1)
    rows = (await upstream.statement(world.link, at - hour, at + hour)).members
    assert sorted(row.amount_e4 for row in rows) == [-100_000, 100_000, 100_000]


@pytest.mark.parametrize("within", ["data", "transaction", ""])
async def test_a_notice_is_read_wherever_its_facts_stand(
    world: SimulatedWorld, within: str
) -> None:
    upstream = ReloadlyUpstream()
    order = order_of(world, await world.offer("x", 100_000))
    await upstream.place(world.link, order)
    request = posted(_there(world).notice(world.house.orders[0], within=within))
    notice = upstream.read_notice(world.link.login, request, world.link.now())
    assert (notice.signal, notice.number, notice.said) == (
        Signal.ORDER,
        order.number,
        "PROCESSING",
    )
