"""Invite: a one-time link by which somebody chooses a password."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from kashu.access.errors import (
    InvitationUnusable,
    LoginInvalid,
    StaffDisabled,
    StaffExists,
    StaffUnknown,
)
from kashu.access.permissions import Role
from kashu.access.sessions import end_sessions
from kashu.access.tables import StaffState, invitations, staff, tenants
from kashu.access.tokens import new_token
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.secrets import fingerprint

GOOD_FOR: Final = timedelta(hours=72)

_LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who was invited, and the token, which is told once and kept nowhere."""

    staff_id: UUID
    expires_at: datetime
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Invited:
    """For whom an invitation is."""

    staff_id: UUID
    login: str
    tenant_code: str


async def invite(
    tx: Tx, tenant_id: int, actor: str, *, login: str, name: str, role: Role
) -> Invitation:
    """Add somebody who has no password yet, with a link that is good once and for 72 hours.

    Raises: LoginInvalid, StaffExists.
    """
    login = login.lower()
    if not _LOGIN.fullmatch(login):
        raise LoginInvalid
    staff_id = new_id()
    added = await tx.execute(
        insert_or(staff)
        .values(tenant_id=tenant_id, id=staff_id, login=login, name=name, role=role.value)
        .on_conflict_do_nothing()
        .returning(staff.c.id)
    )
    if added.one_or_none() is None:
        raise StaffExists(login=login)
    happened = Event("staff.invited", staff_id, {"login": login, "role": role.value})
    await record(tx, tenant_id, actor, [happened])
    return await _add_link(tx, tenant_id, staff_id)


async def invite_again(tx: Tx, tenant_id: int, actor: str, staff_id: UUID) -> Invitation:
    """Give somebody a new link, to choose a new password; earlier unused links end.

    Raises: StaffUnknown, StaffDisabled.
    """
    found = await tx.execute(
        select(staff.c.state)
        .where(staff.c.tenant_id == tenant_id, staff.c.id == staff_id)
        .with_for_update()
    )
    state = found.scalar_one_or_none()
    if state is None:
        raise StaffUnknown
    if state == StaffState.DISABLED:
        raise StaffDisabled
    await end_links(tx, tenant_id, staff_id)
    await record(tx, tenant_id, actor, [Event("staff.invited_again", staff_id)])
    return await _add_link(tx, tenant_id, staff_id)


async def read_invitation(tx: Tx, tenant_id: int, token: str) -> Invited:
    """Find for whom a token is, while it is good. Raises: InvitationUnusable."""
    found = await tx.execute(
        select(staff.c.id, staff.c.login, tenants.c.code)
        .select_from(invitations)
        .join(staff, (staff.c.tenant_id == tenant_id) & (staff.c.id == invitations.c.staff_id))
        .join(tenants, tenants.c.id == tenant_id)
        .where(*_good(tenant_id, token), staff.c.state != StaffState.DISABLED)
    )
    row = found.one_or_none()
    if row is None:
        raise InvitationUnusable
    return Invited(*row)


async def accept_invitation(tx: Tx, tenant_id: int, token: str, password_hash: str) -> Invited:
    """Use the link up: the password is set, the person may sign in, older sessions end.

    Two who use it at once: one UPDATE finds it unused, the other finds nothing.
    Raises: InvitationUnusable.
    """
    invited = await read_invitation(tx, tenant_id, token)
    used = await tx.execute(
        update(invitations)
        .where(*_good(tenant_id, token))
        .values(used_at=func.now())
        .returning(invitations.c.id)
    )
    if used.one_or_none() is None:
        raise InvitationUnusable
    set_up = await tx.execute(
        update(staff)
        .where(staff.c.tenant_id == tenant_id, staff.c.id == invited.staff_id)
        .where(staff.c.state != StaffState.DISABLED)
        .values(
            password_hash=password_hash,
            state=StaffState.ACTIVE,
            failed_count=0,
            locked_until=None,
        )
        .returning(staff.c.id)
    )
    if set_up.one_or_none() is None:
        raise InvitationUnusable
    await end_sessions(tx, tenant_id, invited.staff_id)
    accepted = Event("staff.accepted", invited.staff_id)
    await record(tx, tenant_id, f"staff:{invited.staff_id}", [accepted])
    return invited


async def end_links(tx: Tx, tenant_id: int, staff_id: UUID) -> None:
    """Make somebody's unused links unusable."""
    await tx.execute(
        update(invitations)
        .where(invitations.c.tenant_id == tenant_id, invitations.c.staff_id == staff_id)
        .where(invitations.c.used_at.is_(None))
        .values(used_at=func.now())
    )


async def _add_link(tx: Tx, tenant_id: int, staff_id: UUID) -> Invitation:
    token, expires_at = new_token(tenant_id), now() + GOOD_FOR
    await tx.execute(
        insert(invitations).values(
            tenant_id=tenant_id,
            id=new_id(),
            staff_id=staff_id,
            token_hash=fingerprint(token),
            expires_at=expires_at,
        )
    )
    return Invitation(staff_id, expires_at, token)


def _good(tenant_id: int, token: str) -> tuple[ColumnElement[bool], ...]:
    return (
        invitations.c.tenant_id == tenant_id,
        invitations.c.token_hash == fingerprint(token),
        invitations.c.used_at.is_(None),
        invitations.c.expires_at > func.now(),
    )
