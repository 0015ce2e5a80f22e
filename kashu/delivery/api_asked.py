"""HTTP for platforms that ask us for each order's cards, and wait for the answer."""

from datetime import timedelta
from typing import Final

import structlog
from litestar import Request, Response, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from kashu.access.guards import PUBLIC, problems
from kashu.access.tenants import Tenant, tenant_by_id
from kashu.channels.asking import Progress, Result
from kashu.channels.channel import PushReply, PushRequest
from kashu.channels.connections import Connection, connection_of, note_asked
from kashu.channels.errors import AppRefused, ShopOrderWrong, StoreNotConnected, UnknownStore
from kashu.channels.kinds import GrantState
from kashu.channels.reads import store_by_code
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.core.errors import KashuError, Refused
from kashu.core.incidents import log_incident
from kashu.delivery.asked import Answer, put_aside
from kashu.delivery.desk import Desk
from kashu.delivery.errors import AnswerPutOff

OK_EVERY: Final = timedelta(minutes=1)  # how often it is noted that a platform asks
_TENANT_MAX: Final = 2**63 - 1

_log = structlog.get_logger()


@post(
    "/asked/{tenant:int}/{code:str}/{call:str}",
    operation_id="takeAsk",
    opt=PUBLIC,
    status_code=200,
    responses=problems(404),
    include_in_schema=False,
)
async def take_ask(
    tenant: FromPath[int],
    code: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    desk: NamedDependency[Desk],
) -> Response[bytes]:
    """Answer a platform that asks for an order, or how it stands; the path's end is the adapter's.

    What isn't authentic, and what can't be answered now, hears what makes the platform come again:
    never that an order failed. Whoever asks at an address of nobody's doesn't learn why.
    """
    whose, connection = await _connection(desk, tenant, code)
    asking, link = desk.outside.reach_asking(tenant, connection)
    came = PushRequest(
        request.method,
        request.url.path,
        request.scope["query_string"].decode("latin-1"),
        {name.lower(): value for name, value in request.headers.items()},
        await request.body(),
    )
    try:
        asked = asking.read(link, came)
        said = await desk.say(whose, connection, asked)
        try:
            reply = asking.answer(link, asked, said.result)
        except Refused as error:  # it can't carry these cards, or doesn't take our keys
            said = await _put_aside(desk.database, tenant, said, error)
            reply = asking.answer(link, asked, said.result)
    except KashuError as error:
        _log.warning("ask_refused", store=str(connection.store_id), error=error.code)
        await _note_wrong(desk.database, tenant, connection, error)
        return _response(asking.refuse(link, came, error))
    except Exception as error:  # noqa: BLE001  (a bug of ours: the platform comes again)
        log_incident(error, store=str(connection.store_id))
        return _response(asking.refuse(link, came, AnswerPutOff()))
    return _response(reply, _after(desk, tenant, connection, said))


async def _connection(desk: Desk, tenant_id: int, code: str) -> tuple[Tenant, Connection]:
    """Whose address it is. Raises: UnknownStore."""
    if not 0 < tenant_id <= _TENANT_MAX:
        raise UnknownStore(store=code[:40])
    async with desk.database.transaction(tenant_id) as tx:
        store = await store_by_code(tx, tenant_id, code)
        try:
            connection = await connection_of(tx, tenant_id, store.id)
        except StoreNotConnected as error:
            raise UnknownStore(store=store.code) from error
        asks = connection.channel in desk.outside.asking
        if not asks or connection.grant_state is not GrantState.GRANTED:
            raise UnknownStore(store=store.code)
        return await tenant_by_id(tx, tenant_id), connection


async def _put_aside(database: Database, tenant_id: int, said: Answer, error: Refused) -> Answer:
    """What can't be written for this platform stays open; a person sees why."""
    _log.warning("ask_not_answered", error=error.code)
    rights = isinstance(error, AppRefused)  # tried again once our keys are put right
    if not rights:
        async with database.transaction(tenant_id) as tx:
            await put_aside(tx, tenant_id, said, error.code)
    return Answer(Result(Progress.OPEN, said.result.ticket))


async def _note_wrong(
    database: Database, tenant_id: int, connection: Connection, error: KashuError
) -> None:
    """Show at the store that an authentic order of its platform couldn't be read."""
    if isinstance(error, ShopOrderWrong) and connection.said != error.code:
        at = connection.next_at
        async with database.transaction(tenant_id) as tx:
            await note_asked(tx, tenant_id, connection.store_id, next_at=at, said=error.code)


def _after(
    desk: Desk, tenant_id: int, connection: Connection, said: Answer
) -> BackgroundTask | None:
    """What is written once an answer has left."""
    if said.leased is None and not _is_news(connection):
        return None
    return BackgroundTask(_answered, desk, tenant_id, connection, said)


async def _answered(desk: Desk, tenant_id: int, connection: Connection, said: Answer) -> None:
    """Note that nothing more is to be told of an order, and now and then that all is well."""
    await desk.answered(tenant_id, connection, said)
    if _is_news(connection):
        at = connection.next_at
        async with desk.database.transaction(tenant_id) as tx:
            await note_asked(tx, tenant_id, connection.store_id, next_at=at)


def _is_news(connection: Connection) -> bool:
    return bool(connection.said) or not connection.ok_at or now() - connection.ok_at > OK_EVERY


def _response(reply: PushReply, after: BackgroundTask | None = None) -> Response[bytes]:
    return Response(
        reply.body, media_type=reply.media_type, status_code=reply.status, background=after
    )


routes: Final = (take_ask,)
