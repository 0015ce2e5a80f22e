"""Faults at will: what goes wrong between us and a platform, and at the platform."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class Fault(StrEnum):
    """One thing that goes wrong with one call."""

    SILENT_BEFORE = "silent_before"  # no answer, and nothing was done
    SILENT_AFTER = "silent_after"  # no answer, and it was done
    ERROR_BEFORE = "error_before"  # 500, and nothing was done
    ERROR_AFTER = "error_after"  # 500, and it was done
    HTML = "html"  # a page in place of JSON; nothing was done
    REDIRECT = "redirect"
    HUGE = "huge"  # more than anybody reads
    THROTTLED = "throttled"  # in the platform's own words: the simulator's business
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  likewise


OWN = frozenset({Fault.THROTTLED, Fault.TOKEN_EXPIRED})


class Faults:
    """Which fault comes next: those that were ordered, then at random by rate."""

    def __init__(self, seed: int = 1, *, silent_s: float = 30.0) -> None:
        self.ordered: deque[Fault] = deque()
        self.rates: dict[Fault, float] = {}
        self.outage_until: datetime | None = None
        self.silent_s = silent_s
        self._chance = random.Random(seed)  # noqa: S311  (faults, not secrets)

    def order(self, *faults: Fault) -> None:
        """Have the next calls meet these, one each."""
        self.ordered.extend(faults)

    def break_for(self, now: datetime, how_long: timedelta) -> None:
        """Be out of order: every call meets ERROR_BEFORE until then. Nothing at all ends it."""
        self.outage_until = now + how_long

    def is_out(self, now: datetime) -> bool:
        """Whether it is out of order."""
        return self.outage_until is not None and now < self.outage_until

    def draw(self, now: datetime) -> Fault | None:
        """Say what the next call meets."""
        if self.is_out(now):
            return Fault.ERROR_BEFORE
        if self.ordered:
            return self.ordered.popleft()
        for fault, rate in self.rates.items():
            if self._chance.random() < rate:
                return fault
        return None


class Faulty:
    """Stands before a simulator's app: meets its calls with faults.

    Those in OWN are left to the app, which finds them in `scope["kashu.fault"]`.
    """

    def __init__(self, app: App, faults: Faults, now: Callable[[], datetime]) -> None:
        self.app = app
        self.faults = faults
        self._now = now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, or spoil it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        fault = self.faults.draw(self._now())
        scope["kashu.fault"] = fault if fault in OWN else None
        if fault is None or fault in OWN:
            await self.app(scope, receive, send)
            return
        if fault in {Fault.SILENT_AFTER, Fault.ERROR_AFTER}:
            await self.app(scope, receive, _swallow)
        if fault in {Fault.SILENT_BEFORE, Fault.SILENT_AFTER}:
            await asyncio.sleep(self.faults.silent_s)
        await _spoil(fault, send)


async def _swallow(_: Message) -> None:
    """Take an answer that nobody will see."""


async def _spoil(fault: Fault, send: Send) -> None:
    status, headers, body = 500, [(b"content-type", b"text/plain")], b"Internal Server Error"
    if fault is Fault.HTML:
        status, headers = 200, [(b"content-type", b"text/html")]
        body = "<html><body>系统繁忙</body></html>".encode()
    elif fault is Fault.REDIRECT:
        status, headers, body = 302, [(b"location", b"http://127.0.0.1:1/elsewhere")], b""
    elif fault is Fault.HUGE:
        status, headers, body = 200, [(b"content-type", b"application/json")], b" " * (9 << 20)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def read_body(receive: Receive) -> bytes:
    """Read a request's whole body."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def answer(
    send: Send, body: bytes, *, status: int = 200, media_type: str = "application/json"
) -> None:
    """Answer with a body."""
    headers = [
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
