"""HTTP of saved views."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.cookies import Asked, who
from kashu.access.errors_second import SecondFactorRequired
from kashu.access.guards import current_session, problems
from kashu.access.permissions import Permission
from kashu.access.shapes_me import NewView, Page, View, ViewChange, ViewList
from kashu.access.views import (
    SavedView,
    change_view,
    list_views,
    read_view,
    remove_view,
    save_view,
)
from kashu.core.change import chosen
from kashu.core.db import Database
from kashu.core.errors import NotAllowed


@get("/v1/views", operation_id="listViews")
async def read_views(
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    page: Annotated[Page | None, QueryParameter(name="page")] = None,
) -> ViewList:
    """List one's own views and those shared with the shop; of one page where it is told."""
    current = current_session(request.scope)
    me = current[0].staff_id if current else None
    _check_enrolled(caller)
    if caller.bound:  # what the staff look at is none of a partner's business
        return ViewList([])
    async with database.transaction(caller.tenant_id) as tx:
        found = await list_views(tx, caller.tenant_id, me, page)
    return ViewList([_shown(each, me, caller) for each in found])


@post("/v1/views", operation_id="saveView", responses=problems(409))
async def make_view(
    data: JSONBody[NewView],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> View:
    """Save a page as it is, under a name; shared with everybody where that is wanted."""
    session, _ = who(request)
    _check_enrolled(caller)
    async with database.transaction(caller.tenant_id) as tx:
        view_id = await save_view(
            tx, caller.tenant_id, session.staff_id, **msgspec.structs.asdict(data)
        )
        made = await read_view(tx, caller.tenant_id, session.staff_id, view_id)
    return _shown(made, session.staff_id, caller)


@patch("/v1/views/{view_id:uuid}", operation_id="changeView", responses=problems(404, 409))
async def alter_view(
    view_id: FromPath[UUID],
    data: JSONBody[ViewChange],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> View:
    """Rename a view, save it anew, share it: one's own, or with settings.write a shared one."""
    session, _ = who(request)
    _check_enrolled(caller)
    changed = chosen(data)
    async with database.transaction(caller.tenant_id) as tx:
        view = await read_view(tx, caller.tenant_id, session.staff_id, view_id)
        _check_may(view, session.staff_id, caller)
        await change_view(tx, caller.tenant_id, view_id, changed)
    return _shown(replace(view, **changed), session.staff_id, caller)


@delete("/v1/views/{view_id:uuid}", operation_id="removeView", responses=problems(404))
async def drop_view(
    view_id: FromPath[UUID],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Forget a view: one's own, or with settings.write a shared one."""
    session, _ = who(request)
    _check_enrolled(caller)
    async with database.transaction(caller.tenant_id) as tx:
        view = await read_view(tx, caller.tenant_id, session.staff_id, view_id)
        _check_may(view, session.staff_id, caller)
        await remove_view(tx, caller.tenant_id, view_id)


def _check_enrolled(caller: Caller) -> None:
    """Refuse who must add a second factor first. Raises: SecondFactorRequired."""
    if caller.must_enrol:
        raise SecondFactorRequired


def _may(view: SavedView, me: UUID | None, caller: Caller) -> bool:
    return view.staff_id == me or (me is not None and caller.may(Permission.SETTINGS_WRITE))


def _check_may(view: SavedView, me: UUID, caller: Caller) -> None:
    if not _may(view, me, caller):
        raise NotAllowed(permission=Permission.SETTINGS_WRITE.value)


def _shown(view: SavedView, me: UUID | None, caller: Caller) -> View:
    return View(
        view.id,
        view.page,
        view.name,
        view.query,
        view.shared,
        view.staff_id == me,
        view.by,
        view.created_at,
        ["change", "remove"] if _may(view, me, caller) else [],
    )


routes = (read_views, make_view, alter_view, drop_view)
