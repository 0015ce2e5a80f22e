"""Faults at will between us and a supplier; what its shop does wrong stands in house.py."""

import asyncio
import json
import random
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias

from kashu.simulators.faults import App, Message, Receive, Scope, Send, read_body

HUGE_BYTES: Final = 10 << 20
INSIDE: Final = b"http://127.0.0.1:1/latest/meta-data/"  # where a redirect must not lead us

Places: TypeAlias = Callable[[Scope, bytes], bool]


class Fault(StrEnum):
    """One thing that goes wrong with one call."""

    SILENT_BEFORE = "silent_before"  # no answer, and nothing was done
    SILENT_AFTER = "silent_after"  # no answer, and it was done: the time-out after charging
    ERROR_BEFORE = "error_before"  # 500, and nothing was done
    ERROR_AFTER = "error_after"  # 500, and it was done
    HTML = "html"  # a page in place of an answer; nothing was done
    REDIRECT = "redirect"  # to an address inside; nothing was done
    EMPTY = "empty"  # no body, and it was done
    CUT = "cut"  # half of the answer, and it was done
    HUGE = "huge"  # more than anybody reads, and it was done
    DRIP = "drip"  # byte by byte, longer than anybody waits, and it was done
    NULLS = "nulls"  # the answer with null for every value, and it was done
    WRONG_TYPES = "wrong_types"  # … with an object for every value, and it was done
    THROTTLED = "throttled"  # in the supplier's own words: the simulator's business
    UNKNOWN_CODE = "unknown_code"  # likewise: a refusal that nobody documented
    UNKNOWN_STATE = "unknown_state"  # likewise: the state of the order that this call tells


OWN: Final = frozenset({Fault.THROTTLED, Fault.UNKNOWN_CODE, Fault.UNKNOWN_STATE})
BEFORE: Final = frozenset({Fault.SILENT_BEFORE, Fault.ERROR_BEFORE, Fault.HTML, Fault.REDIRECT})


class Faults:
    """Which fault comes next: those that were ordered, then at random by rate."""

    def __init__(self, seed: int = 1, *, silent_s: float = 30.0, drip_s: float = 0.5) -> None:
        """`silent_s`: how long a silence lasts; `drip_s`: how long each byte of a drip takes."""
        self.ordered: deque[Fault] = deque()  # for whatever is called next
        self.placing: deque[Fault] = deque()  # for the next calls that order
        self.rates: dict[Fault, float] = {}
        self.placing_rates: dict[Fault, float] = {}
        self.outage_until: datetime | None = None
        self.silent_s = silent_s
        self.drip_s = drip_s
        self.latency_s = 0.0  # of every call
        self._chance = random.Random(seed)  # noqa: S311  (faults, not secrets)

    def order(self, *faults: Fault, placing: bool = False) -> None:
        """Have the next calls meet these, one each; `placing`: the next calls that order."""
        (self.placing if placing else self.ordered).extend(faults)

    def break_for(self, now: datetime, how_long: timedelta) -> None:
        """Be out of order: every call meets ERROR_BEFORE until then. Nothing at all ends it."""
        self.outage_until = now + how_long

    def is_out(self, now: datetime) -> bool:
        """Whether it is out of order."""
        return self.outage_until is not None and now < self.outage_until

    def draw(self, now: datetime, *, places: bool) -> Fault | None:
        """Say what the next call meets; `places`: it is one that orders."""
        if self.is_out(now):
            return Fault.ERROR_BEFORE
        if places and self.placing:
            return self.placing.popleft()
        if self.ordered:
            return self.ordered.popleft()
        rates = {**self.rates, **self.placing_rates} if places else self.rates
        for fault, rate in rates.items():
            if self._chance.random() < rate:
                return fault
        return None


class Faulty:
    """Stands before a simulator's app: meets its calls with faults.

    Those in OWN are left to the app, which finds them in `scope["kashu.fault"]`.
    """

    def __init__(
        self, app: App, faults: Faults, now: Callable[[], datetime], places: Places
    ) -> None:
        """`places`: whether a call is one that orders."""
        self.app = app
        self.faults = faults
        self._now = now
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, or spoil it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = await read_body(receive)
        fault = self.faults.draw(self._now(), places=self._places(scope, body))
        scope["kashu.fault"] = fault if fault in OWN else None
        if self.faults.latency_s:
            await asyncio.sleep(self.faults.latency_s)
        if fault is None or fault in OWN:
            await self.app(scope, _again(body), send)
            return
        told = b""
        if fault not in BEFORE:
            kept = _Kept()
            await self.app(scope, _again(body), kept)
            told = kept.body
        if fault in {Fault.SILENT_BEFORE, Fault.SILENT_AFTER}:
            await asyncio.sleep(self.faults.silent_s)
        if fault is Fault.DRIP:
            await _drip(told, self.faults.drip_s, send)
            return
        await _spoil(fault, told, send)


class _Kept:
    """An answer that nobody sees as it is."""

    def __init__(self) -> None:
        self.body = b""

    async def __call__(self, message: Message) -> None:
        """Keep its body."""
        self.body += message.get("body", b"")


def _again(body: bytes) -> Receive:
    """Tell a body that was read already."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _spoil(fault: Fault, told: bytes, send: Send) -> None:
    json_type = [(b"content-type", b"application/json")]
    status, headers, body = 200, json_type, b""
    if fault is Fault.HTML:
        headers = [(b"content-type", b"text/html")]
        body = "<html><body>系统繁忙</body></html>".encode()
    elif fault is Fault.REDIRECT:
        status, headers = 302, [(b"location", INSIDE)]
    elif fault is Fault.CUT:
        body = told[: len(told) // 2]
    elif fault is Fault.HUGE:
        body = b" " * HUGE_BYTES
    elif fault in {Fault.NULLS, Fault.WRONG_TYPES}:
        value: Mapping[str, Any] | None = None if fault is Fault.NULLS else {"value": []}
        body = json.dumps(_emptied(json.loads(told), value)).encode()
    elif fault is not Fault.EMPTY:
        status, headers = 500, [(b"content-type", b"text/plain")]
        body = b"Internal Server Error"
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _emptied(told: object, value: Mapping[str, Any] | None) -> object:
    """Put something else in place of every value, keeping names and depth."""
    if isinstance(told, dict):
        return {name: _emptied(each, value) for name, each in told.items()}
    if isinstance(told, list):
        return [_emptied(each, value) for each in told]
    return value


async def _drip(told: bytes, each_s: float, send: Send) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number in range(len(told)):
        part = told[number : number + 1]
        await send({"type": "http.response.body", "body": part, "more_body": True})
        await asyncio.sleep(each_s)
    await send({"type": "http.response.body", "body": b"", "more_body": False})
