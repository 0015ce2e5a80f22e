"""Read Kakayun's notices: JSON of which every field is signed, the cards among them."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from kashu.adapters.suppliers.answers import moment_of
from kashu.adapters.suppliers.exact_json import read_exact
from kashu.adapters.suppliers.forms import SIZE_MAX
from kashu.adapters.suppliers.kakayun_wire import sign
from kashu.adapters.suppliers.texts import word
from kashu.suppliers.errors import NoticeNotAuthentic
from kashu.suppliers.upstream import Login, Notice, NoticeRequest, Signal

# They come again after 5, 10, 15, 20 and 25 minutes; whether with a new time isn't known.
OLDEST: Final = timedelta(minutes=80)
AHEAD: Final = timedelta(minutes=5)


def read_notice(login: Login, request: NoticeRequest, at: datetime) -> Notice:
    """Check a notice's signature and age, and read whose it is. Raises: NoticeNotAuthentic."""
    if len(request.body) > SIZE_MAX:
        raise NoticeNotAuthentic(why="too large")
    try:
        fields = read_exact(request.body)
        expected = sign(fields, login.secret.clear)
    except (ValueError, RecursionError) as error:
        raise NoticeNotAuthentic(why="unreadable") from error
    given = _text(fields, "sign")
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise NoticeNotAuthentic(why="signature")
    moment = moment_of(_text(fields, "timestamp"))
    if moment is None or not at - OLDEST <= moment <= at + AHEAD:
        raise NoticeNotAuthentic(why="old")
    number, theirs = _text(fields, "usorderno"), _text(fields, "orderno")
    if number or theirs:
        return Notice(Signal.ORDER, number, theirs, said=word(_text(fields, "status")), at=moment)
    ref = _text(fields, "goodsid")
    return Notice(Signal.PRODUCT if ref else Signal.OTHER, ref=ref, at=moment)


def _text(fields: Mapping[str, Any], name: str) -> str:
    told = fields.get(name)
    return str(told) if isinstance(told, str) else ""  # numbers, too: they are kept as written
