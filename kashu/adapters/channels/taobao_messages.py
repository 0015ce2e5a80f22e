"""Taobao's message service (TMC): pulled over HTTP, or over a socket. By the option `messages`.

`pull` rests on the platform's own descriptions. `socket` rests on other people's code, which goes
there without TLS; we only go with it, and whether the platform answers so is unknown.
`messages_group`: the group to listen as; without it, the application's default.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec
import structlog

from kashu.adapters.channels.taobao_calls import NAME, call, unclear
from kashu.adapters.channels.taobao_frames import (
    KIND,
    Frame,
    FrameType,
    FrameUnreadable,
    Kind,
    Value,
    connect_frame,
    read_frame,
    write_frame,
)
from kashu.channels.channel import App, Link, Push, Signal
from kashu.channels.errors import AppRefused
from kashu.channels.streaming import Stream, Told
from kashu.core.sockets import Frame as SocketFrame
from kashu.core.sockets import Socket, SocketClosed, Sockets

PULL: Final = "pull"
SOCKET: Final = "socket"
ADDRESS: Final = "wss://mc.api.taobao.com/"
SANDBOX: Final = "wss://mc.api.tbsandbox.com/"

PULLED_AT_ONCE: Final = 100  # the platform: 10 to 200
PAUSE_S: Final = 1.0  # after nothing was there; the platform asks for a pause, of 100 ms or so
ASK_EVERY_S: Final = 5.0  # on a socket, as tmc.js does; it also keeps the connection alive
CONNECTED_S: Final = 10.0

# What makes an order worth reading. Our own doings, and what changes nothing for us, are left out.
ORDERS: Final = frozenset(
    "taobao_trade_" + each
    for each in (
        "TradeBuyerPay",
        "TradeBuyerStepPay",
        "TradeChanged",
        "TradeClose",
        "TradeCloseAndModifyDetailOrder",
        "TradePartlyRefund",
    )
)
REFUNDS: Final = frozenset(
    "taobao_refund_" + each
    for each in (
        "RefundCreated",
        "RefundSuccess",
        "RefundClosed",
        "RefundSellerAgreeAgreement",
        "RefundSellerRefuseAgreement",
        "RefundBuyerModifyAgreement",
        "RefundBuyerReturnGoods",
    )
)
NOT_OURS: Final = frozenset(
    [
        *(
            "taobao_trade_" + each
            for each in (
                "TradeCreate",
                "TradeSellerShip",
                "TradePartlySellerShip",
                "TradeSuccess",
                "TradeMemoModified",
                "TradeModifyFee",
            )
        ),
        *(
            "taobao_item_" + each
            for each in (
                "ItemUpdate",
                "ItemStockChanged",
                "ItemZeroStock",
                "ItemSkuZeroStock",
                "ItemUpshelf",
                "ItemDownshelf",
                "ItemDelete",
            )
        ),
    ]
)

_NUMBER = re.compile(r"\d{1,30}", re.ASCII)
_WORD = re.compile(r"[^\w.]", re.ASCII)

_log = structlog.get_logger()


class _Content(msgspec.Struct):
    tid: int | str = ""
    refund_id: int | str = ""


class _Message(msgspec.Struct):
    id: int
    topic: str = ""
    content: str = ""
    user_id: int | str = ""


class _MessageList(msgspec.Struct):
    tmc_message: list[msgspec.Raw] = []


class _Messages(msgspec.Struct):
    messages: _MessageList = msgspec.field(default_factory=_MessageList)


class _Done(msgspec.Struct):
    is_success: bool


def streams(options: Mapping[str, str]) -> bool:
    """Whether messages are wanted."""
    return options.get("messages", "") in {PULL, SOCKET}


async def permit_stream(link: Link) -> None:
    """Admit the shop, with all topics that the application has subscribed to in its console."""
    done = await call(link, "taobao.tmc.user.permit", _Done, {})
    if not done.is_success:
        raise unclear("is_success false")


@asynccontextmanager
async def stream(link: Link, sockets: Sockets) -> AsyncIterator[Stream]:
    """Open a stream, of either kind. Raises also: AppRefused."""
    if link.app.options.get("messages") == PULL:
        yield _Pulled(link)
        return
    async with sockets.open(_address(link.app)) as socket:
        token, first = await _connect(link, socket)
        ask = write_frame(Frame(FrameType.SEND, {KIND: Kind.PULL}, token))
        async with socket.beating(ASK_EVERY_S, lambda: ask):
            yield _Listened(socket, token, first)


class MessageUnreadable(ValueError):
    """It can't be read; says which kind of trouble it is."""


