"""HTTP of access: sign in and out, invitations, staff, API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.datastructures import Cookie
from msgspec import UNSET, Meta, UnsetType

from kashu.access import staff as people
from kashu.access.api_keys import ApiKey, list_keys, make_key, revoke_key, wire_name
from kashu.access.caller import Caller
from kashu.access.doorkeeper import csrf_token
from kashu.access.errors import InvitationUnusable, SignInFailed
from kashu.access.guards import COOKIE, PUBLIC, current_session, problems, requires
from kashu.access.invite import accept_invitation, invite, invite_again, read_invitation
from kashu.access.keyring import Keyrings
from kashu.access.passwords import MAXIMUM, check_strength, hash_password, matches
from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.access.sign_in import (
    SESSION_LASTS,
    Session,
    begin_session,
    end_session,
    find_candidate,
    nobody,
    note_failure,
    read_session,
)
from kashu.access.tenants import Tenant, tenant_by_code, tenant_by_id
from kashu.access.tokens import tenant_of
from kashu.core.db import Database
from kashu.core.errors import NotSignedIn

Name = Annotated[str, Meta(min_length=1, max_length=60)]
Login = Annotated[str, Meta(min_length=2, max_length=64)]
Password = Annotated[str, Meta(min_length=1, max_length=MAXIMUM)]
Token = Annotated[str, Meta(min_length=1, max_length=100)]


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who signs in, and where."""

    tenant: Annotated[str, Meta(min_length=1, max_length=32)]
    login: Login
    password: Password

    def __repr__(self) -> str:
        return "SignIn(•••)"


class Shop(msgspec.Struct, frozen=True):
    """The merchant."""

    code: str
    name: str
    timezone: str


class Me(msgspec.Struct, frozen=True):
    """Who I am, and what I may do."""

    actor: str
    tenant: Shop
    permissions: list[Permission]
    name: str | None = None
    login: str | None = None
    role: Role | None = None
    csrf_token: str | None = None  # to be sent as X-Kashu-CSRF with every change
    expires_at: datetime | None = None


class NewInvitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to invite, as what."""

    login: Login
    name: Name
    role: Role


class InvitationMade(msgspec.Struct, frozen=True):
    """A link's token: told once, good once."""

    staff_id: UUID
    token: str
    expires_at: datetime


class Acceptance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The link's token, and the password chosen."""

    token: Token
    password: Password

    def __repr__(self) -> str:
        return "Acceptance(•••)"


class Accepted(msgspec.Struct, frozen=True):
    """What to sign in with."""

    tenant: str
    login: str


class StaffMember(msgspec.Struct, frozen=True):
    """One of the staff, and what you can do to them."""

    id: UUID
    login: str
    name: str
    role: Role
    state: str
    created_at: datetime
    locked_until: datetime | None
    can: Sequence[str]


class StaffList(msgspec.Struct, frozen=True):
    """Everybody, in the order in which they came."""

    staff: list[StaffMember]


class StaffChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays."""

    role: Role | UnsetType = UNSET
    state: Literal["active", "disabled"] | UnsetType = UNSET


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a key is for, and what it may do."""

    name: Name
    scopes: Annotated[list[Permission], Meta(min_length=1, max_length=len(Permission))]
    store_id: UUID | None = None
    customer_id: UUID | None = None
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class Key(msgspec.Struct, frozen=True):
    """A key, without its secret."""

    id: str
    name: str
    scopes: list[Permission]
    store_id: UUID | None
    customer_id: UUID | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    can: Sequence[str]


class KeyMade(msgspec.Struct, frozen=True):
    """A new key, and its secret, which is never shown again."""

    key: Key
    secret: str

    def __repr__(self) -> str:
        return "KeyMade(•••)"


class KeyList(msgspec.Struct, frozen=True):
    """All keys, newest first."""

    keys: list[Key]


