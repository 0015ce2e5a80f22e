"""Saved views: a page of the console as somebody left it, for themselves or for the shop."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, select, update

from kashu.access.errors_second import ViewNameTaken, ViewsTooMany, ViewUnknown
from kashu.access.tables import saved_views, staff
from kashu.core.db import Tx, on_violation, one_at_a_time
from kashu.core.ids import new_id

VIEWS_MAX: Final = 100  # of one person

on_violation("saved_view_name_is_unique", ViewNameTaken)


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view and who saved it."""

    id: UUID
    staff_id: UUID
    page: str
    name: str
    query: str
    shared: bool
    created_at: datetime
    by: str


async def list_views(
    tx: Tx, tenant_id: int, staff_id: UUID | None, page: str | None = None
) -> list[SavedView]:
    """Somebody's own views and the shared ones, by name; those of one page where it is told."""
    found = await tx.execute(
        _visible(tenant_id, staff_id, page).order_by(saved_views.c.name, saved_views.c.id)
    )
    return [SavedView(*row) for row in found]


async def read_view(tx: Tx, tenant_id: int, staff_id: UUID, view_id: UUID) -> SavedView:
    """Read a view that somebody may see. Raises: ViewUnknown."""
    found = await tx.execute(_visible(tenant_id, staff_id, None).where(saved_views.c.id == view_id))
    row = found.one_or_none()
    if row is None:
        raise ViewUnknown
    return SavedView(*row)


async def save_view(
    tx: Tx, tenant_id: int, staff_id: UUID, *, page: str, name: str, query: str, shared: bool
) -> UUID:
    """Keep a view. Locks: one at a time of a person. Raises: ViewsTooMany, ViewNameTaken."""
    await one_at_a_time(tx, f"views {tenant_id} {staff_id}")
    kept = await tx.execute(
        select(func.count())
        .select_from(saved_views)
        .where(saved_views.c.tenant_id == tenant_id, saved_views.c.staff_id == staff_id)
    )
    if kept.scalar_one() >= VIEWS_MAX:
        raise ViewsTooMany(limit=VIEWS_MAX)
    view_id = new_id()
    await tx.execute(
        insert(saved_views).values(
            tenant_id=tenant_id,
            id=view_id,
            staff_id=staff_id,
            page=page,
            name=name,
            query=query,
            shared=shared,
        )
    )
    return view_id


async def change_view(
    tx: Tx, tenant_id: int, view_id: UUID, changed: dict[str, str | bool]
) -> None:
    """Rename a view, save it anew, share it. Raises: ViewNameTaken."""
    if changed:
        await tx.execute(
            update(saved_views)
            .where(saved_views.c.tenant_id == tenant_id, saved_views.c.id == view_id)
            .values(**changed)
        )


async def remove_view(tx: Tx, tenant_id: int, view_id: UUID) -> None:
    """Forget a view."""
    await tx.execute(
        delete(saved_views).where(saved_views.c.tenant_id == tenant_id, saved_views.c.id == view_id)
    )


def _visible(tenant_id: int, staff_id: UUID | None, page: str | None) -> Select[Any]:
    wanted = (
        select(
            saved_views.c.id,
            saved_views.c.staff_id,
            saved_views.c.page,
            saved_views.c.name,
            saved_views.c.query,
            saved_views.c.shared,
            saved_views.c.created_at,
            staff.c.name.label("by"),
        )
        .join(staff, (staff.c.tenant_id == tenant_id) & (staff.c.id == saved_views.c.staff_id))
        .where(saved_views.c.tenant_id == tenant_id)
        .where(saved_views.c.shared | (saved_views.c.staff_id == staff_id))
    )
    return wanted if page is None else wanted.where(saved_views.c.page == page)