def read_message(message: _Message) -> Push:
    """Read what a message is about. Raises: MessageUnreadable."""
    shop_id = str(message.user_id)
    if not _NUMBER.fullmatch(shop_id):
        raise MessageUnreadable("no shop")
    event_id = str(message.id)
    if message.topic in NOT_OURS:
        return Push(Signal.OTHER, shop_id, event_id)
    if message.topic not in ORDERS | REFUNDS:
        raise MessageUnreadable(f"topic {_WORD.sub('', message.topic)[:60]}")
    try:
        content = msgspec.json.decode(message.content, type=_Content)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MessageUnreadable("content") from error
    order_id = str(content.tid)
    if not _NUMBER.fullmatch(order_id):
        raise MessageUnreadable("no order")
    signal = Signal.ORDER if message.topic in ORDERS else Signal.REFUND
    return Push(signal, shop_id, event_id, order_id, str(content.refund_id)[:60])


def _told(messages: Iterable[_Message]) -> Told:
    """What can't be read is acknowledged, too: it would come again, and again be unreadable."""
    pushes, receipts = [], []
    for message in messages:
        receipts.append(message.id)
        try:
            pushes.append(read_message(message))
        except MessageUnreadable as error:
            _drop(str(error))
    return Told(tuple(pushes), tuple(receipts))


def _drop(trouble: str) -> None:
    _log.warning("message_dropped", channel=NAME, trouble=trouble)


class _Pulled:
    """Messages asked for over HTTP, by documented calls."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._group = {"group_name": link.app.options.get("messages_group", "")}

    async def told(self) -> Told:
        """Ask until something is there."""
        asked = self._group | {"quantity": str(PULLED_AT_ONCE)}
        while True:
            answer = await call(self._link, "taobao.tmc.messages.consume", _Messages, asked)
            told = _told(_readable(answer.messages.tmc_message))
            if told.receipts:
                return told
            await asyncio.sleep(PAUSE_S)

    async def taken(self, told: Told) -> None:
        """Confirm them. What isn't comes again after some minutes."""
        ids = ",".join(map(str, told.receipts))
        asked = self._group | {"s_message_ids": ids}
        done = await call(self._link, "taobao.tmc.messages.confirm", _Done, asked)
        if not done.is_success:
            raise unclear("is_success false")


def _readable(told: Iterable[msgspec.Raw]) -> Iterable[_Message]:
    for each in told:
        try:
            yield msgspec.json.decode(each, type=_Message)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            _drop("message")


class _Listened:
    """Messages that come over a socket."""

    def __init__(self, socket: Socket, token: str, first: Sequence[SocketFrame]) -> None:
        self._socket, self._token, self._first = socket, token, first

    async def told(self) -> Told:
        """Wait for messages among the frames."""
        while True:
            frames, self._first = self._first or await self._socket.receive(), ()
            told = _told(_messages_in(frames))
            if told.receipts:
                return told

    async def taken(self, told: Told) -> None:
        """Confirm them, one by one."""
        for receipt in told.receipts:
            fields: dict[str, Value] = {KIND: Kind.CONFIRM, "id": receipt}
            await self._socket.send(write_frame(Frame(FrameType.SEND, fields, self._token)))


def _messages_in(frames: Iterable[SocketFrame]) -> Iterable[_Message]:
    for each in frames:
        frame = _frame(each)
        if frame is None or frame.type != FrameType.SEND:
            continue
        told = dict(frame.fields)
        if told.get(KIND) != Kind.MESSAGE:
            _drop("kind")
            continue
        try:
            told["user_id"] = told.get("userid", "")
            yield msgspec.convert(told, _Message)
        except msgspec.MsgspecError:
            _drop("message")


def _frame(told: SocketFrame) -> Frame | None:
    try:
        if isinstance(told, bytes):
            return read_frame(told)
    except FrameUnreadable:
        pass
    _drop("frame")
    return None


async def _connect(link: Link, socket: Socket) -> tuple[str, Sequence[SocketFrame]]:
    """Say who we are; return the token for every later frame, and what came with it.

    Raises: AppRefused, SocketClosed.
    """
    app = link.app
    group = app.options.get("messages_group", "") or "default"
    at = str(int(link.now().timestamp() * 1000))
    await socket.send(write_frame(connect_frame(app.key, group, at, app.secret)))
    try:
        async with asyncio.timeout(CONNECTED_S):
            while True:
                frames = await socket.receive()
                for place, each in enumerate(frames, 1):
                    frame = _frame(each)
                    if frame is not None and frame.type == FrameType.CONNECTED:
                        if frame.status or not frame.token:
                            raise AppRefused(channel=NAME, said=f"TMC {frame.status}")
                        return frame.token, frames[place:]
    except TimeoutError as error:
        raise SocketClosed(host=NAME, why="no answer to CONNECT") from error


def _address(app: App) -> str:
    if app.base_url:
        return "ws" + app.base_url.rstrip("/").removeprefix("http") + "/"
    return SANDBOX if app.options.get("sandbox") == "yes" else ADDRESS
