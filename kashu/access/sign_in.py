"""Sign in: password, then the second factor where there is one; back-off after failures."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import case, delete, func, insert, select, update

from kashu.access.errors import SignInFailed
from kashu.access.errors_second import SignInLapsed
from kashu.access.factors import Factors, read_factors
from kashu.access.sessions import open_session
from kashu.access.tables import StaffState, pending_sign_ins, sessions, staff
from kashu.access.tokens import new_token
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.secrets import fingerprint

FREE_FAILURES: Final = 4  # typing errors; the fifth in a row locks
FIRST_LOCK_S: Final = 30  # doubles with each further failure …
LONGEST_LOCK_S: Final = 900  # … up to 15 minutes, as the error says
PENDING_LASTS: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who says they are whom. Nobody (`password_hash` None) is treated exactly as somebody."""

    tenant_id: int
    staff_id: UUID
    password_hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pending:
    """A right password that waits for the second factor."""

    factors: Factors
    expires_at: datetime
    token: str = field(repr=False)


_UNLOCKED: Final = staff.c.locked_until.is_(None) | (staff.c.locked_until <= func.now())


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


async def candidate_of(tx: Tx, tenant_id: int, staff_id: UUID) -> Candidate:
    """Read whose password to check, of somebody who is known."""
    found = await tx.execute(
        select(staff.c.password_hash).where(
            staff.c.tenant_id == tenant_id,
            staff.c.id == staff_id,
            staff.c.state == StaffState.ACTIVE,
        )
    )
    return Candidate(tenant_id, staff_id, found.scalar_one_or_none())


def nobody(tenant_id: int = 0) -> Candidate:
    """Stand for somebody who isn't there."""
    return Candidate(tenant_id, new_id(), None)


async def begin_session(tx: Tx, candidate: Candidate, *, device: str = "") -> str:
    """Open a session for somebody who has proved all there is to prove; returns its new token.

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
    return await open_session(tx, candidate.tenant_id, candidate.staff_id, device)


async def sign_in_by_password(tx: Tx, candidate: Candidate, *, device: str) -> str | Pending:
    """Open a session; of somebody with a second factor, only begin to: they prove that first.

    The count of failures stays until both are right, or a known password would give as many
    guesses at the code as one likes.
    Locks: the person, so that a factor being added ends what was opened without it.
    Raises: SignInFailed.
    """
    admitted = await tx.execute(
        select(staff.c.id)
        .where(staff.c.tenant_id == candidate.tenant_id, staff.c.id == candidate.staff_id)
        .where(staff.c.state == StaffState.ACTIVE, _UNLOCKED)
        .where(staff.c.password_hash == candidate.password_hash)
        .with_for_update()
    )
    if admitted.one_or_none() is None:
        raise SignInFailed
    factors = await read_factors(tx, candidate.tenant_id, candidate.staff_id)
    if not factors.any:
        return await begin_session(tx, candidate, device=device)
    token, expires_at = new_token(candidate.tenant_id), now() + PENDING_LASTS
    await tx.execute(
        insert(pending_sign_ins).values(
            tenant_id=candidate.tenant_id,
            id=new_id(),
            staff_id=candidate.staff_id,
            token_hash=fingerprint(token),
            expires_at=expires_at,
        )
    )
    return Pending(factors, expires_at, token)


async def read_pending(tx: Tx, tenant_id: int, token: str) -> UUID:
    """Find whose half-done sign-in a token is. Raises: SignInLapsed."""
    found = await tx.execute(
        select(pending_sign_ins.c.staff_id).where(
            pending_sign_ins.c.tenant_id == tenant_id,
            pending_sign_ins.c.token_hash == fingerprint(token),
            pending_sign_ins.c.expires_at > func.now(),
        )
    )
    staff_id: UUID | None = found.scalar_one_or_none()
    if staff_id is None:
        raise SignInLapsed
    return staff_id


async def use_pending(tx: Tx, tenant_id: int, token: str) -> None:
    """Use a half-done sign-in up. Raises: SignInLapsed where somebody else just did."""
    used = await tx.execute(
        delete(pending_sign_ins)
        .where(pending_sign_ins.c.tenant_id == tenant_id)
        .where(pending_sign_ins.c.token_hash == fingerprint(token))
        .where(pending_sign_ins.c.expires_at > func.now())
        .returning(pending_sign_ins.c.id)
    )
    if used.one_or_none() is None:
        raise SignInLapsed


async def hold_unlocked(tx: Tx, tenant_id: int, staff_id: UUID) -> bool:
    """Lock somebody's row for one guess at a time; tell whether they may guess now."""
    found = await tx.execute(
        select(_UNLOCKED & (staff.c.state == StaffState.ACTIVE))
        .where(staff.c.tenant_id == tenant_id, staff.c.id == staff_id)
        .with_for_update()
    )
    return bool(found.scalar_one_or_none())


async def forgive(tx: Tx, tenant_id: int, staff_id: UUID) -> None:
    """Begin to count failures anew."""
    await tx.execute(
        update(staff)
        .where(staff.c.tenant_id == tenant_id, staff.c.id == staff_id)
        .values(failed_count=0, locked_until=None)
    )


async def note_failure(tx: Tx, candidate: Candidate) -> None:
    """Count a wrong password or code, and lock from the fifth in a row: 30 s, 60 s … 15 minutes.

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


async def prove(tx: Tx, candidate: Candidate, session_id: UUID) -> bool:
    """Note that somebody who is signed in gave their right password again.

    Returns whether it counts: not while the account is locked, nor where it was just changed.
    """
    if not await hold_unlocked(tx, candidate.tenant_id, candidate.staff_id):
        return False
    if (await candidate_of(tx, candidate.tenant_id, candidate.staff_id)) != candidate:
        return False
    await forgive(tx, candidate.tenant_id, candidate.staff_id)
    proved = await tx.execute(
        update(sessions)
        .where(sessions.c.tenant_id == candidate.tenant_id, sessions.c.id == session_id)
        .where(sessions.c.ended_at.is_(None))
        .values(proved_at=func.now())
        .returning(sessions.c.id)
    )
    return proved.one_or_none() is not None