@post("/v1/session", operation_id="signIn", opt=PUBLIC, responses=problems(401))
async def sign_in(data: SignIn, request: Request[Any, Any, Any], database: Database) -> Response[Me]:
    """Sign in with the shop's code, login and password; the answer sets the session's cookie.

    Each sign-in makes a new token. What is wrong is never told.
    """
    async with database.transaction(None) as tx:
        tenant = await tenant_by_code(tx, data.tenant)
    async with database.transaction(tenant.id if tenant else None) as tx:
        candidate = await find_candidate(tx, tenant.id if tenant else 0, data.login)
    if not await matches(data.password, candidate.password_hash):
        async with database.transaction(candidate.tenant_id or None) as tx:
            await note_failure(tx, candidate)
        raise SignInFailed
    assert tenant, "nobody's password matches"
    async with database.transaction(tenant.id) as tx:
        token = await begin_session(tx, candidate)
        session = await read_session(tx, tenant.id, token)
    return Response(_me_of_session(session, token), cookies=[_cookie_with(token, request)])


@delete("/v1/session", operation_id="signOut", responses=problems(401))
async def sign_out(
    request: Request[Any, Any, Any], caller: Caller, database: Database
) -> Response[None]:
    """Sign out: the session's token is good for nothing from now on."""
    current = current_session(request.scope)
    if current is None:
        raise NotSignedIn
    async with database.transaction(caller.tenant_id) as tx:
        await end_session(tx, caller.tenant_id, caller.actor, current[0])
    gone = _cookie_with("", request)
    return Response(None, status_code=204, cookies=[gone])


@get("/v1/me", operation_id="readMe")
async def read_me(request: Request[Any, Any, Any], caller: Caller, database: Database) -> Me:
    """Say who is signed in, or whose key it is, and what they may do."""
    current = current_session(request.scope)
    if current is not None:
        return _me_of_session(*current)
    async with database.transaction(caller.tenant_id) as tx:
        tenant = await tenant_by_id(tx, caller.tenant_id)
    return Me(caller.actor, _shop(tenant), sorted(caller.permissions))


@post(
    "/v1/invitations",
    operation_id="invite",
    guards=[requires(Permission.STAFF_MANAGE)],
    responses=problems(409),
)
async def invite_staff(data: NewInvitation, caller: Caller, database: Database) -> InvitationMade:
    """Invite somebody; the token in the answer is told once, good once, for 72 hours."""
    people.check_may_give(caller, data.role)
    async with database.transaction(caller.tenant_id) as tx:
        made = await invite(
            tx,
            caller.tenant_id,
            caller.actor,
            login=data.login,
            name=data.name,
            role=data.role,
        )
    return InvitationMade(made.staff_id, made.token, made.expires_at)


@post(
    "/v1/staff/{staff_id:uuid}/invitations",
    operation_id="inviteAgain",
    guards=[requires(Permission.STAFF_MANAGE)],
    responses=problems(404, 409),
)
async def invite_staff_again(
    staff_id: UUID, caller: Caller, database: Database
) -> InvitationMade:
    """Give somebody a new link, to choose a new password; their earlier links end."""
    async with database.transaction(caller.tenant_id) as tx:
        person = await people.read_person(tx, caller.tenant_id, staff_id)
        people.check_may_give(caller, person.role)
        made = await invite_again(tx, caller.tenant_id, caller.actor, staff_id)
    return InvitationMade(made.staff_id, made.token, made.expires_at)


@post(
    "/v1/invitations/accept",
    operation_id="acceptInvitation",
    opt=PUBLIC,
    status_code=200,
    responses=problems(404),
)
async def accept(data: Acceptance, database: Database) -> Accepted:
    """Use an invitation up by choosing a password; older sessions of the person end."""
    tenant_id = tenant_of(data.token)
    if tenant_id is None:
        raise InvitationUnusable
    async with database.transaction(tenant_id) as tx:
        invited = await read_invitation(tx, tenant_id, data.token)
    check_strength(data.password, invited.login)
    password_hash = await hash_password(data.password)
    async with database.transaction(tenant_id) as tx:
        invited = await accept_invitation(tx, tenant_id, data.token, password_hash)
    return Accepted(invited.tenant_code, invited.login)


