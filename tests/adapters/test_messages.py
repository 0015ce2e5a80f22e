"""Messages of Taobao and Pinduoduo: what each is about, and what becomes of those that can't be."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from kashu.adapters.channels import pinduoduo_messages, taobao_messages
from kashu.adapters.channels.pinduoduo import PinduoduoChannel
from kashu.adapters.channels.taobao import TaobaoChannel
from kashu.channels.channel import App, Grant, Link, Push, Signal
from kashu.channels.errors import AppRefused, ChannelUnclear, GrantLost
from kashu.channels.streaming import Stream, Told
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.core.sockets import SocketClosed, Sockets
from kashu.simulators import pinduoduo, taobao
from kashu.simulators.serving import serving
from kashu.simulators.shop import Order, OrderState, Shop
from kashu.simulators.taobao_mail_wire import pack

SHOP_ID = "2200000000001"


@dataclass(frozen=True, slots=True)
class Desk:
    """A message service, and an application that listens to it."""

    channel: Any
    platform: Any
    shop: Shop
    link: Link

    def stream(self, **options: str) -> AbstractAsyncContextManager[Stream]:
        app = replace(self.link.app, options={**self.link.app.options, **options})
        bare = replace(self.link, app=app, grant=None)
        stream: AbstractAsyncContextManager[Stream] = self.channel.stream(
            bare, Sockets(private_allowed=True)
        )
        return stream

    def with_secret(self, secret: str) -> "Desk":
        app = replace(self.link.app, secret=Secret(secret))
        return replace(self, link=replace(self.link, app=app))

    def sell(self) -> Order:
        return self.shop.sell((self.shop.offer("会员月卡", 1_980), 1))


@asynccontextmanager
async def standing(name: str, options: Mapping[str, str]) -> AsyncIterator[Desk]:
    shop = Shop(SHOP_ID, "卡枢旗舰店")
    http = Http(private_allowed=True)
    platform: Any
    if name == "taobao":
        platform, channel = taobao.TaobaoSimulator(shop), TaobaoChannel()
        key, secret, token = taobao.APP_KEY, taobao.APP_SECRET, platform.token()
    else:
        platform, channel = pinduoduo.PinduoduoSimulator(shop), PinduoduoChannel()  # type: ignore[assignment]
        key, secret = pinduoduo.CLIENT_ID, pinduoduo.CLIENT_SECRET
        token = platform.grant(shop)[0]
    async with serving(platform) as url:
        app = App(key, Secret(secret), url, options)
        link = Link(app, Grant(SHOP_ID, shop.name, Secret(token)), http, shop.now)
        yield Desk(channel, platform, shop, link)
    await http.close()


WAYS = {
    "taobao-socket": ("taobao", {"messages": "socket"}),
    "taobao-pull": ("taobao", {"messages": "pull"}),
    "pinduoduo-socket": ("pinduoduo", {"messages": "socket"}),
}
by_all = pytest.mark.parametrize("desk", WAYS.values(), ids=list(WAYS), indirect=True)
by_sockets = pytest.mark.parametrize(
    "desk", [WAYS["taobao-socket"], WAYS["pinduoduo-socket"]], ids=["taobao", "pdd"], indirect=True
)
by_taobao = pytest.mark.parametrize("desk", [WAYS["taobao-socket"]], ids=["tb"], indirect=True)
by_pulling = pytest.mark.parametrize("desk", [WAYS["taobao-pull"]], ids=["pull"], indirect=True)
by_pinduoduo = pytest.mark.parametrize("desk", [WAYS["pinduoduo-socket"]], ids=["p"], indirect=True)


@pytest.fixture
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    async with standing(*request.param) as opened:
        await opened.channel.permit_stream(opened.link)
        yield opened


async def take(stream: Stream) -> tuple[Push, ...]:
    told = await stream.told()
    await stream.taken(told)
    return told.pushes


async def pushes_until(stream: Stream, count: int) -> list[Push]:
    """Take until so many are told of that are to be read."""
    found: list[Push] = []
    while len(found) < count:
        found += [each for each in await take(stream) if each.signal is not Signal.OTHER]
    return found


@by_all
async def test_a_message_says_which_order_of_which_shop_to_read(desk: Desk) -> None:
    async with desk.stream() as stream:
        sold = desk.sell()
        (push,) = await pushes_until(stream, 1)
        assert (push.signal, push.shop_id) == (Signal.ORDER, SHOP_ID)
        assert push.order_id == sold.order_id  # beyond 2^53, to the last digit
        refund = desk.shop.ask_refund(sold)
        (push,) = await pushes_until(stream, 1)
        assert push.signal is Signal.REFUND
        assert (push.order_id, push.refund_id) == (sold.order_id, refund.refund_id)


@by_all
async def test_what_we_did_ourselves_is_not_worth_a_reading(desk: Desk) -> None:
    async with desk.stream() as stream:
        sold = desk.sell()
        await pushes_until(stream, 1)
        desk.shop.ship(sold)
        desk.shop.set_state(sold, OrderState.FINISHED)
        signals: list[Signal] = []
        while len(signals) < 2:
            signals += [each.signal for each in await take(stream)]
        assert signals == [Signal.OTHER, Signal.OTHER]


@by_all
async def test_what_is_not_acknowledged_comes_again(desk: Desk) -> None:
    async with desk.stream() as stream:
        sold = desk.sell()
        first = await stream.told()
        assert desk.platform.mail.box.waiting == 1
        desk.shop.now.advance(desk.platform.mail.box.again_after)
        again = await stream.told()
        assert [push.order_id for push in (*first.pushes, *again.pushes)] == [sold.order_id] * 2
        await stream.taken(again)
        for _ in range(3):
            if desk.platform.mail.box.waiting:
                await pushes_until(stream, 0)
    assert sold.order_id in desk.platform.mail.box.told[0]


@by_all
async def test_who_has_another_secret_is_let_in_by_nobody(desk: Desk) -> None:
    desk.sell()
    with pytest.raises((AppRefused, SocketClosed)) as refused:
        async with desk.with_secret("somebody else's").stream() as stream:
            await stream.told()
    assert "somebody" not in f"{refused.value!r} {refused.value.text('zh')}"
    assert desk.platform.mail.box.told == []


@by_sockets
async def test_who_is_ten_minutes_late_is_let_in_by_nobody(desk: Desk) -> None:
    late = replace(desk, link=replace(desk.link, now=Shop("1", "x").now))
    desk.shop.now.advance(taobao.CLOCKS_APART * 2)
    with pytest.raises((AppRefused, SocketClosed)):
        async with late.stream() as stream:
            await stream.told()


@by_all
async def test_a_shop_that_took_its_permission_back_can_not_be_admitted(desk: Desk) -> None:
    assert desk.link.grant is not None
    stranger = replace(desk.link.grant, access_token=Secret("nobody's"))
    with pytest.raises(GrantLost):
        await desk.channel.permit_stream(replace(desk.link, grant=stranger))


@by_all
async def test_it_listens_only_where_that_is_wanted(desk: Desk) -> None:
    assert desk.channel.streams(desk.link.app.options)
    assert not desk.channel.streams({})
    assert not desk.channel.streams({"messages": "no"})


BAD_FRAMES = [
    b"",
    b"\x02",
    b"\x03\x02\x00\x00",
    b"\x02\x02" + b"\x01\x00" * 40,
    pack(2, [("__kind", 3), ("id", "no number"), ("topic", "x")], token="t"),
    pack(2, [("__kind", 20), ("id", 5)], token="t"),
    pack(3, [], token="t"),
]


@by_taobao
async def test_frames_that_can_not_be_read_are_dropped_and_named(desk: Desk) -> None:
    bad = iter(BAD_FRAMES)
    desk.platform.mail.spoil = lambda frame: next(bad, frame)
    desk.platform.mail.box.again_after *= 0
    with capture_logs() as logs:
        async with desk.stream() as stream:
            sold = desk.sell()
            (push,) = await pushes_until(stream, 1)
    assert push.order_id == sold.order_id
    named = {each["trouble"] for each in logs if each["event"] == "message_dropped"}
    assert named == {"frame", "kind", "message"}


def letter(**fields: object) -> taobao_messages._Message:
    told = {"id": 7, "topic": "taobao_trade_TradeBuyerPay", "user_id": SHOP_ID} | fields
    return taobao_messages._Message(**{"content": '{"tid":42}', **told})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "trouble"),
    [
        ({"user_id": ""}, "no shop"),
        ({"user_id": "x" * 99}, "no shop"),
        ({"topic": "taobao_new_Thing!\n"}, "topic taobao_new_Thing"),
        ({"content": ""}, "content"),
        ({"content": "[" * 100_000}, "content"),
        ({"content": "<xml/>"}, "content"),
        ({"content": "\ud800"}, "content"),
        ({"content": '{"tid":{}}'}, "content"),
        ({"content": "{}"}, "no order"),
        ({"content": '{"tid":"42\\u0000"}'}, "no order"),
        ({"content": '{"tid":-1}'}, "no order"),
    ],
)
def test_a_message_of_taobao_that_can_not_be_is_taken_and_named(
    fields: dict[str, object], trouble: str
) -> None:
    with capture_logs() as logs:
        assert taobao_messages._told([letter(**fields)]) == Told((), (7,))
    assert [each["trouble"] for each in logs] == [trouble]


def common(message: object = None, **fields: object) -> str:
    said: object = message or {
        "type": "pdd_trade_TradeConfirmed",
        "mallID": int(SHOP_ID),
        "content": json.dumps({"mall_id": int(SHOP_ID), "tid": "260308-1"}),
    }
    told = {"id": 7, "commandType": "Common", "time": 1, "sendTime": 2, "message": said}
    return json.dumps(told | fields)


def about(**fields: object) -> dict[str, object]:
    told: dict[str, object] = {"type": "pdd_trade_TradeConfirmed", "mallID": int(SHOP_ID)}
    return told | {"content": '{"tid":"260308-1"}'} | fields


@pytest.mark.parametrize(
    ("frame", "trouble", "is_taken"),
    [
        ("", "frame", False),
        ("[" * 100_000, "frame", False),
        (b"\xff\xfe", "frame", False),
        ("{}", "frame", False),
        (common(commandType="Unheard"), "command", False),
        (common(id=None), "no message", False),
        (common(message={"type": 5}), "frame", False),
        (common(about(mallID="x")), "no shop", True),
        (common(about(type="pdd_new_Thing\n")), "topic pdd_new_Thing", True),
        (common(about(content="")), "content", True),
        (common(about(content='{"tid":"1","mall_id":9}')), "two shops", True),
        (common(about(content='{"tid":"1 OR 1"}')), "no order", True),
    ],
)
def test_a_message_of_pinduoduo_that_can_not_be_is_dropped_and_named(
    frame: str | bytes,
    trouble: str,
    is_taken: bool,
) -> None:
    with capture_logs() as logs:
        told = pinduoduo_messages._told([frame])
    assert (told.pushes, len(told.receipts)) == ((), int(is_taken))
    assert [each["trouble"] for each in logs] == [trouble]


def test_one_that_can_not_be_read_hides_no_other() -> None:
    told = pinduoduo_messages._told(["{", common(), common(about(content="")), common(id=8)])
    assert [push.event_id for push in told.pushes] == ["7", "8"]
    assert len(told.receipts) == 3


@by_pinduoduo
async def test_commands_may_be_numbers_as_well(desk: Desk) -> None:
    desk.platform.mail.numbered = True
    async with desk.stream() as stream:
        sold = desk.sell()
        (push,) = await pushes_until(stream, 1)
        assert push.order_id == sold.order_id


@by_pulling
async def test_no_more_is_pulled_at_once_than_can_be_confirmed_at_once(desk: Desk) -> None:
    async with desk.stream() as stream:
        for _ in range(230):
            desk.sell()
        assert len(await pushes_until(stream, 230)) == 230
    assert desk.platform.mail.box.waiting == 0


@by_taobao
async def test_a_group_that_nobody_made_is_refused(desk: Desk) -> None:
    with pytest.raises(AppRefused):
        async with desk.stream(messages_group="nobody's"):
            pass


@by_pulling
async def test_a_confirmation_that_failed_is_not_believed(desk: Desk) -> None:
    desk.platform.mail.confirm = lambda _: {"is_success": False}
    async with desk.stream() as stream:
        desk.sell()
        with pytest.raises(ChannelUnclear):
            await stream.taken(await stream.told())
