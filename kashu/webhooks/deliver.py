"""Deliver: send what is due, and write down how each try ended.

A message is told at least once. One whose try ended unclearly is sent again: it is the same, and
has the same id, by which the other side knows it.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from uuid import UUID

import structlog

from kashu.channels.ask import all_of
from kashu.core.clock import Clock
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.core.http import Http
from kashu.core.secrets import MasterKeys
from kashu.webhooks.endpoints import disable
from kashu.webhooks.kinds import SCHEDULE, TRIES_MAX
from kashu.webhooks.lease import Addressee, Leased, endpoints_due, lease
from kashu.webhooks.message import headers_of
from kashu.webhooks.settle import Ended, settle

DEADLINE_S: Final = 20.0  # of one call
LOOK_S: Final = 1.0  # for addresses that became due while others are slow to answer
RETRY_AFTER_MAX: Final = timedelta(hours=24)
FAILING_MAX: Final = timedelta(days=5)  # without one success, longer than all tries take

GONE: Final = 410
_BUSY: Final = frozenset({429, 502, 503, 504})  # not this message: whatever is sent there

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Way:
    """The way to the outside."""

    http: Http
    masters: MasterKeys
    now: Clock
    is_stopping: Callable[[], bool]


async def deliver_due(database: Database, tenant_id: int, way: Way) -> bool:
    """Send what is due. Addresses don't wait for each other. False: nothing more is due."""
    under_way: dict[UUID, asyncio.Task[None]] = {}
    try:
        while True:
            due = [] if way.is_stopping() else await _due(database, tenant_id, way)
            for endpoint_id in due:
                if endpoint_id not in under_way:
                    serving = _serve(database, tenant_id, way, endpoint_id)
                    under_way[endpoint_id] = asyncio.create_task(serving)
            if not under_way:
                return False
            ended, _ = await asyncio.wait(
                under_way.values(), timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED
            )
            under_way = {key: task for key, task in under_way.items() if task not in ended}
            await asyncio.gather(*ended)  # raises what they raised
    finally:
        for task in under_way.values():
            task.cancel()
        await asyncio.gather(*under_way.values(), return_exceptions=True)


async def _due(database: Database, tenant_id: int, way: Way) -> list[UUID]:
    async with database.transaction(tenant_id) as tx:
        return await endpoints_due(tx, tenant_id, way.now())


async def _serve(database: Database, tenant_id: int, way: Way, endpoint_id: UUID) -> None:
    """Send what one address is to hear, until it has heard it or is to be left in peace."""
    while not way.is_stopping():
        async with database.transaction(tenant_id) as tx:
            to = await lease(tx, tenant_id, endpoint_id, way.now(), way.masters)
        if to is None:
            return
        await all_of(_send(database, tenant_id, way, to, leased) for leased in to.leased)


async def _send(
    database: Database, tenant_id: int, way: Way, to: Addressee, leased: Leased
) -> None:
    ended = await _call(way, to, leased)
    async with database.transaction(tenant_id) as tx:
        ours = await settle(tx, tenant_id, to.id, leased, ended)
    if not ours:
        _log.info("webhook_overtaken", delivery=str(leased.id))
    why = _why_disabled(to, ended)
    if why:
        async with database.transaction(tenant_id) as tx:
            await disable(tx, tenant_id, "system", to.id, said=why)


async def _call(way: Way, to: Addressee, leased: Leased) -> Ended:
    """Send one message once. How it ends is written down: nothing is raised."""
    at, began = way.now(), time.monotonic()
    headers = headers_of(leased.message_id, leased.body, to.secrets, at)
    status, said, asked = None, "", timedelta(0)
    try:
        answer = await way.http.call(
            "POST",
            to.url,
            content=leased.body.encode(),
            headers=headers,
            deadline_s=DEADLINE_S,
        )
    except KashuError as error:  # not reached, no clear answer, or an address that isn't allowed
        said = error.code
    else:
        status = answer.status
        asked = _asked_to_wait(answer.headers.get("retry-after", ""), at)
    took_ms = round((time.monotonic() - began) * 1000)
    delivered = status is not None and 200 <= status < 300  # noqa: PLR2004  (2xx, RFC 9110)
    if delivered:
        return Ended(at, took_ms, status, said, delivered=True)
    wait = None
    if leased.tries < TRIES_MAX and status != GONE:
        wait = max(SCHEDULE[leased.tries - 1], asked)
    rest = None
    if status is None or status in _BUSY:
        rest = max(_rest(to.failing_since, at), asked)
    return Ended(at, took_ms, status, said, next_at=_after(at, wait), resume_at=_after(at, rest))


def _after(at: datetime, wait: timedelta | None) -> datetime | None:
    return None if wait is None else at + wait


def _rest(failing_since: datetime | None, at: datetime) -> timedelta:
    """How long to leave an address in peace: a tenth of how long it has failed, within reason."""
    failed_for = timedelta(0) if failing_since is None else at - failing_since
    return min(max(failed_for / 10, timedelta(seconds=5)), timedelta(minutes=5))


def _asked_to_wait(written: str, at: datetime) -> timedelta:
    """How long we are asked to wait: seconds or a date, as RFC 9110 has it; nothing: not at all."""
    if written.isascii() and written.isdecimal() and len(written) < len("1000000"):
        wait = timedelta(seconds=int(written))
    else:
        try:
            wait = parsedate_to_datetime(written) - at
        except (ValueError, TypeError):  # no date, or one without a zone: it says nothing
            return timedelta(0)
    return min(max(wait, timedelta(0)), RETRY_AFTER_MAX)


def _why_disabled(to: Addressee, ended: Ended) -> str:
    """Why an address is told nothing more; empty: it goes on."""
    if ended.status == GONE:
        return "gone"
    failed_for = timedelta(0) if to.failing_since is None else ended.at - to.failing_since
    return "failing" if failed_for >= FAILING_MAX and not ended.delivered else ""
