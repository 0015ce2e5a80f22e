"""Read Kasushou's notices, of which only some is signed: cards, prices and stock never are."""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from kashu.adapters.suppliers.exact_json import read_exact, write_exact
from kashu.adapters.suppliers.kasushou_wire import sign
from kashu.adapters.suppliers.texts import word
from kashu.suppliers.errors import NoticeNotAuthentic
from kashu.suppliers.upstream import Login, Notice, NoticeRequest, Signal

SIZE_MAX: Final = 8 << 20  # bytes: a notice holds the cards, too
NOT_SIGNED: Final = frozenset({"sign", "card_list", "express_list"})
SIGNED_OF_PRODUCTS: Final = ("id", "time")
TIME_DIGITS: Final = 13
# They come again after 5, 10, 15, 20 and 25 minutes; whether with a new time isn't known.
OLDEST: Final = timedelta(minutes=80)
AHEAD: Final = timedelta(minutes=5)


def read_notice(login: Login, request: NoticeRequest, at: datetime) -> Notice:
    """Check a notice's signature and age, and read whose it is. Raises: NoticeNotAuthentic."""
    if len(request.body) > SIZE_MAX:
        raise NoticeNotAuthentic(why="too large")
    try:
        fields = read_exact(request.body)
        about_order = "ordersn" in fields
        signed = {
            name: fields[name]
            for name in sorted(fields)
            if (name not in NOT_SIGNED if about_order else name in SIGNED_OF_PRODUCTS)
        }
        text = write_exact(signed, slash="\\/")  # unlike in requests, "/" is escaped
    except (ValueError, RecursionError) as error:
        raise NoticeNotAuthentic(why="unreadable") from error
    sent, given = _text(fields, "time"), fields.get("sign")
    if not sent.isdecimal() or len(sent) != TIME_DIGITS or not isinstance(given, str):
        raise NoticeNotAuthentic(why="no signature")
    expected = sign(sent, text, login.secret.clear)
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise NoticeNotAuthentic(why="signature")
    moment = datetime.fromtimestamp(int(sent) / 1000, UTC)
    if not at - OLDEST <= moment <= at + AHEAD:
        raise NoticeNotAuthentic(why="old")
    return _read(fields, moment, about_order=about_order)


def _read(fields: Mapping[str, Any], moment: datetime, *, about_order: bool) -> Notice:
    if not about_order:
        if not _text(fields, "id"):
            return Notice(Signal.OTHER, at=moment)
        return Notice(Signal.PRODUCT, ref=_text(fields, "id"), at=moment)
    number, theirs = _text(fields, "external_orderno"), _text(fields, "ordersn")
    if not number and "content" in fields:  # the answer to a complaint
        return Notice(Signal.OTHER, their_number=theirs, at=moment)
    said = word(_text(fields, "status"))
    return Notice(Signal.ORDER, number, theirs, said=said, at=moment)


def _text(fields: Mapping[str, Any], name: str) -> str:
    told = fields.get(name)
    return str(told) if isinstance(told, str) else ""  # numbers, too: they are kept as written
