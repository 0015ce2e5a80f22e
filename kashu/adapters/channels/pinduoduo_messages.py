"""Pinduoduo's message service (PMC), over a socket. Wanted by the option `messages` = `socket`.

That it is a WebSocket, that messages are acknowledged and kept for seven days, and that a repeat
may have another id, rests on copies of the platform's guide; frames and address on clients' code.
"""

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import msgspec
import structlog

from kashu.adapters.channels.pinduoduo_gateway import NAME, UNREADABLE, call, unclear
from kashu.adapters.channels.pinduoduo_signing import message_path
from kashu.channels.channel import Link, Push, Signal
from kashu.channels.streaming import Stream, Told
from kashu.core.clock import Clock
from kashu.core.sockets import Frame, Socket, Sockets

SOCKET: Final = "socket"
ADDRESS: Final = "wss://message-api.pinduoduo.com"
BEAT_EVERY_S: Final = 5.0  # as two clients do; the platform's own beats every ten

# What a frame is. One client reads numbers, the others texts: we read both, and send texts.
MESSAGE: Final = frozenset({"Common", 3})
ANSWERS: Final = frozenset({"HeartBeat", "Ack", 0, 1})

# What makes an order worth reading. Our own doings, and what changes nothing for us, are left out.
ORDERS: Final = frozenset(
    {
        "pdd_trade_TradeConfirmed",
        "pdd_trade_TradeRiskChanged",
        "pdd_trade_BuyerMemoModified",
    }
)
REFUNDS: Final = frozenset(
    {
        "pdd_refund_RefundCreated",
        "pdd_refund_RefundCreateMessage",
        "pdd_refund_RefundAgreeAgreement",
        "pdd_refund_RefundClosed",
        "pdd_refund_RefundBuyerModifyAgreement",
        "pdd_refund_RefundBuyerReturnGoods",
    }
)
NOT_OURS: Final = frozenset(
    {
        "pdd_trade_TradeSellerShip",
        "pdd_trade_TradeSuccess",
        "pdd_trade_TradeLogisticsAddressChanged",
        "pdd_trade_TradeMemoModified",
        "pdd_goods_GoodsOnShelf",
        "pdd_goods_GoodsOffShelf",
        "pdd_goods_GoodsAdd",
        "pdd_goods_GoodsUpdate",
        "pdd_goods_GoodsDelete",
        "pdd_goods_GoodsCheckReject",
    }
)

_ORDER_SN = re.compile(r"[\w-]{1,64}", re.ASCII)
_NUMBER = re.compile(r"\d{1,30}", re.ASCII)
_WORD = re.compile(r"[^\w.]", re.ASCII)

_log = structlog.get_logger()


class _Done(msgspec.Struct):
    is_success: bool


class _Message(msgspec.Struct):
    type: str
    mallID: int | str  # noqa: N815  (the platform's word)
    content: str = ""


class _Envelope(msgspec.Struct, rename="camel"):
    command_type: str | int
    id: int | str | None = None
    send_time: int | None = None
    message: _Message | None = None


class _Content(msgspec.Struct):
    tid: int | str = ""
    mall_id: int | str = ""
    refund_id: int | str = ""


class MessageUnreadable(ValueError):
    """It can't be read; says which kind of trouble it is."""


def streams(options: Mapping[str, str]) -> bool:
    """Whether messages are wanted."""
    return options.get("messages", "") == SOCKET


async def permit_stream(link: Link) -> None:
    """Admit the shop, with all topics that the application has subscribed to in its console."""
    done = await call(link, "pdd.pmc.user.permit", {}, _Done)
    if not done.is_success:
        raise unclear("is_success: false")


@asynccontextmanager
async def stream(link: Link, sockets: Sockets) -> AsyncIterator[Stream]:
    """Open a stream; a heart beats on it."""
    app = link.app
    address = "ws" + app.base_url.rstrip("/").removeprefix("http") if app.base_url else ADDRESS
    path = message_path(app.key, str(_milliseconds(link.now)), app.secret)

    def beat() -> str:
        at = _milliseconds(link.now)
        return msgspec.json.encode({"id": at, "commandType": "HeartBeat", "time": at}).decode()

    async with sockets.open(address + path) as socket, socket.beating(BEAT_EVERY_S, beat):
        yield _Listened(socket, link.now)


def _milliseconds(now: Clock) -> int:
    return int(now().timestamp() * 1000)


class _Listened:
    """Messages that come over the socket."""

    def __init__(self, socket: Socket, now: Clock) -> None:
        self._socket, self._now = socket, now

    async def told(self) -> Told:
        """Wait for messages among the frames."""
        while True:
            told = _told(await self._socket.receive())
            if told.receipts:
                return told

    async def taken(self, told: Told) -> None:
        """Acknowledge them, one by one."""
        for receipt in told.receipts:
            ack = msgspec.json.decode(str(receipt), type=dict[str, str | int | None])
            ack["time"] = _milliseconds(self._now)
            await self._socket.send(msgspec.json.encode(ack).decode())


def _told(frames: Iterable[Frame]) -> Told:
    """What can't be read but has an id is acknowledged, too: it would come again as it is."""
    pushes, receipts = [], []
    for frame in frames:
        try:
            envelope = msgspec.json.decode(frame, type=_Envelope)
            if envelope.command_type in ANSWERS:
                continue
            message = _message_in(envelope)
        except UNREADABLE:
            _drop("frame")
            continue
        except MessageUnreadable as error:
            _drop(str(error))
            continue
        receipts.append(_receipt(envelope, message))
        try:
            pushes.append(_push(str(envelope.id), message))
        except MessageUnreadable as error:
            _drop(str(error))
    return Told(tuple(pushes), tuple(receipts))


def _message_in(envelope: _Envelope) -> _Message:
    if envelope.command_type not in MESSAGE:
        raise MessageUnreadable("command")
    if envelope.id is None or envelope.message is None:
        raise MessageUnreadable("no message")
    return envelope.message


def _receipt(envelope: _Envelope, message: _Message) -> str:
    """All that an acknowledgement says, but when."""
    ack = {
        "id": envelope.id,
        "commandType": "Ack",
        "sendTime": envelope.send_time,
        "type": message.type,
        "mallID": message.mallID,
    }
    return msgspec.json.encode(ack).decode()


def _push(event_id: str, message: _Message) -> Push:
    """Read what a message is about. Raises: MessageUnreadable."""
    shop_id = str(message.mallID)
    if not _NUMBER.fullmatch(shop_id):
        raise MessageUnreadable("no shop")
    if message.type in NOT_OURS:
        return Push(Signal.OTHER, shop_id, event_id)
    if message.type not in ORDERS | REFUNDS:
        raise MessageUnreadable(f"topic {_WORD.sub('', message.type)[:60]}")
    try:
        content = msgspec.json.decode(message.content, type=_Content)
    except (*UNREADABLE, ValueError) as error:
        raise MessageUnreadable("content") from error
    if str(content.mall_id or shop_id) != shop_id:
        raise MessageUnreadable("two shops")
    order_id = str(content.tid)
    if not _ORDER_SN.fullmatch(order_id):
        raise MessageUnreadable("no order")
    signal = Signal.ORDER if message.type in ORDERS else Signal.REFUND
    return Push(signal, shop_id, event_id, order_id, str(content.refund_id)[:60])


def _drop(trouble: str) -> None:
    _log.warning("message_dropped", channel=NAME, trouble=trouble)
