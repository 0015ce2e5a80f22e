"""Read the notices of SUP 1.9: a form, or JSON; cards in it are signed, and not read."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from kashu.adapters.suppliers.answers import beijing
from kashu.adapters.suppliers.exact_json import read_exact, write_exact
from kashu.adapters.suppliers.forms import SIZE_MAX, read_form
from kashu.adapters.suppliers.sup_v19_orders import ENDED
from kashu.adapters.suppliers.sup_v19_wire import sign
from kashu.adapters.suppliers.texts import word
from kashu.suppliers.errors import NoticeNotAuthentic
from kashu.suppliers.upstream import Login, Notice, NoticeRequest, Signal

# A notice tells when the order ended, not when it was sent: each minute, ten times.
OLDEST: Final = timedelta(minutes=30)
AHEAD: Final = timedelta(minutes=10)


def read_notice(login: Login, request: NoticeRequest, at: datetime) -> Notice:
    """Check a notice's signature and age, and read whose it is. Raises: NoticeNotAuthentic.

    About cards they may leave out when the order ended: such a one has no age.
    """
    try:
        fields = _fields(request.body)
    except (ValueError, RecursionError) as error:
        raise NoticeNotAuthentic(why="unreadable") from error
    given, expected = fields.get("sign", ""), sign(fields, login.secret.clear)
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise NoticeNotAuthentic(why="signature")
    if fields.get("appId") != login.account:
        raise NoticeNotAuthentic(why="another account")
    written = fields.get("completeTime", "")
    moment = beijing(written, ENDED)
    if written and (moment is None or not at - OLDEST <= moment <= at + AHEAD):
        raise NoticeNotAuthentic(why="old")
    number, theirs = fields.get("outOrderId", ""), fields.get("orderId", "")
    signal = Signal.ORDER if number or theirs else Signal.OTHER
    said = word(fields.get("orderStatus", ""))
    return Notice(signal, number, theirs, said=said, at=moment)


def _fields(body: bytes) -> Mapping[str, str]:
    """Find the fields, those that hold others as they are written. Raises: ValueError."""
    if not body.lstrip().startswith(b"{"):
        return read_form(body)
    if len(body) > SIZE_MAX:
        raise ValueError("too large")
    return {
        name: str(each) if isinstance(each, str) else write_exact(each)
        for name, each in read_exact(body).items()
        if each is not None
    }
