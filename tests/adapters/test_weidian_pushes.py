"""Weidian's pushes: nobody signs them, so a key in the address must be right, and no more is
believed than which order to read."""

from urllib.parse import quote_plus

import pytest

from kashu.adapters.channels.weidian import WeidianChannel
from kashu.channels.channel import App, Push, PushRequest, Signal
from kashu.channels.errors import PushNotAuthentic
from kashu.core.secrets import Secret
from kashu.simulators.shop import Order, Shop
from kashu.simulators.weidian import WeidianSimulator

CHANNEL = WeidianChannel()
KEY = "k7Qm2xV9sR4tB8nE"
APP = App("k", Secret("s"), options={"push_key": KEY})


@pytest.fixture
def shop() -> Shop:
    return Shop("1703210001", "卡卡会员店")


@pytest.fixture
def order(shop: Shop) -> Order:
    return shop.sell((shop.offer("芒果TV会员", 1990), 1), note="A&B <微店>")


def request(body: bytes, query: str = f"key={KEY}") -> PushRequest:
    return PushRequest("POST", "/v1/pushes/weidian", query, {}, body)


@pytest.mark.parametrize("escaped", [False, True])
def test_a_push_says_which_order_to_read(shop: Shop, order: Order, *, escaped: bool) -> None:
    platform = WeidianSimulator(shop)
    body = platform.push(shop, order, "already_payment", escaped=escaped)
    (push,) = CHANNEL.read_push(APP, request(body))
    assert push == Push(Signal.ORDER, shop.shop_id, "", order_id=order.order_id)


def test_refunds_have_their_order_read(shop: Shop, order: Order) -> None:
    platform = WeidianSimulator(shop)
    for kind in ("buyers_apply_refund", "refund_success", "refund_suc", "close"):
        (push,) = CHANNEL.read_push(APP, request(platform.push(shop, order, kind)))
        assert (push.signal, push.order_id) == (Signal.ORDER, order.order_id)


def test_a_kind_we_do_not_know_is_none_of_our_business(shop: Shop, order: Order) -> None:
    platform = WeidianSimulator(shop)
    (push,) = CHANNEL.read_push(APP, request(platform.push(shop, order, "buyers_complaints")))
    assert push == Push(Signal.OTHER, shop.shop_id, "")


@pytest.mark.parametrize(
    "query", ["", "key=", f"key={KEY}x", f"key={KEY[:-1]}", f"key={KEY}&key=x"]
)
def test_a_push_with_another_key_is_refused(shop: Shop, order: Order, query: str) -> None:
    body = WeidianSimulator(shop).push(shop, order, "already_payment")
    with pytest.raises(PushNotAuthentic) as refused:
        CHANNEL.read_push(APP, request(body, query))
    assert KEY not in str(refused.value)


def test_without_a_key_of_ours_no_push_is_taken(shop: Shop, order: Order) -> None:
    body = WeidianSimulator(shop).push(shop, order, "already_payment")
    for query in ("", "key=", "key"):
        with pytest.raises(PushNotAuthentic):
            CHANNEL.read_push(App("k", Secret("s")), request(body, query))


def test_a_push_of_another_shop_says_so(order: Order) -> None:
    other = Shop("1703210002", "别家")
    body = WeidianSimulator(other).push(other, order, "already_payment")
    (push,) = CHANNEL.read_push(APP, request(body))
    assert push.shop_id == "1703210002"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not json",
        "[]",
        '{"type":"weidian.order.already_payment"}',
        '{"type":"weidian.order.already_payment","shopId":1}',
        '{"type":"weidian.order.already_payment","shopId":1,"message":{}}',
        '{"type":"weidian.order.already_payment","shopId":1,"message":{"order_id":null}}',
        '{"type":7,"shopId":1,"message":{"order_id":"1"}}',
        "[" * 100_000,
    ],
)
def test_a_push_that_can_not_be_read_is_refused(content: str) -> None:
    with pytest.raises(PushNotAuthentic):
        CHANNEL.read_push(APP, request(f"content={quote_plus(content)}".encode()))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"content=1&content=2", b"json={}"])
def test_a_push_without_its_form_is_refused(body: bytes) -> None:
    with pytest.raises(PushNotAuthentic):
        CHANNEL.read_push(APP, request(body))


def test_long_numbers_stay_exact() -> None:
    number = b"9007199254740993"  # 2^53 + 1
    told = b'{"type":"weidian.order.close","shopId":%b,"message":{"order_id":%b}}'
    body = b"content=" + told % (number, number)
    (push,) = CHANNEL.read_push(APP, request(body))
    assert (push.shop_id, push.order_id) == ("9007199254740993", "9007199254740993")


def test_the_platform_hears_that_a_push_was_taken() -> None:
    reply = CHANNEL.reply(())
    assert (reply.status, reply.body) == (200, b'{"status":"success"}')
