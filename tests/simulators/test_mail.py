"""The simulated message services are strict: about who calls, when, and who falls silent."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from kashu.simulators import pinduoduo, taobao
from kashu.simulators.faults import App
from kashu.simulators.mailbox import Mailbox, News
from kashu.simulators.pinduoduo import PinduoduoSimulator
from kashu.simulators.serving import serving
from kashu.simulators.shop import Order, OrderState, Shop
from kashu.simulators.taobao import TaobaoSimulator
from kashu.simulators.taobao_mail_wire import pack, unpack

LATER = timedelta(minutes=1)


@pytest.fixture
def shop() -> Shop:
    return Shop("2200000000001", "卡枢旗舰店")


def sell(shop: Shop) -> Order:
    return shop.sell((shop.offer("会员月卡", 1_980), 1))


@asynccontextmanager
async def calling(platform: App, path: str) -> AsyncIterator[ClientConnection]:
    """Call a simulator with a client that isn't ours."""
    async with (
        serving(platform) as url,
        connect("ws" + url.removeprefix("http") + path, proxy=None) as opened,
    ):
        yield opened


def hello(shop: Shop, **changes: str) -> bytes:
    at = str(int(shop.now().timestamp() * 1000))
    told = {"app_key": taobao.APP_KEY, "group_name": "default", "timestamp": at} | changes
    secret = taobao.APP_SECRET
    text = secret + "".join(name + value for name, value in told.items()) + secret
    told["sign"] = hashlib.md5(text.encode()).hexdigest().upper()  # noqa: S324  (theirs)
    return pack(0, list((told | changes).items()))


async def heard(opened: ClientConnection) -> dict[str, Any]:
    told = await opened.recv()
    assert isinstance(told, bytes)
    return unpack(told)


async def let_in(opened: ClientConnection, shop: Shop) -> str:
    await opened.send(hello(shop))
    token = (await heard(opened))["token"]
    assert isinstance(token, str)
    return token


def knock(shop: Shop, *, late: timedelta = timedelta(), secret: str = "") -> str:
    at = str(int((shop.now() - late).timestamp() * 1000))
    text = pinduoduo.CLIENT_ID + at + (secret or pinduoduo.CLIENT_SECRET)
    digest = hashlib.md5(text.encode()).hexdigest()  # noqa: S324  (theirs)
    encoded = quote(base64.b64encode(digest.encode()).decode(), safe="")
    return f"/message/{pinduoduo.CLIENT_ID}/{at}/{encoded}"


async def test_who_is_let_in_at_taobao_is_told_after_asking(shop: Shop) -> None:
    platform = TaobaoSimulator(shop)
    platform.mail.permit(shop)
    async with calling(platform, "/") as opened:
        token = await let_in(opened, shop)
        sold = sell(shop)
        await opened.send(pack(2, [("__kind", 1)], token=token))
        told = await heard(opened)
        assert (told["fields"]["__kind"], told["fields"]["userid"]) == (3, shop.shop_id)
        assert json.loads(told["fields"]["content"])["tid"] == int(sold.order_id)
        await opened.send(pack(2, [("__kind", 2), ("id", told["fields"]["id"])], token=token))
        await opened.send(pack(2, [("__kind", 77)], token=token))  # and is then hung up on
        with pytest.raises(ConnectionClosed):
            await opened.recv()
    assert platform.mail.box.taken == [sold.order_id]


@pytest.mark.parametrize(
    "changes",
    [
        {"app_key": "somebody"},
        {"group_name": "nobody's"},
        {"timestamp": "1770000000123"},
        {"timestamp": "yesterday"},
        {"sign": "0" * 32},
    ],
    ids=str,
)
async def test_who_lies_to_taobao_hears_a_status_and_no_more(
    shop: Shop, changes: dict[str, str]
) -> None:
    platform = TaobaoSimulator(shop)
    platform.mail.permit(shop)
    sell(shop)
    async with calling(platform, "/") as opened:
        await opened.send(hello(shop, **changes))
        answer = await opened.recv()
        assert isinstance(answer, bytes)
        assert answer[:4] == bytes((2, 1, 2, 0))  # a status follows
        with pytest.raises(ConnectionClosed):
            await opened.recv()
    assert platform.mail.box.told == []


