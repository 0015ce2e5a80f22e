"""Sign in and out: password, back-off after failures, sessions."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import case, func, insert, select, update

from kashu.access.errors import SessionOver, SignInFailed
from kashu.access.tables import StaffState, sessions, staff
from kashu.access.tokens import new_token
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.secrets import fingerprint
from kashu.core.sql import Statement

SESSION_LASTS: Final = timedelta(hours=12)
FREE_FAILURES: Final = 4  # typing errors; the fifth in a row locks
FIRST_LOCK_S: Final = 30  # doubles with each further failure …
LONGEST_LOCK_S: Final = 900  # … up to 15 minutes, as the error says


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who says they are whom. Nobody (`password_hash` None) is treated exactly as somebody."""

    tenant_id: int
    staff_id: UUID
    password_hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """A session and whose it is."""

    session_id: UUID
    staff_id: UUID
    name: str
    login: str
    role: str
    tenant_code: str
    tenant_name: str
    timezone: str
    expires_at: datetime


_UNLOCKED: Final = staff.c.locked_until.is_(None) | (staff.c.locked_until <= func.now())

_session_of = Statement(__file__, "session_of.sql", Session)


async def find_candidate(tx: Tx, tenant_id: int, login: str) -> Candidate:
    """Read whose password to check. The same work is done when there is no such login."""
    found = await tx.execute(
        select(staff.c.id, staff.c.password_hash).where(
            staff.c.tenant_id == tenant_id,
            staff.c.login == login.lower(),
            staff.c.state == StaffState.ACTIVE,
        )
    )
    row = found.one_or_none()
    return Candidate(tenant_id, row.id, row.password_hash) if row else nobody(tenant_id)


def nobody(tenant_id: int = 0) -> Candidate:
    """Stand for somebody who isn't there."""
    return Candidate(tenant_id, new_id(), None)


async def begin_session(tx: Tx, candidate: Candidate) -> str:
    """Open a session for somebody whose password was right; returns its new token.

    Refused while the account is locked, however right the password: those who guess in parallel
    all read "not locked" first, and only here is it decided.
    Raises: SignInFailed.
    """
    admitted = await tx.execute(
        update(staff)
        .where(staff.c.tenant_id == candidate.tenant_id, staff.c.id == candidate.staff_id)
        .where(staff.c.state == StaffState.ACTIVE, _UNLOCKED)
        .where(staff.c.password_hash == candidate.password_hash)
        .values(failed_count=0, locked_until=None)
        .returning(staff.c.id)
    )
    if admitted.one_or_none() is None:
        raise SignInFailed
    token, session_id = new_token(candidate.tenant_id), new_id()
    await tx.execute(
        insert(sessions).values(
            tenant_id=candidate.tenant_id,
            id=session_id,
            staff_id=candidate.staff_id,
            token_hash=fingerprint(token),
            expires_at=now() + SESSION_LASTS,
        )
    )
    actor = f"staff:{candidate.staff_id}"
    signed_in = Event("staff.signed_in", candidate.staff_id, {"session": str(session_id)})
    await record(tx, candidate.tenant_id, actor, [signed_in])
    return token


async def note_failure(tx: Tx, candidate: Candidate) -> None:
    """Count a wrong password, and lock from the fifth in a row: 30 s, 60 s … 15 minutes.

    While it is locked nothing is counted, or a stranger could keep somebody out for ever. For
    nobody the same statement runs and finds no row.
    """
    beyond = staff.c.failed_count - FREE_FAILURES
    seconds = func.least(LONGEST_LOCK_S, FIRST_LOCK_S * func.power(2, func.least(beyond, 10)))
    lock = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    counted = await tx.execute(
        update(staff)
        .where(staff.c.tenant_id == candidate.tenant_id, staff.c.id == candidate.staff_id)
        .where(_UNLOCKED)
        .values(
            failed_count=staff.c.failed_count + 1,
            locked_until=case((staff.c.failed_count >= FREE_FAILURES, lock), else_=None),
        )
        .returning(staff.c.failed_count)
    )
    failed_count = counted.scalar_one_or_none()
    if failed_count is not None and failed_count == FREE_FAILURES + 1:
        locked = Event("staff.locked", candidate.staff_id, {"failed_count": failed_count})
        await record(tx, candidate.tenant_id, "system", [locked])


async def read_session(tx: Tx, tenant_id: int, token: str) -> Session:
    """Find whose session a token is. Raises: SessionOver."""
    found = await _session_of(tx, tenant=tenant_id, token_hash=fingerprint(token))
    if not found:
        raise SessionOver
    return found[0]


async def end_session(tx: Tx, tenant_id: int, actor: str, session: Session) -> None:
    """Sign out: the token is good for nothing from now on."""
    await tx.execute(
        update(sessions)
        .where(sessions.c.tenant_id == tenant_id, sessions.c.id == session.session_id)
        .where(sessions.c.ended_at.is_(None))
        .values(ended_at=func.now())
    )
    await record(tx, tenant_id, actor, [Event("staff.signed_out", session.staff_id)])
