"""Read Fulu's notices, in the three shapes that its programs have been seen to send."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from kashu.adapters.suppliers.exact_json import read_exact, write_exact
from kashu.adapters.suppliers.forms import read_pairs
from kashu.adapters.suppliers.fulu_orders import read_time
from kashu.adapters.suppliers.fulu_wire import is_signed
from kashu.adapters.suppliers.texts import utf8, word
from kashu.suppliers.errors import NoticeNotAuthentic
from kashu.suppliers.upstream import Login, Notice, NoticeRequest, Signal

SIZE_MAX: Final = 1 << 16  # bytes
# A notice tells when the order ended, not when it was sent. How long they go on sending isn't
# known: as long as an order is asked about.
OLDEST: Final = timedelta(hours=72)
AHEAD: Final = timedelta(minutes=10)


def read_notice(login: Login, request: NoticeRequest, at: datetime) -> Notice:
    """Check a notice's signature and age, and read whose it is. Raises: NoticeNotAuthentic."""
    try:
        fields = _fields(request)
    except ValueError as error:
        raise NoticeNotAuthentic(why="unreadable") from error
    given = fields.pop("sign", None)
    if not isinstance(given, str) or not given:
        raise NoticeNotAuthentic(why="no signature")
    try:  # their own programs don't agree on whether "/" is escaped here
        texts = {write_exact(fields), write_exact(fields, slash="\\/")}
    except RecursionError as error:
        raise NoticeNotAuthentic(why="unreadable") from error
    if not any(is_signed(text, login.secret.clear, given) for text in texts):
        raise NoticeNotAuthentic(why="signature")
    notice = _read(fields)
    if notice.at is not None and not at - OLDEST <= notice.at <= at + AHEAD:
        raise NoticeNotAuthentic(why="old")
    return notice


def _fields(request: NoticeRequest) -> dict[str, Any]:
    """Find the fields: JSON, a form, or the address. Raises: ValueError."""
    if len(request.body) > SIZE_MAX or len(request.query) > SIZE_MAX:
        raise ValueError("too large")
    body = request.body.strip()
    if body.startswith(b"{"):
        return read_exact(body)
    return dict(read_pairs(utf8(body) or request.query))


def _read(fields: Mapping[str, Any]) -> Notice:
    number, theirs = _text(fields, "customer_order_no"), _text(fields, "order_id")
    if number or theirs:
        ended = _text(fields, "charge_finish_time") or _text(fields, "refund_time")
        said = _text(fields, "order_status") or _text(fields, "refund_status")
        at = read_time(ended)
        return Notice(Signal.ORDER, number, theirs, said=word(said) if said else "", at=at)
    if "product_id" in fields:
        said = _text(fields, "changed_type")
        return Notice(Signal.PRODUCT, ref=_text(fields, "product_id"), said=word(said))
    return Notice(Signal.OTHER)


def _text(fields: Mapping[str, Any], name: str) -> str:
    told = fields.get(name)
    return str(told) if isinstance(told, str) else ""
