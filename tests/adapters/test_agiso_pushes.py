"""Agiso's pushes: signed, not too old, and believed for no more than which order to read."""

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest

from kashu.adapters.channels.agiso import AgisoChannel
from kashu.channels.channel import App, PushRequest, Signal
from kashu.channels.errors import PushNotAuthentic
from kashu.core.clock import now
from kashu.core.secrets import Secret
from kashu.simulators.agiso import APP_ID, APP_SECRET, AgisoSimulator
from kashu.simulators.agiso_wire import signature_of
from kashu.simulators.shop import Order, Shop

CHANNEL = AgisoChannel()
APP = App(APP_ID, Secret(APP_SECRET), options={"platform": "pinduoduo"})
VECTORS = json.loads((Path(__file__).parent / "vectors" / "agiso.json").read_text())


@pytest.fixture
def shop() -> Shop:
    return Shop("110770592", "卡卡会员店")


@pytest.fixture
def order(shop: Shop) -> Order:
    return shop.sell((shop.offer("芒果TV会员", 1990), 1), note="a+b & 卡密 %20")


def request(body: bytes, query: str) -> PushRequest:
    return PushRequest("POST", "/push/1/PDD", query, {}, body)


def signed(text: str, **query: str) -> PushRequest:
    """A push of any text, as somebody with the secret signs it."""
    parts = {"json": text, "timestamp": str(int(now().timestamp()))} | query
    parts.setdefault("sign", signature_of(parts, APP_SECRET))
    asked = {name: parts[name] for name in ("timestamp", "sign")} | {"aopic": "1"}
    return request(urlencode({"json": text}).encode(), urlencode(asked))


def test_a_push_says_which_order_to_read(shop: Shop, order: Order) -> None:
    bridge = AgisoSimulator(shop)
    (push,) = CHANNEL.read_push(APP, request(*bridge.push_paid(shop, order)))
    assert (push.signal, push.order_id) == (Signal.ORDER, order.order_id)
    assert (push.shop_id, push.event_id) == (shop.shop_id, "")
    assert push.at is not None
    assert abs(push.at - now()) < timedelta(seconds=5)


def test_refunds_have_their_order_read(shop: Shop, order: Order) -> None:
    bridge = AgisoSimulator(shop)
    refund = shop.ask_refund(order)
    for agree in (None, False, True):
        if agree is not None:
            shop.settle_refund(refund, agree=agree)
        (push,) = CHANNEL.read_push(APP, request(*bridge.push_refund(shop, refund)))
        assert (push.signal, push.order_id) == (Signal.ORDER, order.order_id)
        assert push.shop_id == shop.shop_id


def test_a_push_of_another_shop_says_so(order: Order) -> None:
    other = Shop("110770593", "别家")
    (push,) = CHANNEL.read_push(APP, request(*AgisoSimulator(other).push_paid(other, order)))
    assert push.shop_id == other.shop_id


def test_jds_and_taobaos_numbers_are_found_exact() -> None:
    vector = next(each for each in VECTORS if each["name"] == "agiso-push")
    (push,) = CHANNEL.read_push(APP, signed(vector["inputs"]["json"]))
    assert (push.signal, push.order_id, push.shop_id) == (Signal.ORDER, "281000000000001", "")
    (push,) = CHANNEL.read_push(APP, signed('{"Tid":20677192256548389007199254740993}'))
    assert push.order_id == "20677192256548389007199254740993"


def test_a_push_that_names_no_order_is_none_of_our_business() -> None:
    (push,) = CHANNEL.read_push(APP, signed('{"NumIid":592823138}'))
    assert (push.signal, push.order_id) == (Signal.OTHER, "")


def test_the_signature_is_right_in_either_case(shop: Shop, order: Order) -> None:
    body, query = AgisoSimulator(shop).push_paid(shop, order)
    told = dict(parse_qsl(query))
    told["sign"] = told["sign"].lower()
    (push,) = CHANNEL.read_push(APP, request(body, urlencode(told)))
    assert push.order_id == order.order_id


def test_a_changed_byte_is_refused(shop: Shop, order: Order) -> None:
    body, query = AgisoSimulator(shop).push_paid(shop, order)
    told = dict(parse_qsl(query))
    later = urlencode(told | {"timestamp": str(int(told["timestamp"]) + 1)})
    for tampered in (
        request(body.replace(order.order_id.encode(), b"4200012345678999999"), query),
        request(body, later),
        request(body, urlencode(told | {"sign": "0" * 32})),
        request(body, urlencode(told | {"sign": ""})),
        request(body + b"&json=%7B%7D", query),
    ):
        with pytest.raises(PushNotAuthentic):
            CHANNEL.read_push(APP, tampered)
    with pytest.raises(PushNotAuthentic):
        CHANNEL.read_push(App(APP_ID, Secret("another")), request(body, query))


@pytest.mark.parametrize("ahead", [timedelta(minutes=11), -timedelta(days=1, minutes=1)])
def test_a_push_of_another_time_is_refused(shop: Shop, order: Order, ahead: timedelta) -> None:
    shop.now.advance(ahead)
    with pytest.raises(PushNotAuthentic):
        CHANNEL.read_push(APP, request(*AgisoSimulator(shop).push_paid(shop, order)))


def test_a_push_that_repeats_after_an_outage_is_taken(shop: Shop, order: Order) -> None:
    shop.now.advance(-timedelta(hours=6))
    (push,) = CHANNEL.read_push(APP, request(*AgisoSimulator(shop).push_paid(shop, order)))
    assert push.order_id == order.order_id


@pytest.mark.parametrize(
    "text", ["", "7", "[]", "not json", '{"Tid":null}', '{"Tid":1.5}', "[" * 100_000]
)
def test_a_signed_push_that_can_not_be_read_is_refused(text: str) -> None:
    with pytest.raises(PushNotAuthentic):
        CHANNEL.read_push(APP, signed(text))


@pytest.mark.parametrize("stamp", ["", "soon", "99999999999999999999", "1e9"])
def test_a_time_that_can_not_be_read_is_refused(stamp: str) -> None:
    with pytest.raises(PushNotAuthentic):
        CHANNEL.read_push(APP, signed('{"Tid":1}', timestamp=stamp))


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"content=1", b"&".join([b"a=1"] * 50)])
def test_a_push_without_its_form_is_refused(body: bytes) -> None:
    with pytest.raises(PushNotAuthentic):
        CHANNEL.read_push(APP, request(body, "timestamp=1&sign=1"))


def test_the_bridge_hears_that_a_push_was_taken() -> None:
    reply = CHANNEL.reply(())
    assert (reply.status, json.loads(reply.body)["success"]) == (200, True)
