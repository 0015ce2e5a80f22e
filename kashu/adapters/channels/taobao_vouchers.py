"""Voucher codes of the first generation (电子凭证): sent with the token of a notice.

Off unless the app's option `vouchers` is "first_generation". How notices are signed isn't
documented where we could read it: we take it for the rule of calls (MD5), under the notice key in
the option `voucher_notice_key`. Without that key every notice is refused.
"""

import hmac
from datetime import timedelta
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from kashu.adapters.channels.taobao_calls import NAME, call, unclear
from kashu.adapters.channels.taobao_signing import read_time, sign
from kashu.channels.channel import App, CardText, Link, Parcel, Push, PushRequest, Signal
from kashu.channels.errors import ChannelRefused, PushNotAuthentic
from kashu.core import clock

FRESH_FOR: Final = timedelta(minutes=10)  # as for calls
SENT: Final = 1
ABOUT_AN_ORDER: Final = frozenset({"send", "resend", "cancel", "modified", "order_modify"})
_FIELDS_MAX: Final = 100


class _Sent(msgspec.Struct):
    ret_code: int


def switched_on(app: App) -> bool:
    """Tell whether this app sends vouchers."""
    return app.options.get("vouchers") == "first_generation"


async def send_codes(link: Link, parcel: Parcel) -> None:
    """Send a voucher's codes: the platform shows them to the buyer.

    `parcel.token` is that of the notice to send. Raises also: AlreadyShipped.
    """
    if not switched_on(link.app):
        raise _refused("电子凭证未启用 vouchers are switched off: set the app's option vouchers")
    codes = [_code(card) for card in parcel.cards]
    if not codes:
        raise _refused("没有可发的码 there is no code to send")
    sent = await call(
        link,
        "taobao.vmarket.eticket.send",
        _Sent,
        {
            "order_id": parcel.order_id,
            "verify_codes": ",".join(f"{code}:1" for code in codes),
            "token": parcel.token,
        },
        writes=True,
        order=parcel.order_id,
    )
    if sent.ret_code != SENT:
        raise unclear(f"ret_code {sent.ret_code}")


def read_notice(app: App, request: PushRequest) -> Push:
    """Check a notice and read it: its order, and its token as the event's id.

    Raises: PushNotAuthentic.
    """
    key = app.options.get("voucher_notice_key", "")
    if not switched_on(app) or not key:
        raise PushNotAuthentic(why="no voucher_notice_key")
    told = _form(request.body)
    given = told.get("sign", "").upper().encode()
    if not hmac.compare_digest(sign(told, key).encode(), given):
        raise PushNotAuthentic(why="sign")
    try:
        at = read_time(told.get("timestamp", ""))
    except ValueError as error:
        raise PushNotAuthentic(why="timestamp") from error
    if abs(clock.now() - at) > FRESH_FOR:
        raise PushNotAuthentic(why="too old")
    missing = [name for name in ("method", "order_id", "taobao_sid") if not told.get(name)]
    if missing:
        raise PushNotAuthentic(why=f"no {missing[0]}")
    return Push(
        signal=Signal.ORDER if told["method"] in ABOUT_AN_ORDER else Signal.OTHER,
        shop_id=told["taobao_sid"],
        event_id=told.get("token", ""),
        order_id=told["order_id"],
        at=at,
        token=told.get("token", "") if told["method"] == "send" else "",
    )


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS_MAX
        )
    except ValueError as error:
        raise PushNotAuthentic(why="unreadable form") from error
    told = dict(pairs)
    if len(told) != len(pairs):
        raise PushNotAuthentic(why="a parameter twice")
    return told


def _code(card: CardText) -> str:
    """Take a card's only text: a voucher is one code."""
    texts = [text for text in (card.number, card.password, card.url) if text]
    if len(texts) != 1:
        raise _refused("凭证码只能是一段文字 a voucher is a single code")
    if set(texts[0]) & {":", ","}:
        raise _refused("凭证码不能含冒号或逗号 a code can't hold a colon or a comma")
    return texts[0]


def _refused(meaning: str) -> ChannelRefused:
    return ChannelRefused(channel=NAME, said="not sent", meaning=meaning)
