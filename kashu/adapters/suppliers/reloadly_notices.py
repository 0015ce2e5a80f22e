"""Notices of Reloadly: an HMAC over the body and its time, and facts in one of three places."""

import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from kashu.adapters.suppliers.exact import Unreadable, code_of, decoded
from kashu.suppliers.errors import NoticeNotAuthentic
from kashu.suppliers.upstream import Login, Notice, NoticeRequest, Signal

FRESH: Final = timedelta(minutes=15)


class _About(msgspec.Struct, rename="camel"):
    custom_identifier: str | None = None
    transaction_id: int | str | None = None
    id: int | str | None = None
    status: str | None = None


class _Event(_About):
    type: str | None = None
    event: str | None = None
    data: _About | None = None
    transaction: _About | None = None


def read_notice(login: Login, request: NoticeRequest, at: datetime) -> Notice:
    """Check a notice, and read whose it is. Raises: NoticeNotAuthentic."""
    written = request.headers.get("x-reloadly-request-timestamp", "")
    signature = request.headers.get("x-reloadly-signature", "")
    secret = login.options.get("webhook_secret", "")
    expected = sign(secret, request.body, written)
    if not secret or not hmac.compare_digest(expected.encode(), signature.encode()):
        raise NoticeNotAuthentic(why="X-Reloadly-Signature")
    told_at = _signed_at(written)
    if abs(at - told_at) > FRESH:
        raise NoticeNotAuthentic(why="X-Reloadly-Request-Timestamp")
    try:
        event = decoded(request.body, _Event)
    except Unreadable as error:
        raise NoticeNotAuthentic(why="body") from error
    return _notice(event, told_at)


def sign(secret: str, body: bytes, timestamp: str) -> str:
    """Sign a notice: HMAC-SHA256 over the body, a colon and the time."""
    text = body + b":" + timestamp.encode("utf-8", "replace")
    return hmac.digest(secret.encode(), text, "sha256").hex()


def _signed_at(written: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(written) / 1000, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NoticeNotAuthentic(why="X-Reloadly-Request-Timestamp") from error


def _notice(event: _Event, at: datetime) -> Notice:
    """Find what a notice is about in the three places where it may stand."""
    kind = event.type or event.event or ""
    for about in (event.data, event.transaction, event):
        if about is None:
            continue
        theirs = about.transaction_id if about.transaction_id is not None else about.id
        if about.custom_identifier or theirs is not None:
            signal = Signal.ORDER if kind == "giftcard_transaction.status" else Signal.OTHER
            number = about.custom_identifier or ""
            said = code_of(about.status or "")
            return Notice(signal, number, "" if theirs is None else str(theirs), said=said, at=at)
    if kind and kind != "giftcard_transaction.status":
        return Notice(Signal.OTHER, said=code_of(kind), at=at)
    raise NoticeNotAuthentic(why="body")
