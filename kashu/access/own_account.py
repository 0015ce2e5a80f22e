"""What somebody changes about themselves: password, name, language, preferences."""

from uuid import UUID

import msgspec
from sqlalchemy import update

from kashu.access.errors_second import (
    PreferencesTooLarge,
    ProofNeeded,
    ProofWrong,
)
from kashu.access.invite import end_links
from kashu.access.passwords import check_strength, hash_password, matches
from kashu.access.sessions import Session, end_sessions, renew_session
from kashu.access.shapes_me import Preferences
from kashu.access.sign_in import candidate_of, hold_unlocked, note_failure, prove
from kashu.access.tables import staff
from kashu.access.tenants import check_timezone
from kashu.core.db import Database, Tx
from kashu.core.events import Event, record

PREFERENCES_MAX = 16 << 10  # bytes of JSON


async def require_proof(
    database: Database, tenant_id: int, session: Session, password: str | None
) -> None:
    """See that who is signed in is who they say: just signed in, or by their password again.

    Opens its own transactions, since a password is compared between them. Wrong ones count
    towards the lock-out.
    Raises: ProofNeeded, ProofWrong.
    """
    if password is None:
        if not session.fresh:
            raise ProofNeeded
        return
    async with database.transaction(tenant_id) as tx:
        candidate = await candidate_of(tx, tenant_id, session.staff_id)
    if not await matches(password, candidate.password_hash):
        async with database.transaction(tenant_id) as tx:
            await note_failure(tx, candidate)
        raise ProofWrong
    async with database.transaction(tenant_id) as tx:
        proved = await prove(tx, candidate, session.session_id)
    if not proved:
        raise ProofWrong


async def change_password(
    database: Database, tenant_id: int, session: Session, *, old: str, new: str
) -> str:
    """Choose another password; returns the session's new token. All other sessions end.

    Opens its own transactions, as require_proof() does.
    Raises: PasswordWeak, ProofWrong.
    """
    check_strength(new, session.login)
    await require_proof(database, tenant_id, session, old)
    password_hash = await hash_password(new)
    async with database.transaction(tenant_id) as tx:
        if not await hold_unlocked(tx, tenant_id, session.staff_id):
            raise ProofWrong
        await tx.execute(
            update(staff)
            .where(staff.c.tenant_id == tenant_id, staff.c.id == session.staff_id)
            .values(password_hash=password_hash)
        )
        await end_sessions(tx, tenant_id, session.staff_id, keep=session.session_id)
        await end_links(tx, tenant_id, session.staff_id)
        token = await renew_session(tx, tenant_id, session)
        changed = Event("staff.password_changed", session.staff_id)
        await record(tx, tenant_id, f"staff:{session.staff_id}", [changed])
    return token


async def change_me(
    tx: Tx, tenant_id: int, session: Session, changed: dict[str, str | None]
) -> None:
    """Change one's own name or language."""
    await tx.execute(
        update(staff)
        .where(staff.c.tenant_id == tenant_id, staff.c.id == session.staff_id)
        .values(**changed)
    )
    if "name" in changed and changed["name"] != session.name:
        facts = {"from": session.name, "to": changed["name"]}
        renamed = Event("staff.renamed", session.staff_id, facts)
        await record(tx, tenant_id, f"staff:{session.staff_id}", [renamed])


async def keep_preferences(
    tx: Tx, tenant_id: int, staff_id: UUID, preferences: Preferences
) -> None:
    """Remember what the console shall look like. Raises: PreferencesTooLarge, TimezoneUnknown."""
    if preferences.timezone is not None:
        check_timezone(preferences.timezone)
    if len(msgspec.json.encode(preferences)) > PREFERENCES_MAX:
        raise PreferencesTooLarge(limit_bytes=PREFERENCES_MAX)
    await tx.execute(
        update(staff)
        .where(staff.c.tenant_id == tenant_id, staff.c.id == staff_id)
        .values(preferences=msgspec.to_builtins(preferences))
    )
