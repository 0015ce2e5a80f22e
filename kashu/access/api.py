"""HTTP of access: invitations, staff, API keys."""

from typing import Any
from uuid import UUID

from litestar import Request, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from kashu.access import staff as people
from kashu.access.api_keys import ApiKey, list_keys, make_key, revoke_key, wire_name
from kashu.access.caller import Caller
from kashu.access.cookies import me_of
from kashu.access.errors import InvitationUnusable
from kashu.access.guards import PUBLIC, current_session, problems, requires
from kashu.access.invite import accept_invitation, invite, invite_again, read_invitation
from kashu.access.keyring import Keyrings
from kashu.access.passwords import check_strength, hash_password
from kashu.access.permissions import Permission
from kashu.access.shapes import (
    Acceptance,
    Accepted,
    InvitationMade,
    Key,
    KeyList,
    KeyMade,
    NewInvitation,
    NewKey,
    Shop,
    StaffChange,
    StaffList,
    StaffMember,
)
from kashu.access.shapes_me import Me
from kashu.access.tenants import Tenant, tenant_by_id
from kashu.access.tokens import tenant_of
from kashu.core.db import Database


@get("/v1/me", operation_id="readMe")
async def read_me(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> Me:
    """Say who is signed in, or whose key it is, and what they may do."""
    current = current_session(request.scope)
    async with database.transaction(caller.tenant_id) as tx:
        if current is not None:
            return await me_of(tx, caller.tenant_id, current[1])
        tenant = await tenant_by_id(tx, caller.tenant_id)
    return Me(caller.actor, _shop(tenant), sorted(caller.permissions))


@post(
    "/v1/invitations",
    operation_id="invite",
    guards=[requires(Permission.STAFF_MANAGE)],
    responses=problems(409),
)
async def invite_staff(
    data: JSONBody[NewInvitation],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> InvitationMade:
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
    staff_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
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
async def accept(data: JSONBody[Acceptance], database: NamedDependency[Database]) -> Accepted:
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
async def read_staff(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> StaffList:
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
    staff_id: FromPath[UUID],
    data: JSONBody[StaffChange],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
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
async def read_keys(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> KeyList:
    """List API keys, the revoked ones too, without their secrets."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await list_keys(tx, caller.tenant_id)
    return KeyList([_key(caller.tenant_id, key) for key in found])


@post(
    "/v1/keys",
    operation_id="makeKey",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404),
)
async def make(
    data: JSONBody[NewKey],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> KeyMade:
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
async def revoke(
    key_id: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> None:
    """Revoke a key. Every process refuses it within 10 seconds."""
    async with database.transaction(caller.tenant_id) as tx:
        await revoke_key(tx, caller.tenant_id, caller.actor, key_id)


def _shop(tenant: Tenant) -> Shop:
    return Shop(tenant.code, tenant.name, tenant.timezone)


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
