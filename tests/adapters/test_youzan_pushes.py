"""Youzan's pushes: authentic ones are read, all others refused."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from kashu.channels.channel import Push, PushRequest, Signal
from kashu.channels.errors import PushNotAuthentic
from kashu.core.secrets import Secret
from kashu.simulators.shop import Order
from kashu.simulators.youzan_wire import event_sign
from tests.adapters.youzan_shop import CHANNEL, SHOP_ID, Street, street


@pytest.fixture
async def shop() -> AsyncIterator[Street]:
    async with street(virtual=False) as opened:
        yield opened


@pytest.fixture
def sold(shop: Street) -> Order:
    return shop.shop.sell((shop.month(), 2))


def request(body: bytes, headers: dict[str, str]) -> PushRequest:
    return PushRequest("POST", "/v1/pushes/youzan", "", headers, body)


async def test_a_push_says_which_order_to_read(shop: Street, sold: Order) -> None:
    for kind in ("trade_TradePaid", "trade_TradeClose", "trade_TradeMemoModified"):
        pushes = CHANNEL.read_push(
            shop.link.app, request(*shop.platform.push(shop.shop, sold, kind))
        )
        assert len(pushes) == 1
        assert (pushes[0].signal, pushes[0].shop_id) == (Signal.ORDER, SHOP_ID)
        assert pushes[0].order_id == sold.order_id
        assert pushes[0].event_id
    reply = CHANNEL.reply(())
    assert (reply.status, b"success" in reply.body) == (200, True)


async def test_a_push_says_which_refund_to_read(shop: Street, sold: Order) -> None:
    refund = shop.shop.ask_refund(sold)
    (push,) = CHANNEL.read_push(
        shop.link.app, request(*shop.platform.push_refund(shop.shop, refund))
    )
    assert (push.signal, push.order_id, push.refund_id) == (
        Signal.REFUND,
        sold.order_id,
        refund.refund_id,
    )


async def test_a_push_about_something_else_is_none_of_our_business(
    shop: Street, sold: Order
) -> None:
    for kind in ("ITEM_INFO", "youzan_item_SkuStockChanged", "trade_TradeNew"):
        (push,) = CHANNEL.read_push(
            shop.link.app, request(*shop.platform.push(shop.shop, sold, kind))
        )
        assert push == Push(Signal.OTHER, SHOP_ID, push.event_id)


async def test_every_changed_byte_of_a_push_is_refused(shop: Street, sold: Order) -> None:
    body, headers = shop.platform.push(shop.shop, sold)
    for at in range(0, len(body), 7):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        with pytest.raises(PushNotAuthentic):
            CHANNEL.read_push(shop.link.app, request(changed, headers))
    for wrong in ({}, {"event-sign": ""}, {"event-sign": "签"}, headers | {"client-id": "x"}):
        with pytest.raises(PushNotAuthentic):
            CHANNEL.read_push(shop.link.app, request(body, wrong))
    other = replace(shop.link.app, secret=Secret("another"))
    with pytest.raises(PushNotAuthentic):
        CHANNEL.read_push(other, request(body, headers))


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"client_id": "x", "kdt_id": 1, "type": "t"}', b"\xff\xfe"],
)
async def test_what_is_signed_and_can_not_be_read_is_refused(shop: Street, body: bytes) -> None:
    signature = event_sign(shop.platform.client_id, body, shop.platform.client_secret)
    with pytest.raises(PushNotAuthentic):
        CHANNEL.read_push(shop.link.app, request(body, {"event-sign": signature}))


async def test_a_push_repeated_carries_its_number_again(shop: Street, sold: Order) -> None:
    body, headers = shop.platform.push(shop.shop, sold)
    first = CHANNEL.read_push(shop.link.app, request(body, headers))
    again = CHANNEL.read_push(shop.link.app, request(body, headers))
    assert first == again


async def test_a_check_of_the_address_is_answered_and_means_nothing(shop: Street) -> None:
    told = {
        "client_id": shop.platform.client_id,
        "kdt_id": 1,
        "type": "trade_TradePaid",
        "id": "E1",
    }
    body = json.dumps(told | {"test": True}).encode()
    signature = event_sign(shop.platform.client_id, body, shop.platform.client_secret)
    (push,) = CHANNEL.read_push(shop.link.app, request(body, {"event-sign": signature}))
    assert push == Push(Signal.OTHER, "", "")


async def test_the_older_signature_is_taken_only_where_the_options_say_so(shop: Street) -> None:
    message = "%7B%22tid%22%3A%22E1%22%7D"
    sign = event_sign(shop.platform.client_id, message.encode(), shop.platform.client_secret)
    told = {"client_id": shop.platform.client_id, "kdt_id": 1, "type": "trade_TradePaid"}
    body = json.dumps(told | {"msg": message, "sign": sign}).encode()
    older = shop.options(push_sign="body").app
    (push,) = CHANNEL.read_push(older, request(body, {}))
    assert (push.signal, push.order_id) == (Signal.ORDER, "E1")
    with pytest.raises(PushNotAuthentic):
        CHANNEL.read_push(shop.link.app, request(body, {}))
    with pytest.raises(PushNotAuthentic):
        CHANNEL.read_push(older, request(re.sub(b"E1", b"E2", body), {}))
    for other in ({"msg": {}, "sign": sign}, {"msg": message}, {"msg": message, "sign": "x"}):
        with pytest.raises(PushNotAuthentic):
            CHANNEL.read_push(older, request(json.dumps(told | other).encode(), {}))