@get("/v1/staff", operation_id="listStaff", guards=[requires(Permission.STAFF_MANAGE)])
async def read_staff(caller: Caller, database: Database) -> StaffList:
    """List the staff."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await people.list_staff(tx, caller.tenant_id)
    return StaffList([_member(caller, person) for person in found])


@patch(
    "/v1/staff/{staff_id:uuid}",
    operation_id="changeStaff",
    guards=[requires(Permission.STAFF_MANAGE)],
    responses=problems(404, 409),
)
async def change_staff(
    staff_id: UUID, data: StaffChange, caller: Caller, database: Database
) -> StaffMember:
    """Change somebody's role, disable or enable them. A disabled person's sessions end at once."""
    async with database.transaction(caller.tenant_id) as tx:
        person = await people.read_person(tx, caller.tenant_id, staff_id)
        if data.role is not UNSET:
            person = await people.change_role(tx, caller.tenant_id, caller, staff_id, data.role)
        if data.state == "disabled":
            person = await people.disable(tx, caller.tenant_id, caller, staff_id)
        elif data.state == "active":
            person = await people.enable(tx, caller.tenant_id, caller, staff_id)
    return _member(caller, person)


@get("/v1/keys", operation_id="listKeys", guards=[requires(Permission.KEYS_MANAGE)])
async def read_keys(caller: Caller, database: Database) -> KeyList:
    """List API keys, the revoked ones too, without their secrets."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await list_keys(tx, caller.tenant_id)
    return KeyList([_key(caller.tenant_id, key) for key in found])


@post("/v1/keys", operation_id="makeKey", guards=[requires(Permission.KEYS_MANAGE)])
async def make(data: NewKey, caller: Caller, database: Database, keyrings: Keyrings) -> KeyMade:
    """Make an API key. Its secret is in this answer and never again."""
    async with database.transaction(caller.tenant_id) as tx:
        made = await make_key(
            tx,
            caller,
            keyrings.masters,
            name=data.name,
            scopes=data.scopes,
            store_id=data.store_id,
            customer_id=data.customer_id,
            expires_at=data.expires_at,
        )
    return KeyMade(_key(caller.tenant_id, made.key), made.secret.clear)


@delete(
    "/v1/keys/{key_id:str}",
    operation_id="revokeKey",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404),
)
async def revoke(key_id: str, caller: Caller, database: Database) -> None:
    """Revoke a key. Every process refuses it within 10 seconds."""
    async with database.transaction(caller.tenant_id) as tx:
        await revoke_key(tx, caller.tenant_id, caller.actor, key_id)


def _me_of_session(session: Session, token: str) -> Me:
    role = Role(session.role)
    return Me(
        f"staff:{session.staff_id}",
        Shop(session.tenant_code, session.tenant_name, session.timezone),
        sorted(ROLE_PERMISSIONS[role]),
        name=session.name,
        login=session.login,
        role=role,
        csrf_token=csrf_token(token),
        expires_at=session.expires_at,
    )


def _shop(tenant: Tenant) -> Shop:
    return Shop(tenant.code, tenant.name, tenant.timezone)


def _cookie_with(token: str, request: Request[Any, Any, Any]) -> Cookie:
    return Cookie(
        COOKIE,
        token,
        path="/",
        max_age=int(SESSION_LASTS.total_seconds()) if token else 0,
        httponly=True,
        samesite="lax",
        secure=request.app.state.secure_cookies or request.url.scheme == "https",
    )


def _member(caller: Caller, person: people.Person) -> StaffMember:
    return StaffMember(
        person.id,
        person.login,
        person.name,
        person.role,
        person.state.value,
        person.created_at,
        person.locked_until,
        people.can(caller, person),
    )


def _key(tenant_id: int, key: ApiKey) -> Key:
    return Key(
        wire_name(tenant_id, key),
        key.name,
        sorted(key.scopes),
        key.store_id,
        key.customer_id,
        key.created_at,
        key.expires_at,
        key.revoked_at,
        key.last_used_at,
        () if key.revoked_at else ("revoke",),
    )


routes = (
    sign_in,
    sign_out,
    read_me,
    invite_staff,
    invite_staff_again,
    accept,
    read_staff,
    change_staff,
    read_keys,
    make,
    revoke,
)
