"""What Youzan pushes. Nothing of a push is believed but whom it is about."""

from typing import Any, Final
from urllib.parse import unquote

import msgspec

from kashu.adapters.channels.youzan_signing import is_signed
from kashu.channels.channel import App, Push, PushRequest, Signal
from kashu.channels.errors import PushNotAuthentic

_ORDERS: Final = frozenset(
    {
        "trade_TradeCreate",
        "trade_TradePaid",
        "trade_TradeBuyerPay",
        "trade_TradePartlySellerShip",
        "trade_TradeSellerShip",
        "trade_TradeSuccess",
        "trade_TradeClose",
        "trade_TradeMemoModified",
    }
)
_REFUNDS: Final = ("trade_refund_", "youzan_trade_Refund")


class _Body(msgspec.Struct):
    client_id: str
    kdt_id: int | str
    type: str
    msg: dict[str, Any] | str = ""
    id: int | str = ""
    msg_id: str = ""
    sign: str = ""
    test: bool = False


def read(app: App, request: PushRequest) -> tuple[Push, ...]:
    """Check that a push is Youzan's and for our application, and read it.

    A push tells no time that could be compared: an old one is known by its `msg_id`.
    Raises: PushNotAuthentic.
    """
    by_body = app.options.get("push_sign") == "body"
    if not by_body and not is_signed(
        app.key, app.secret, request.body, request.headers.get("event-sign", "")
    ):
        raise PushNotAuthentic(why="event-sign")
    try:
        body = msgspec.json.decode(request.body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PushNotAuthentic(why="body") from error
    if by_body and not (
        isinstance(body.msg, str)
        and is_signed(app.key, app.secret, body.msg.encode("utf-8", "replace"), body.sign)
    ):
        raise PushNotAuthentic(why="sign")
    if body.client_id != app.key or request.headers.get("client-id", app.key) != app.key:
        raise PushNotAuthentic(why="client_id")
    return (_push(body),)


def _push(body: _Body) -> Push:
    shop_id, event_id = str(body.kdt_id), body.msg_id
    if body.test:  # of the address only, and of whichever shop
        return Push(Signal.OTHER, "", event_id)
    told = _message(body.msg)
    order_id = _text(told.get("tid"))
    if body.type in _ORDERS:
        return Push(Signal.ORDER, shop_id, event_id, _text(body.id) or order_id)
    if body.type.startswith(_REFUNDS):
        refund_id = _text(told.get("refund_id"))
        return Push(Signal.REFUND, shop_id, event_id, order_id, refund_id)
    return Push(Signal.OTHER, shop_id, event_id)


def _message(told: dict[str, Any] | str) -> dict[str, Any]:
    """Read `msg`: an object, or the URL-encoded text of one."""
    if not isinstance(told, str):
        return told
    try:
        return msgspec.json.decode(unquote(told), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, UnicodeEncodeError):
        return {}


def _text(told: object) -> str:
    return str(told) if isinstance(told, str | int) and not isinstance(told, bool) else ""