async def test_a_frame_without_the_token_is_the_last(shop: Shop) -> None:
    platform = TaobaoSimulator(shop)
    async with calling(platform, "/") as opened:
        await let_in(opened, shop)
        await opened.send(pack(2, [("__kind", 1)], token="another"))
        with pytest.raises(ConnectionClosed):
            await opened.recv()


@pytest.mark.parametrize("said", [b"", b"\x02", b"\x01\x00\x00\x00", "text", b"\xff" * 60])
async def test_what_is_no_frame_of_taobaos_is_the_last(shop: Shop, said: str | bytes) -> None:
    async with calling(TaobaoSimulator(shop), "/") as opened:
        await opened.send(said)
        with pytest.raises(ConnectionClosed):
            await opened.recv()


async def test_who_falls_silent_is_hung_up_on(shop: Shop) -> None:
    of_taobao, of_pinduoduo = TaobaoSimulator(shop), PinduoduoSimulator(shop)
    of_taobao.mail.silent_s = of_pinduoduo.mail.silent_s = 0.05
    async with calling(of_taobao, "/") as opened:
        token = await let_in(opened, shop)
        await opened.send(pack(2, [("__kind", 1)], token=token))
        with pytest.raises(ConnectionClosed):
            await opened.recv()
    async with calling(of_pinduoduo, knock(shop)) as opened:
        with pytest.raises(ConnectionClosed):
            await opened.recv()


@pytest.mark.parametrize(
    "lie", [{"late": timedelta(minutes=11)}, {"secret": "another"}, None], ids=str
)
async def test_who_lies_to_pinduoduo_is_not_let_in(shop: Shop, lie: dict[str, Any] | None) -> None:
    path = "/message/elsewhere" if lie is None else knock(shop, **lie)
    with pytest.raises(InvalidStatus) as refused:
        async with calling(PinduoduoSimulator(shop), path):
            pass
    assert refused.value.response.status_code == 403


async def test_pinduoduo_tells_again_what_was_not_acknowledged_by_another_number(
    shop: Shop,
) -> None:
    platform = PinduoduoSimulator(shop)
    platform.mail.permit(shop)
    sold = sell(shop)
    async with calling(platform, knock(shop)) as opened:
        first = json.loads(await opened.recv())
        shop.now.advance(LATER)
        again = json.loads(await opened.recv())
        assert first["id"] != again["id"]
        assert first["message"] == again["message"]
        assert json.loads(again["message"]["content"])["tid"] == sold.order_id
        await opened.send(json.dumps({"commandType": "HeartBeat", "id": 1, "time": 1}))
        assert json.loads(await opened.recv())["commandType"] == "HeartBeat"
        ack = {"id": again["id"], "commandType": "Ack", "time": 1, "sendTime": again["sendTime"]}
        message = {"type": again["message"]["type"], "mallID": again["message"]["mallID"]}
        await opened.send(json.dumps(ack | message))
        await opened.send(json.dumps(ack))  # not a whole one: the last
        with pytest.raises(ConnectionClosed):
            await opened.recv()
    assert platform.mail.box.taken == [sold.order_id]


def test_only_shops_that_were_admitted_have_letters(shop: Shop) -> None:
    box = Mailbox([shop], shop.now, again_after=LATER)
    sell(shop)
    assert box.waiting == 0
    box.admitted.add(shop.shop_id)
    sell(shop)
    assert box.waiting == 1


def test_each_change_is_one_letter(shop: Shop) -> None:
    box = Mailbox([shop], shop.now, again_after=LATER)
    box.admitted.add(shop.shop_id)
    sold = shop.sell((shop.offer("会员月卡", 1_980), 1), paid=False)
    shop.pay(sold)
    shop.show(sold, "nothing that anybody is told of")
    shop.set_state(sold, OrderState.HELD)
    shop.set_state(sold, OrderState.PAID)
    shop.ship(sold)
    shop.settle_refund(shop.ask_refund(sold), agree=True)
    assert [letter.news for letter in box.due()] == [
        News.CREATED,
        News.PAID,
        News.REVIEWED,
        News.REVIEWED,
        News.SHIPPED,
        News.REFUND_ASKED,
        News.REFUND_DONE,
        News.CLOSED,
    ]
    assert box.due() == []
    shop.now.advance(LATER)
    assert len(box.due()) == 8
