"""Read Weidian's pushes. The platform signs none as far as is known: a key in the address does."""

import hmac
from html import unescape
from typing import Final
from urllib.parse import parse_qs

import msgspec

from kashu.channels.channel import App, Push, PushRequest, Signal
from kashu.channels.errors import PushNotAuthentic

KIND: Final = "weidian.order."
ABOUT_ORDERS: Final = frozenset(
    KIND + kind
    for kind in (
        "non_payment",
        "already_payment",
        "delivered",
        "confirm_eceipt",  # as the platform spells it
        "confirm_receipt",
        "finished",
        "close",
        # A refund is read with its order: there is no list of refunds.
        "buyers_apply_refund",
        "seller_submit_refund",
        "sellers_refused_refund",
        "refund_success",
        "refund_suc",
        "refund_byweidian",
    )
)


class _Message(msgspec.Struct):
    order_id: int | str


class _Pushed(msgspec.Struct):
    type: str
    shopId: int | str  # noqa: N815  (the platform's name)
    message: msgspec.Raw = msgspec.Raw(b"{}")


def read_push(app: App, request: PushRequest) -> tuple[Push, ...]:
    """Check the key in a push's address, and read which order it is about.

    Nothing tells when it was sent: one that is sent again only has the order read once more, and
    for the same reason repeats have no id. Raises: PushNotAuthentic.
    """
    expected = app.options.get("push_key", "")
    given = parse_qs(request.query).get("key", [])
    if not expected or len(given) != 1:
        raise PushNotAuthentic(why="no key")
    if not hmac.compare_digest(given[0].encode(), expected.encode()):
        raise PushNotAuthentic(why="key")
    try:
        pushed = _pushed(request.body)
        if pushed.type not in ABOUT_ORDERS:
            return (Push(Signal.OTHER, str(pushed.shopId), ""),)
        message = msgspec.json.decode(pushed.message, type=_Message)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise PushNotAuthentic(why="unreadable") from error
    return (Push(Signal.ORDER, str(pushed.shopId), "", order_id=str(message.order_id)),)


def _pushed(body: bytes) -> _Pushed:
    """Read the form's `content`; senders differ in whether it is escaped as in HTML."""
    contents = parse_qs(body.decode(), max_num_fields=100).get("content", [])
    if len(contents) != 1:
        raise ValueError("no content")
    try:
        return msgspec.json.decode(contents[0], type=_Pushed)
    except msgspec.DecodeError:
        return msgspec.json.decode(unescape(contents[0]), type=_Pushed)
