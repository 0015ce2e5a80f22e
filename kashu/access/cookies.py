"""Cookies of access: the session's, and that of a sign-in that is half done. And its answers."""

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request
from litestar.datastructures import Cookie
from sqlalchemy import select

from kashu.access.doorkeeper import csrf_token
from kashu.access.errors_second import OnlyForPeople
from kashu.access.guards import COOKIE, current_session
from kashu.access.passkeys import Passkeys
from kashu.access.permissions import ROLE_PERMISSIONS, Role
from kashu.access.sessions import SESSION_LASTS, Session, device_of, read_session
from kashu.access.shapes import Shop
from kashu.access.shapes_me import Me, Preferences
from kashu.access.sign_in import PENDING_LASTS
from kashu.access.site import Site
from kashu.access.tables import staff
from kashu.core.db import Tx
from kashu.core.secrets import MasterKeys

PENDING_COOKIE: Final = "kashu_sign_in"
PENDING_PATH: Final = "/v1/session"

Asked = Request[Any, Any, Any]


def session_cookie(token: str, request: Asked) -> Cookie:
    """Set the session's cookie; without a token, take it away."""
    return Cookie(
        key=COOKIE,
        value=token,
        path="/",
        max_age=int(SESSION_LASTS.total_seconds()) if token else 0,
        httponly=True,
        samesite="lax",
        secure=_is_secure(request),
    )


def pending_cookie(token: str, request: Asked) -> Cookie:
    """Set the cookie of a sign-in that is half done; without a token, take it away."""
    return Cookie(
        key=PENDING_COOKIE,
        value=token,
        path=PENDING_PATH,
        max_age=int(PENDING_LASTS.total_seconds()) if token else 0,
        httponly=True,
        samesite="strict",
        secure=_is_secure(request),
    )


def who(request: Asked) -> tuple[Session, str]:
    """The session and its token. Raises: OnlyForPeople."""
    current = current_session(request.scope)
    if current is None:
        raise OnlyForPeople
    return current


def device(request: Asked) -> str:
    """What somebody sits at, roughly."""
    return device_of(request.headers.get("user-agent", ""))


def passkeys_for(request: Asked, masters: MasterKeys) -> Passkeys:
    """What asks and checks passkeys. Raises: PasskeyNotHere where this page can't use them."""
    site: Site = request.app.state.site
    site.require(request.headers.get("origin", ""))
    return Passkeys(site, masters)


async def me_of(tx: Tx, tenant_id: int, token: str) -> Me:
    """Say who is signed in by this token. Raises: SessionOver."""
    session = await read_session(tx, tenant_id, token)
    language, preferences = await _taste_of(tx, tenant_id, session.staff_id)
    role = Role(session.role)
    return Me(
        f"staff:{session.staff_id}",
        Shop(session.tenant_code, session.tenant_name, session.timezone),
        [] if session.must_enrol else sorted(ROLE_PERMISSIONS[role]),
        name=session.name,
        login=session.login,
        role=role,
        csrf_token=csrf_token(token),
        expires_at=session.expires_at,
        language=language,
        preferences=preferences,
        must_enrol=session.must_enrol,
    )


async def _taste_of(tx: Tx, tenant_id: int, staff_id: UUID) -> tuple[Any, Preferences]:
    found = await tx.execute(
        select(staff.c.language, staff.c.preferences).where(
            staff.c.tenant_id == tenant_id, staff.c.id == staff_id
        )
    )
    language, kept = found.one()
    try:
        return language, msgspec.convert(kept, Preferences)
    except msgspec.ValidationError:  # an earlier version's: nothing that matters is lost
        return language, Preferences()


def _is_secure(request: Asked) -> bool:
    return bool(request.app.state.secure_cookies) or request.url.scheme == "https"
