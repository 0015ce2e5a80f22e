"""Live: what changed, as server-sent events, for as long as somebody looks at it."""

import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.response import Stream

from kashu.access.caller import Caller
from kashu.access.errors import KeyIsBound
from kashu.access.guards import FILES, current_session
from kashu.core.clock import now
from kashu.core.events import Hint
from kashu.core.ids import first_id_at
from kashu.entry.hints import subject_of
from kashu.entry.listeners import Listeners

LASTS_S: Final = 600.0  # then the browser connects again
BEAT_EVERY_S: Final = 15.0
LOOK_EVERY_S: Final = 1.0  # whether it is over
RETRY_MS: Final = 2_000
MEDIA_TYPE: Final = "text/event-stream"

_HEADERS: Final = {"X-Accel-Buffering": "no"}  # or a proxy would hold hints back. Source: nginx


class _Told(msgspec.Struct, frozen=True):
    kind: str  # "order.filled"
    subject: str  # "order"
    id: UUID


@get(
    "/v1/live",
    operation_id="readLive",
    opt={FILES: (MEDIA_TYPE,)},
)
async def read_live(request: Request[Any, Any, Any], caller: NamedDependency[Caller]) -> Stream:
    """Tell what changes while it changes: server-sent events, each a hint to read something anew.

    `hint`: {"kind", "subject", "id"}, only of what the caller may read; a hint may come twice.
    `reload`: something may have been missed, so read everything anew. It ends with the session,
    and after ten minutes; whoever comes again with Last-Event-ID is told what was missed.
    """
    if caller.bound:
        raise KeyIsBound
    listeners: Listeners = request.app.state.means.listeners
    current = current_session(request.scope)
    of = current[0].session_id if current else UUID(caller.actor.removeprefix("key:"))
    last = _last(request.headers.get("last-event-id", ""))
    listeners.check_room(of)
    until_s = time.monotonic() + request.app.state.live_lasts_s
    told = _tell(listeners, caller, of, last, until_s)
    return Stream(told, media_type=MEDIA_TYPE, headers=_HEADERS)


async def _tell(
    listeners: Listeners, caller: Caller, of: UUID, last: UUID | None, until_s: float
) -> AsyncIterator[bytes]:
    begun = first_id_at(now())
    listener = await listeners.join(caller.tenant_id, of, caller.permissions, last)
    try:
        yield f"retry: {RETRY_MS}\nid: {begun}\nevent: hello\ndata: {{}}\n\n".encode()
        beat_s = time.monotonic() + BEAT_EVERY_S
        while not (listener.gone or listeners.is_over()) and time.monotonic() < until_s:
            try:
                hint = await listener.next(LOOK_EVERY_S)
            except TimeoutError:
                if time.monotonic() >= beat_s:  # all is told until now: that may be remembered
                    beat_s = time.monotonic() + BEAT_EVERY_S
                    yield f": beat\nid: {first_id_at(now())}\n\n".encode()
            else:
                yield _block(hint)
    finally:
        listeners.leave(caller.tenant_id, listener)


def _block(hint: Hint | None) -> bytes:
    if hint is None:
        return b"event: reload\ndata: {}\n\n"
    told = msgspec.json.encode(_Told(hint.kind, subject_of(hint.kind), hint.subject_id)).decode()
    return f"id: {hint.id}\nevent: hint\ndata: {told}\n\n".encode()


def _last(written: str) -> UUID | None:
    """Read what a browser was told last; what isn't an id of ours means nothing."""
    with suppress(ValueError, OverflowError, OSError):
        told = UUID(written)
        datetime.fromtimestamp((told.int >> 80) / 1000)  # noqa: DTZ006  (whether it is a time)
        return told
    return None


routes = (read_live,)
