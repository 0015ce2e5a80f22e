"""Read Xingquanyi's notices: forms about orders, JSON about products. Cards are never signed."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from kashu.adapters.suppliers.answers import moment_of
from kashu.adapters.suppliers.exact_json import read_exact
from kashu.adapters.suppliers.forms import SIZE_MAX, read_form
from kashu.adapters.suppliers.texts import word
from kashu.adapters.suppliers.xingquanyi_wire import NOT_SIGNED, sign
from kashu.suppliers.errors import NoticeNotAuthentic
from kashu.suppliers.upstream import Login, Notice, NoticeRequest, Signal

OLDEST: Final = timedelta(minutes=10)  # each comes three times, ten seconds apart
AHEAD: Final = timedelta(minutes=5)


def read_notice(login: Login, request: NoticeRequest, at: datetime) -> Notice:
    """Check a notice's signature and age, and read whose it is. Raises: NoticeNotAuthentic."""
    try:
        fields = _fields(request.body)
    except ValueError as error:
        raise NoticeNotAuthentic(why="unreadable") from error
    given = fields.get("sign", "").encode("utf-8", "replace")
    key = login.secret.clear
    # Programs differ in whether an empty field adds its name; both want the key.
    expected = (sign(fields, key).encode(), sign(fields, key, empty=True).encode())
    if not any(hmac.compare_digest(given, each) for each in expected):
        raise NoticeNotAuthentic(why="signature")
    if fields.get("customer_id") != login.account:
        raise NoticeNotAuthentic(why="another account")
    moment = moment_of(fields.get("timestamp"))
    if moment is None or not at - OLDEST <= moment <= at + AHEAD:
        raise NoticeNotAuthentic(why="old")
    number, theirs = fields.get("outer_order_id", ""), fields.get("order_id", "")
    if number or theirs:
        said = word(fields.get("state", ""))
        return Notice(Signal.ORDER, number, theirs, said=said, at=moment)
    ref = fields.get("product_id", "") if "event_type" in fields else ""
    said = word(fields.get("event_type", ""))
    return Notice(Signal.PRODUCT if ref else Signal.OTHER, ref=ref, said=said, at=moment)


def _fields(body: bytes) -> Mapping[str, str]:
    """Find the fields, numbers as they are written. Raises: ValueError."""
    if not body.lstrip().startswith(b"{"):
        return read_form(body)
    if len(body) > SIZE_MAX:
        raise ValueError("too large")
    told = read_exact(body)
    if not all(isinstance(told[name], str) for name in told if name not in NOT_SIGNED - {"sign"}):
        raise ValueError("what is signed is texts")
    return {name: each for name, each in told.items() if isinstance(each, str)}
