"""Notices: a supplier tells how an order went. It is believed for no more than whose it is: we ask.

So an old one, one that comes twice, and one whose state isn't true any more change nothing. A
notice is bound to its supplier by its address and signature, and to the order by our number and by
theirs; anything else is refused, logged, and changes nothing.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import update

from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError
from kashu.core.incidents import log_incident
from kashu.core.jobs import wake
from kashu.purchases.ask import ASKS_DUE
from kashu.purchases.errors import UnknownNoticeAddress
from kashu.purchases.kinds import AttemptState
from kashu.purchases.reads import Attempt, attempt_by_number
from kashu.purchases.tables import attempts
from kashu.suppliers.connections import Connection, connection_by_token
from kashu.suppliers.errors import NoticeNotAuthentic
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.read_prices import refresh_offer, want_prices
from kashu.suppliers.upstream import Can, Notice, NoticeReply, NoticeRequest, Signal, Upstream

LOOK_S: Final = 5.0  # at a product that changed; else its whole list is read soon
ENDED_PAUSE: Final = timedelta(minutes=1)  # an order that has just ended is told of once more

_NUMBER_MAX: Final = 200  # characters of a number of theirs
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Came:
    database: Database
    tenant_id: int
    upstreams: Upstreams
    connection: Connection
    upstream: Upstream


async def take_notice(
    database: Database, tenant_id: int, upstreams: Upstreams, token: str, request: NoticeRequest
) -> NoticeReply:
    """Take what came to one of our notice addresses; say what its sender wants to hear.

    Raises: UnknownNoticeAddress, without telling why.
    """
    async with database.transaction(tenant_id) as tx:
        connection = await connection_by_token(tx, tenant_id, token)
    if connection is None:
        raise UnknownNoticeAddress
    upstream = upstreams.protocols.get(connection.protocol)
    if upstream is None or not upstream.can & {Can.NOTICE, Can.NOTICE_PRODUCTS}:
        raise UnknownNoticeAddress
    came = _Came(database, tenant_id, upstreams, connection, upstream)
    notice, why = await _read(came, request)
    if why:
        _log.warning("notice_refused", supplier=str(connection.supplier_id), why=why)
        return upstream.reply(None)
    return upstream.reply(notice)


async def _read(came: _Came, request: NoticeRequest) -> tuple[Notice | None, str]:
    """Read a notice and do what it asks for; or say why it is refused."""
    upstreams = came.upstreams
    try:
        _, link = upstreams.reach(came.tenant_id, came.connection)
        notice = came.upstream.read_notice(link.login, request, upstreams.now())
    except NoticeNotAuthentic as error:
        return None, str(error.facts.get("why", error.code))[:40]
    except KashuError as error:
        return None, error.code
    except Exception as error:  # noqa: BLE001  (whatever somebody sends to an adapter)
        log_incident(error, supplier=str(came.connection.supplier_id))
        return None, "unreadable"
    if notice.signal is Signal.ORDER:
        return notice, await _of_order(came, notice)
    if notice.signal is Signal.PRODUCT:
        await _of_product(came, notice)
    return notice, ""


async def _of_order(came: _Came, notice: Notice) -> str:
    """Have the order asked about that a notice is of; or say why it is of none."""
    number, theirs = notice.number, notice.their_number
    if not number and not theirs:
        return "no_number"
    if max(len(number), len(theirs)) > _NUMBER_MAX or "\0" in number + theirs:
        return "number_unreadable"
    supplier_id, tenant_id = came.connection.supplier_id, came.tenant_id
    async with came.database.transaction(tenant_id) as tx:
        attempt = await attempt_by_number(
            tx, tenant_id, supplier_id, number=number, their_number=theirs
        )
        if attempt is None:
            return "unknown_order"
        if theirs and attempt.their_number not in {None, theirs}:
            return "other_their_number"
        if theirs and number and await _is_bound_elsewhere(tx, tenant_id, attempt, theirs):
            return "their_number_of_another"
        await tell_of(tx, tenant_id, attempt.id, attempt, came.upstreams)
    return ""


async def _is_bound_elsewhere(tx: Tx, tenant_id: int, attempt: Attempt, theirs: str) -> bool:
    other = await attempt_by_number(tx, tenant_id, attempt.supplier_id, their_number=theirs)
    return other is not None and other.id != attempt.id


async def tell_of(
    tx: Tx, tenant_id: int, attempt_id: UUID, attempt: Attempt, upstreams: Upstreams
) -> None:
    """Have an order asked about now: something says that it went on there.

    One whose answer we still wait for is left alone; one that ended is asked about once.
    """
    at = upstreams.now()
    if attempt.state is AttemptState.SENDING:
        return
    ours = attempts.c.tenant_id == tenant_id, attempts.c.id == attempt_id
    state = attempts.c.state == attempt.state
    if attempt.live and attempt.state is not AttemptState.MANUAL:
        await tx.execute(
            update(attempts).where(*ours, state, attempts.c.next_at > at).values(next_at=at)
        )
    else:
        soon = at if attempt.ended_at is None else max(at, attempt.ended_at + ENDED_PAUSE)
        none = attempts.c.again_at.is_(None)
        await tx.execute(update(attempts).where(*ours, state, none).values(again_at=soon))
    await wake(tx, tenant_id, ASKS_DUE)


async def _of_product(came: _Came, notice: Notice) -> None:
    """Look at a product whose price or stock changed: what the notice says isn't believed."""
    supplier_id, tenant_id, upstreams = (
        came.connection.supplier_id,
        came.tenant_id,
        came.upstreams,
    )
    if notice.ref:
        try:
            async with asyncio.timeout(LOOK_S):
                await refresh_offer(
                    came.database, tenant_id, upstreams, came.connection, notice.ref
                )
        except (TimeoutError, KashuError) as error:
            _log.info("product_not_read", supplier=str(supplier_id), error=type(error).__name__)
        else:
            return
    async with came.database.transaction(tenant_id) as tx:
        await want_prices(tx, tenant_id, supplier_id, upstreams.now())
