"""Sessions: opened, renewed when somebody's rights change, listed, ended."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update

from kashu.access.errors import SessionOver
from kashu.access.errors_second import SessionUnknown
from kashu.access.tables import pending_sign_ins, sessions
from kashu.access.tokens import new_token
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.secrets import fingerprint
from kashu.core.sql import Statement

SESSION_LASTS: Final = timedelta(hours=12)
FRESH_FOR: Final = timedelta(minutes=10)  # after that a password is asked for again
SEEN_EVERY: Final = timedelta(minutes=5)  # "last seen" is no more exact than this

# In the order in which they are looked for: Edge and Opera say that they are Chrome, too.
_BROWSERS: Final = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


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
    proved_at: datetime
    seen_at: datetime
    must_enrol: bool  # may do nothing but add a second factor

    @property
    def fresh(self) -> bool:
        """Whether they proved who they are a moment ago."""
        return now() - self.proved_at < FRESH_FOR


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its owner sees it."""

    id: UUID
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    device: str


_session_of = Statement(__file__, "session_of.sql", Session)


async def read_session(tx: Tx, tenant_id: int, token: str) -> Session:
    """Find whose session a token is. Raises: SessionOver."""
    found = await _session_of(tx, tenant=tenant_id, token_hash=fingerprint(token))
    if not found:
        raise SessionOver
    return found[0]


async def open_session(tx: Tx, tenant_id: int, staff_id: UUID, device: str) -> str:
    """Open a session for somebody who proved who they are; returns its new token."""
    token, session_id = new_token(tenant_id), new_id()
    await tx.execute(
        insert(sessions).values(
            tenant_id=tenant_id,
            id=session_id,
            staff_id=staff_id,
            token_hash=fingerprint(token),
            expires_at=now() + SESSION_LASTS,
            device=device,
        )
    )
    signed_in = Event("staff.signed_in", staff_id, {"session": str(session_id)})
    await record(tx, tenant_id, f"staff:{staff_id}", [signed_in])
    return token


async def renew_session(tx: Tx, tenant_id: int, session: Session) -> str:
    """Give a session another token, since what it is good for changed; the old one ends now.

    Raises: SessionOver.
    """
    token = new_token(tenant_id)
    renewed = await tx.execute(
        update(sessions)
        .where(sessions.c.tenant_id == tenant_id, sessions.c.id == session.session_id)
        .where(sessions.c.ended_at.is_(None))
        .values(token_hash=fingerprint(token), proved_at=func.now())
        .returning(sessions.c.id)
    )
    if renewed.one_or_none() is None:
        raise SessionOver
    return token


async def note_seen(tx: Tx, tenant_id: int, session: Session) -> None:
    """Remember roughly when a session was used."""
    if now() - session.seen_at < SEEN_EVERY:
        return
    await tx.execute(
        update(sessions)
        .where(sessions.c.tenant_id == tenant_id, sessions.c.id == session.session_id)
        .where(sessions.c.seen_at < func.now() - SEEN_EVERY)
        .values(seen_at=func.now())
    )


async def list_sessions(tx: Tx, tenant_id: int, staff_id: UUID) -> list[OpenSession]:
    """Where somebody is signed in, the latest first."""
    found = await tx.execute(
        select(
            sessions.c.id,
            sessions.c.created_at,
            sessions.c.seen_at,
            sessions.c.expires_at,
            sessions.c.device,
        )
        .where(sessions.c.tenant_id == tenant_id, sessions.c.staff_id == staff_id)
        .where(sessions.c.ended_at.is_(None), sessions.c.expires_at > func.now())
        .order_by(sessions.c.created_at.desc(), sessions.c.id)
    )
    return [OpenSession(*row) for row in found]


async def end_session(tx: Tx, tenant_id: int, staff_id: UUID, session_id: UUID) -> None:
    """Sign out: the session's token is good for nothing from now on. Raises: SessionUnknown."""
    ended = await tx.execute(
        update(sessions)
        .where(sessions.c.tenant_id == tenant_id, sessions.c.id == session_id)
        .where(sessions.c.staff_id == staff_id, sessions.c.ended_at.is_(None))
        .values(ended_at=func.now())
        .returning(sessions.c.id)
    )
    if ended.one_or_none() is None:
        raise SessionUnknown
    await record(tx, tenant_id, f"staff:{staff_id}", [Event("staff.signed_out", staff_id)])


async def end_sessions(tx: Tx, tenant_id: int, staff_id: UUID, *, keep: UUID | None = None) -> int:
    """Sign somebody out everywhere, but for `keep`; sign-ins that are half done end, too.

    Returns how many sessions ended.
    """
    await tx.execute(
        delete(pending_sign_ins)
        .where(pending_sign_ins.c.tenant_id == tenant_id)
        .where(pending_sign_ins.c.staff_id == staff_id)
    )
    of_theirs = update(sessions).where(
        sessions.c.tenant_id == tenant_id, sessions.c.staff_id == staff_id
    )
    if keep is not None:
        of_theirs = of_theirs.where(sessions.c.id != keep)
    ended = await tx.execute(
        of_theirs.where(sessions.c.ended_at.is_(None)).values(ended_at=func.now())
    )
    return ended.rowcount


def device_of(user_agent: str) -> str:
    """Name a browser and its system as their owner would, and nothing more of them."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if re.search(sign, user_agent)), "")
    return " · ".join(part for part in (browser, system) if part)
