"""Answers that no honest supplier gives: each once broke an adapter, or was taken for another."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from kashu.adapters.suppliers import kasushou_orders, sup_v19_orders
from kashu.adapters.suppliers.acg_faka import AcgFakaUpstream
from kashu.adapters.suppliers.answers import beijing, last_day
from kashu.adapters.suppliers.dujiao_next import DujiaoNextUpstream
from kashu.adapters.suppliers.exact import Unreadable, code_of, decoded, moment
from kashu.adapters.suppliers.exact_json import read_exact
from kashu.adapters.suppliers.forms import read_form
from kashu.adapters.suppliers.kinguin_products import FoundProduct as KinguinProduct
from kashu.adapters.suppliers.kinguin_products import product_of as kinguin_product
from kashu.adapters.suppliers.reloadly_products import FoundProduct as ReloadlyProduct
from kashu.adapters.suppliers.reloadly_products import product_of as reloadly_product
from kashu.adapters.suppliers.texts import word
from kashu.adapters.suppliers.xingquanyi_products import is_banned
from kashu.core.errors import Unclear
from kashu.core.http import Answer
from kashu.core.secrets import Secret
from kashu.simulators.suppliers.acg_faka import AcgFakaSimulator
from kashu.simulators.suppliers.dujiao_next import DujiaoNextSimulator
from kashu.simulators.suppliers.sup_v19_wire import sealed
from kashu.suppliers.conformance.line import heard_as
from kashu.suppliers.conformance.world import order_of
from kashu.suppliers.errors import LoginRefused, NoticeNotAuthentic
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import NoticeRequest, Order, OrderState, Upstream
from tests.adapters.suppliers.exchanges import heard_from
from tests.adapters.suppliers.world_acg_faka import PROVED as ACG
from tests.adapters.suppliers.world_dujiao_next import PROVED as DUJIAO
from tests.adapters.suppliers.worlds import SimulatedWorld, all_proved, world_of

AT = datetime(2026, 3, 8, tzinfo=UTC)
ORDER = Order("K2603080001", "1", Goods.CARD, 2, 100_000, 200_000, AT)


@pytest.mark.parametrize("status", ["--3", "٣", "３", "9" * 5000, "3.0", "", -(10**30)])
def test_a_state_in_strange_digits_is_none_of_kasushous(status: int | str) -> None:
    told = kasushou_orders.OrderTold("D1", status, ORDER.number)
    standing = kasushou_orders.read_orders([told], ORDER, "")
    assert (standing.state, standing.known) == (OrderState.PROCESSING, False)


def test_a_success_of_sup_v19_with_fewer_cards_than_ordered_is_asked_about() -> None:
    secret = Secret("0123456789abcdef")
    card = {"cardPwd": sealed("KX-8842-0199", secret.clear)}
    for cards, status, state in (
        ([card], "2", OrderState.PROCESSING),
        ([card, card], "2", OrderState.SUCCEEDED),
        ([card, card], None, OrderState.SUCCEEDED),
        ([card, card], "3", OrderState.PROCESSING),
    ):
        told = {"code": "00", "orderStatus": status, "cardData": cards}
        read = msgspec.convert(told, sup_v19_orders.OrderTold)
        standing = sup_v19_orders.read_placed(read, ORDER, secret)
        assert standing.state is state
        assert (standing.cards is None) == (state is OrderState.PROCESSING)


@pytest.mark.parametrize("price", ["NaN", "sNaN", "Infinity", "-1", "1e999999"])
def test_a_price_that_is_no_number_is_no_price(price: str) -> None:
    row = {"productId": "a", "name": "x", "price": 1, "offers": [{"price": 1}, {"price": price}]}
    with pytest.raises(Unreadable):
        kinguin_product(msgspec.convert(row, KinguinProduct, strict=False), 1)
    told = {
        "productId": 1,
        "productName": "x",
        "denominationType": "FIXED",
        "senderCurrencyCode": "USD",
        "recipientCurrencyCode": "USD",
        "fixedRecipientToSenderDenominationsMap": {"5.00": price},
    }
    found = msgspec.convert(told, ReloadlyProduct, strict=False)
    with pytest.raises(Unreadable):
        reloadly_product(found, 50_000)
    twice = replace_fees(found, price)
    with pytest.raises(Unreadable):
        reloadly_product(twice, 50_000)


def replace_fees(found: ReloadlyProduct, price: str) -> ReloadlyProduct:
    told = {**msgspec.to_builtins(found), "senderFeePercentage": price, "discountPercentage": price}
    return msgspec.convert(told, ReloadlyProduct, strict=False)


def test_times_at_the_ends_of_time_are_none() -> None:
    for written in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        assert moment(written) is None
    never = "0001-01-01 00:00:00"  # how .NET writes that there is none
    assert last_day(beijing(never, "%Y-%m-%d %H:%M:%S")) is None
    assert last_day(beijing("1970-01-01 08:00:00", "%Y-%m-%d %H:%M:%S")) is None


def test_a_pause_with_a_zone_is_read_as_beijings() -> None:
    assert is_banned("08:00:00+08:00", "10:00:00Z", datetime(2026, 3, 8, 1, tzinfo=UTC))
    assert not is_banned("08:00:00+08:00", "10:00:00Z", datetime(2026, 3, 8, 3, tzinfo=UTC))


@pytest.mark.parametrize(
    "told", ["KX8842019937", "0012345678", "ABCD-1234", "a1", "12 34", "123456", "x" * 41, "", "密"]
)
def test_what_may_be_a_card_is_no_word(told: str) -> None:
    assert code_of(told) == word(told) == "?"


def test_words_and_short_codes_are_shown() -> None:
    for told in ("partially_refunded", "order.status", "-16", "1213", "00"):
        assert code_of(told) == word(told) == told
    assert word("4.1") == "4.1"
    assert code_of("HTTP 404") == "HTTP 404"


@pytest.mark.parametrize("body", [b"card=KX-8842&bad", b"card=KX-8842\xff", b"a=1&a=KX-8842"])
def test_a_form_that_cannot_be_read_is_not_repeated(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"form|UTF-8|twice") as caught:
        read_form(body)
    told = f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert "8842" not in told


def test_json_that_cannot_be_read_is_not_repeated() -> None:
    for body in (b'{"card":"KX-8842\xff"}', b'{"card":"KX-8842', b'{"a":' + b"[" * 200_000):
        with pytest.raises(Unreadable) as caught:
            decoded(body, dict[str, Any])
        assert caught.value.__context__ is None


@pytest.mark.parametrize("body", [b'{"a":"\\ud800"}', b'{"\\udc00":1}', b'{"a":[{"b":"\\ud83d"}]}'])
def test_half_a_character_is_none(body: bytes) -> None:
    with pytest.raises(ValueError, match="half"):
        read_exact(body)


@pytest.mark.parametrize(
    "upstream",
    [each.upstream for each in all_proved() if each.upstream.name != "acg_faka"],
    ids=lambda upstream: upstream.name,
)
@pytest.mark.parametrize(
    "body",
    [
        b'{"ordersn":"\\ud800","usorderno":"\\ud800","time":"1772928000000","sign":"x"}',
        b'{"outOrderId":"\\ud800","accessOrderNo":"\\ud800","customer_id":"\\ud800","sign":"x"}',
        b"sign=&outTradeNo=K1",
        b"outTradeNo=K1&outTradeNo=K2&sign=x",
        b'{"a":' + b"[" * 100_000,
        b"\xff\xfe{",
        b"",
        b"[]",
        b"null",
        b'{"sign":null}',
        b'{"sign":["x"]}',
        b"&&&&",
        b"=" * 5_000,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_notice_is_refused_and_breaks_nothing(upstream: Upstream, body: bytes) -> None:
    login = heard_from(upstream.name).login
    genuine, at = heard_from(upstream.name).notices[0]
    for headers in ({}, dict(genuine.headers)):
        if upstream.name == "kinguin" and headers:
            continue  # whoever knows its secret may write what they want: it is a hint
        request = NoticeRequest("POST", "/notices/1/x", "", headers, body)
        with pytest.raises(NoticeNotAuthentic):
            upstream.read_notice(login, request, at)


@asynccontextmanager
async def site() -> AsyncIterator[tuple[SimulatedWorld, DujiaoNextSimulator]]:
    async with world_of(DUJIAO[0]) as world:
        assert isinstance(world.side.app, DujiaoNextSimulator)
        yield world, world.side.app


async def test_a_dujiao_site_that_tells_another_order_is_not_believed() -> None:
    upstream = DujiaoNextUpstream()
    async with site() as (world, there):
        order = order_of(world, await world.offer("月卡", 141_000))
        placed = await upstream.place(world.link, order)
        there.told = {"order_id": 31}
        with pytest.raises(Unclear):
            await upstream.ask(world.link, order, placed.their_number)


@pytest.mark.parametrize(
    ("status", "code"), [(400, "bad_request"), (400, "invalid_callback_url"), (401, "unauthorized")]
)
async def test_what_is_wrong_with_the_question_says_nothing_of_the_order(
    status: int, code: str
) -> None:
    """A dujiao site may look at the request before it looks for our number."""
    upstream = DujiaoNextUpstream()
    refused = json.dumps({"ok": False, "error_code": code, "error_message": ""}).encode()

    def hear(answer: Answer) -> Answer:
        ordered = b'"order_id"' in answer.body
        return Answer(status, {}, refused) if ordered else answer

    async with site() as (world, _):
        order = order_of(world, await world.offer("月卡", 141_000))
        await upstream.place(world.link, order)
        with pytest.raises((Unclear, LoginRefused)):
            await upstream.ask(heard_as(world.link, hear), order)


async def test_a_dujiao_site_in_dollars_tells_no_prices() -> None:
    upstream = DujiaoNextUpstream()

    def hear(answer: Answer) -> Answer:
        return replace(answer, body=answer.body.replace(b'"CNY"', b'"USD"'))

    async with site() as (world, _):
        order = order_of(world, await world.offer("月卡", 141_000))
        link = heard_as(world.link, hear)
        with pytest.raises(Unclear) as caught:
            await upstream.products(link)
        assert "USD" in str(caught.value.facts["said"])
        placed = await upstream.place(link, order)
        assert placed.charged_e4 is None
        assert (await upstream.ask(link, order, placed.their_number)).charged_e4 is None


@pytest.mark.parametrize(
    "sorry",
    ["非常抱歉，卡密已售罄，请联系客服", "对不起，发货失败", "抱歉：有人在你付款之前抢走了商品！"],
)
async def test_an_apology_in_a_shops_own_words_is_no_card(sorry: str) -> None:
    upstream = AcgFakaUpstream()
    async with world_of(ACG[0]) as world:
        order = order_of(world, await world.offer("月卡", 141_000))

        def hear(answer: Answer) -> Answer:
            told = json.loads(answer.body)
            if isinstance(told.get("data"), dict) and "secret" in told["data"]:
                told["data"]["secret"] = sorry
            return replace(answer, body=json.dumps(told).encode())

        standing = await upstream.place(heard_as(world.link, hear), order)
        assert not standing.cards


async def test_a_form_that_nobody_can_read_breaks_no_order() -> None:
    upstream = AcgFakaUpstream()
    async with world_of(ACG[0]) as world:
        assert isinstance(world.side.app, AcgFakaSimulator)
        order = order_of(world, await world.offer("月卡", 141_000))

        def hear(answer: Answer) -> Answer:
            told = json.loads(answer.body)
            if isinstance(told.get("data"), dict) and "widget" in told["data"]:
                told["data"]["widget"] = "{no json"
            elif "commodity" not in told:
                told = {"code": 0, "msg": "账号格式错误", "data": []}
            return replace(answer, body=json.dumps(told).encode())

        with pytest.raises(Unclear):
            await upstream.place(heard_as(world.link, hear), order)
