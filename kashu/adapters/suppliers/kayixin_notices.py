"""Read Kayixin's notices: signed whole, over their raw bodies."""

import hmac
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from kashu.adapters.suppliers.kayixin_wire import VERSION, sign
from kashu.adapters.suppliers.texts import word
from kashu.suppliers.errors import NoticeNotAuthentic
from kashu.suppliers.upstream import Login, Notice, NoticeRequest, Signal

SIZE_MAX: Final = 8 << 20  # bytes: a notice holds the cards, too
TIME_DIGITS: Final = 10
# One that comes again may have its first time: it is refused then, and the order asked for anyway.
APART: Final = timedelta(minutes=5)


class _Told(msgspec.Struct, rename="camel"):
    order_number: str | None = None
    outer_number: str | None = None
    status: int | str | None = None
    goods_id: int | str | None = None
    req_id: int | str | None = None  # of the answer to a complaint


def read_notice(login: Login, request: NoticeRequest, at: datetime) -> Notice:
    """Check a notice's signature and age, and read whose it is. Raises: NoticeNotAuthentic."""
    if len(request.body) > SIZE_MAX:
        raise NoticeNotAuthentic(why="too large")
    headers = request.headers
    if headers.get("x-app-id") != login.account or headers.get("x-version") != VERSION:
        raise NoticeNotAuthentic(why="another account or version")
    sent = headers.get("x-timestamp", "")
    if not sent.isascii() or not sent.isdecimal() or len(sent) != TIME_DIGITS:
        raise NoticeNotAuthentic(why="no time")
    given = headers.get("x-signature", "").lower()
    expected = sign(login.account, login.secret.clear, sent, request.body)
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise NoticeNotAuthentic(why="signature")
    moment = datetime.fromtimestamp(int(sent), UTC)
    if not at - APART <= moment <= at + APART:
        raise NoticeNotAuthentic(why="old")
    return _read(request.body, moment)


def _read(body: bytes, moment: datetime) -> Notice:
    told: _Told | None = None
    with suppress(msgspec.MsgspecError, RecursionError, ValueError):
        told = msgspec.json.decode(body, type=_Told)
    if told is None:
        raise NoticeNotAuthentic(why="unreadable")
    if told.req_id is not None:
        return Notice(Signal.OTHER, their_number=told.order_number or "", at=moment)
    if told.order_number or told.outer_number:
        number, theirs = told.outer_number or "", told.order_number or ""
        return Notice(Signal.ORDER, number, theirs, said=word(str(told.status)), at=moment)
    if told.goods_id is not None:
        return Notice(Signal.PRODUCT, ref=str(told.goods_id), at=moment)
    return Notice(Signal.OTHER, at=moment)
