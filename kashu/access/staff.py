"""Staff: who works here, in what role, and who no longer does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, func, select, update

from kashu.access.caller import Caller
from kashu.access.errors import LastOwner, MoreThanYouHave, StaffUnknown
from kashu.access.invite import end_links
from kashu.access.permissions import ROLE_PERMISSIONS, Role
from kashu.access.sessions import end_sessions
from kashu.access.tables import StaffState, staff
from kashu.core.db import Tx, one_at_a_time
from kashu.core.events import Event, record


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the staff."""

    id: UUID
    login: str
    name: str
    role: Role
    state: StaffState
    created_at: datetime
    locked_until: datetime | None


async def list_staff(tx: Tx, tenant_id: int) -> list[Person]:
    """Everybody, in the order in which they came."""
    found = await tx.execute(_people(tenant_id).order_by(staff.c.created_at, staff.c.id))
    return [_person(row) for row in found]


async def read_person(tx: Tx, tenant_id: int, staff_id: UUID) -> Person:
    """Read one of the staff. Raises: StaffUnknown."""
    found = await tx.execute(_people(tenant_id).where(staff.c.id == staff_id))
    row = found.one_or_none()
    if row is None:
        raise StaffUnknown
    return _person(row)


def check_may_give(caller: Caller, role: Role) -> None:
    """Nobody gives away, or takes from, more than they have. Raises: MoreThanYouHave."""
    beyond = sorted(ROLE_PERMISSIONS[role] - caller.permissions)
    if beyond:
        raise MoreThanYouHave(permission=beyond[0].value)


async def change_role(tx: Tx, tenant_id: int, caller: Caller, staff_id: UUID, role: Role) -> Person:
    """Give somebody another role, from their next request on.

    Locks: one change of who is owner at a time, so that two can't depose each other.
    Raises: StaffUnknown, MoreThanYouHave, LastOwner.
    """
    await one_at_a_time(tx, f"owners {tenant_id}")
    person = await read_person(tx, tenant_id, staff_id)
    check_may_give(caller, person.role)
    check_may_give(caller, role)
    if person.role == role:
        return person
    await _set(tx, tenant_id, staff_id, role=role.value)
    await _check_an_owner_stays(tx, tenant_id)
    changed = {"from": person.role.value, "to": role.value}
    await record(tx, tenant_id, caller.actor, [Event("staff.role_changed", staff_id, changed)])
    return await read_person(tx, tenant_id, staff_id)


async def disable(tx: Tx, tenant_id: int, caller: Caller, staff_id: UUID) -> Person:
    """Shut somebody out: sessions and unused links end now; what they did stays theirs.

    Locks: as change_role. Raises: StaffUnknown, MoreThanYouHave, LastOwner.
    """
    await one_at_a_time(tx, f"owners {tenant_id}")
    person = await read_person(tx, tenant_id, staff_id)
    check_may_give(caller, person.role)
    await _set(tx, tenant_id, staff_id, state=StaffState.DISABLED.value)
    await _check_an_owner_stays(tx, tenant_id)
    await end_sessions(tx, tenant_id, staff_id)
    await end_links(tx, tenant_id, staff_id)
    await record(tx, tenant_id, caller.actor, [Event("staff.disabled", staff_id)])
    return await read_person(tx, tenant_id, staff_id)


async def enable(tx: Tx, tenant_id: int, caller: Caller, staff_id: UUID) -> Person:
    """Let somebody in again; those who never chose a password need a new invitation.

    Raises: StaffUnknown, MoreThanYouHave.
    """
    person = await read_person(tx, tenant_id, staff_id)
    check_may_give(caller, person.role)
    if person.state == StaffState.DISABLED:
        state = case(
            (staff.c.password_hash.is_(None), StaffState.INVITED.value),
            else_=StaffState.ACTIVE.value,
        )
        await _set(tx, tenant_id, staff_id, state=state)
        await record(tx, tenant_id, caller.actor, [Event("staff.enabled", staff_id)])
    return await read_person(tx, tenant_id, staff_id)


def can(caller: Caller, person: Person) -> Sequence[str]:
    """What the caller may do to somebody: the console's buttons."""
    if ROLE_PERMISSIONS[person.role] - caller.permissions:
        return ()
    if person.state == StaffState.DISABLED:
        return ("enable",)
    return ("invite_again", "change_role", "remove_second_factor", "disable")


async def _set(tx: Tx, tenant_id: int, staff_id: UUID, **values: str | ColumnElement[str]) -> None:
    await tx.execute(
        update(staff).where(staff.c.tenant_id == tenant_id, staff.c.id == staff_id).values(**values)
    )


async def _check_an_owner_stays(tx: Tx, tenant_id: int) -> None:
    owners = await tx.execute(
        select(func.count())
        .select_from(staff)
        .where(staff.c.tenant_id == tenant_id, staff.c.role == Role.OWNER)
        .where(staff.c.state == StaffState.ACTIVE)
    )
    if not owners.scalar_one():
        raise LastOwner


def _people(tenant_id: int) -> Select[Any]:
    return select(
        staff.c.id,
        staff.c.login,
        staff.c.name,
        staff.c.role,
        staff.c.state,
        staff.c.created_at,
        staff.c.locked_until,
    ).where(staff.c.tenant_id == tenant_id)


def _person(row: Row[Any]) -> Person:
    return Person(
        row.id,
        row.login,
        row.name,
        Role(row.role),
        StaffState(row.state),
        row.created_at,
        row.locked_until,
    )
