"""HTTP of one's own account: sessions, password, name, language, preferences."""

from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, patch, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.cookies import Asked, me_of, session_cookie, who
from kashu.access.guards import current_session, problems
from kashu.access.own_account import change_me, change_password, keep_preferences
from kashu.access.sessions import end_session, end_sessions, list_sessions
from kashu.access.shapes_me import (
    Me,
    MeChange,
    PasswordChange,
    Preferences,
    SessionList,
    SessionsEnded,
    SessionShown,
)
from kashu.core.change import chosen
from kashu.core.db import Database
from kashu.core.events import Event, record


@get("/v1/me/sessions", operation_id="listMySessions")
async def read_sessions(
    request: Asked, caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> SessionList:
    """List where one is signed in. A program has no sessions."""
    current = current_session(request.scope)
    if current is None:
        return SessionList([])
    session, _ = current
    async with database.transaction(caller.tenant_id) as tx:
        found = await list_sessions(tx, caller.tenant_id, session.staff_id)
    return SessionList(
        [
            SessionShown(
                each.id,
                each.device,
                each.created_at,
                each.seen_at,
                each.expires_at,
                each.id == session.session_id,
            )
            for each in found
        ]
    )


@delete("/v1/me/sessions/{session_id:uuid}", operation_id="endMySession", responses=problems(404))
async def end_one(
    session_id: FromPath[UUID],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """End one of one's own sessions, at once."""
    session, _ = who(request)
    async with database.transaction(caller.tenant_id) as tx:
        await end_session(tx, caller.tenant_id, session.staff_id, session_id)


@delete("/v1/me/sessions", operation_id="signOutEverywhere", status_code=200)
async def end_all(
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keep_this: Annotated[bool, QueryParameter(name="keep_this")] = False,  # noqa: FBT002
) -> Response[SessionsEnded]:
    """Sign out everywhere, at once; here too, unless this session is to be kept."""
    session, _ = who(request)
    keep = session.session_id if keep_this else None
    async with database.transaction(caller.tenant_id) as tx:
        ended = await end_sessions(tx, caller.tenant_id, session.staff_id, keep=keep)
        told = Event("staff.signed_out", session.staff_id, {"sessions": ended})
        await record(tx, caller.tenant_id, caller.actor, [told])
    cookies = [] if keep_this else [session_cookie("", request)]
    return Response(SessionsEnded(ended), cookies=cookies)


@put("/v1/me/password", operation_id="changePassword")
async def set_password(
    data: JSONBody[PasswordChange],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> Response[Me]:
    """Choose another password. All other sessions end, and this one gets another token."""
    session, _ = who(request)
    token = await change_password(database, caller.tenant_id, session, old=data.old, new=data.new)
    return await renewed(database, caller.tenant_id, token, request)


@patch("/v1/me", operation_id="changeMe")
async def alter_me(
    data: JSONBody[MeChange],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> Me:
    """Change one's own name, or the console's language; what is left out stays."""
    session, token = who(request)
    changed = chosen(data)
    async with database.transaction(caller.tenant_id) as tx:
        if changed:
            await change_me(tx, caller.tenant_id, session, changed)
        return await me_of(tx, caller.tenant_id, token)


@put("/v1/me/preferences", operation_id="savePreferences")
async def set_preferences(
    data: JSONBody[Preferences],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> Preferences:
    """Keep what the console shall look like for one, in place of what was kept."""
    session, _ = who(request)
    async with database.transaction(caller.tenant_id) as tx:
        await keep_preferences(tx, caller.tenant_id, session.staff_id, data)
    return data


async def renewed(database: Database, tenant_id: int, token: str, request: Asked) -> Response[Me]:
    """Answer with a session's new token in its cookie."""
    async with database.transaction(tenant_id) as tx:
        me = await me_of(tx, tenant_id, token)
    return Response(me, cookies=[session_cookie(token, request)])


routes = (read_sessions, end_one, end_all, set_password, alter_me, set_preferences)
