"""Voucher notices, which Taobao posts to us: believed only if signed, fresh and switched on."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

import pytest

from kashu.adapters.channels.taobao import TaobaoChannel
from kashu.channels.channel import App, PushRequest, Signal
from kashu.channels.errors import PushNotAuthentic
from kashu.core.secrets import Secret
from kashu.simulators.shop import Order, Shop
from kashu.simulators.taobao import APP_KEY, APP_SECRET, NOTICE_KEY, TaobaoSimulator
from tests.adapters.taobao_shop import SHOP_ID, VOUCHERS

CHANNEL = TaobaoChannel()
APP = App(APP_KEY, Secret(APP_SECRET), options=VOUCHERS)


@pytest.fixture
def platform() -> TaobaoSimulator:
    return TaobaoSimulator(Shop(SHOP_ID, "卡枢专营店"))


@pytest.fixture
def sold(platform: TaobaoSimulator) -> Order:
    shop = platform.shops[0]
    return shop.sell((shop.offer("门票", 9900), 2))


def posted(body: bytes) -> PushRequest:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return PushRequest("POST", "/push/taobao", "", headers, body)


def refused(body: bytes, app: App = APP) -> str:
    with pytest.raises(PushNotAuthentic) as told:
        CHANNEL.read_push(app, posted(body))
    words = told.value.text("zh") + repr(told.value)
    assert NOTICE_KEY not in words
    return str(told.value.facts["why"])


@pytest.mark.parametrize("method", ["send", "resend", "cancel", "modified", "order_modify"])
def test_a_notice_names_its_order_and_its_token(
    platform: TaobaoSimulator, sold: Order, method: str
) -> None:
    (push,) = CHANNEL.read_push(APP, posted(platform.voucher_notice(sold, method=method)))
    assert (push.signal, push.shop_id, push.order_id) == (Signal.ORDER, SHOP_ID, sold.order_id)
    assert push.event_id == platform.sellers[SHOP_ID].voucher_tokens[sold.order_id]
    assert push.at is not None
    assert CHANNEL.reply([push]).body == b'{"code":200}'


def test_a_repeated_notice_carries_the_same_token(platform: TaobaoSimulator, sold: Order) -> None:
    (first,) = CHANNEL.read_push(APP, posted(platform.voucher_notice(sold)))
    (again,) = CHANNEL.read_push(APP, posted(platform.voucher_notice(sold)))
    assert first.event_id == again.event_id


def test_a_notice_about_something_else_is_none_of_our_business(
    platform: TaobaoSimulator, sold: Order
) -> None:
    (push,) = CHANNEL.read_push(APP, posted(platform.voucher_notice(sold, method="news")))
    assert push.signal is Signal.OTHER


def test_another_shops_notice_names_that_shop(sold: Order) -> None:
    other = TaobaoSimulator(Shop("2200000000002", "别家"))
    (push,) = CHANNEL.read_push(APP, posted(other.voucher_notice(sold)))
    assert push.shop_id == "2200000000002"


def test_a_changed_byte_anywhere_is_refused(platform: TaobaoSimulator, sold: Order) -> None:
    told = dict(parse_qsl(platform.voucher_notice(sold).decode()))
    for name, value in told.items():
        changed = told | {name: value[:-1] + chr(ord(value[-1]) ^ 1)}
        assert refused(urlencode(changed).encode()) == "sign", name
    assert refused(urlencode(told | {"more": "1"}).encode()) == "sign"
    del told["sign"]
    assert refused(urlencode(told).encode()) == "sign"


def test_an_old_notice_is_refused(platform: TaobaoSimulator, sold: Order) -> None:
    platform.now.advance(-timedelta(minutes=11))
    assert refused(platform.voucher_notice(sold)) == "too old"


def test_a_notice_signed_with_another_key_is_refused(sold: Order) -> None:
    other = TaobaoSimulator(Shop(SHOP_ID, "x"), notice_key="another")
    assert refused(other.voucher_notice(sold)) == "sign"


@pytest.mark.parametrize(
    "options", [{}, {"vouchers": "first_generation"}, {"voucher_notice_key": NOTICE_KEY}]
)
def test_without_the_switch_and_the_key_every_notice_is_refused(
    platform: TaobaoSimulator, sold: Order, options: dict[str, str]
) -> None:
    assert refused(platform.voucher_notice(sold), replace(APP, options=options))


@pytest.mark.parametrize(
    "body",
    [b"", b"sign=", b"\xff\xfe", b"sign=%ff", b"&" * 5000, b"sign=%E5%8D%A1", b"a=1&a=2&sign=x"],
)
def test_what_is_no_notice_is_refused(body: bytes) -> None:
    refused(body)


def test_the_notice_key_is_not_printed_with_the_app() -> None:
    assert NOTICE_KEY not in repr(APP)
