"""HTTP of second factors: authenticator, passkeys, recovery codes, and who must have one."""

from uuid import UUID

from litestar import Response, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access import staff as people
from kashu.access.authenticator import (
    begin_authenticator,
    confirm_authenticator,
    make_recovery_codes,
    remove_authenticator,
)
from kashu.access.caller import Caller
from kashu.access.cookies import Asked, me_of, passkeys_for, session_cookie, who
from kashu.access.errors_second import PasskeyNotHere
from kashu.access.factors import (
    is_required_of,
    read_factors,
    read_required,
    remove_factors,
    require_of,
)
from kashu.access.guards import current_session, problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.own_account import require_proof
from kashu.access.passkeys import known_to, remove_passkey, rename_passkey
from kashu.access.permissions import Permission
from kashu.access.sessions import Session, end_sessions, renew_session
from kashu.access.shapes_me import (
    AuthenticatorCode,
    AuthenticatorShown,
    FactorAdded,
    NewPasskey,
    PasskeyName,
    PasskeyOptions,
    PasskeyShown,
    Proof,
    RecoveryCodes,
    RequiredRoles,
    SecondFactor,
)
from kashu.access.site import Site
from kashu.core.db import Database, Tx


@get("/v1/me/second-factor", operation_id="readMySecondFactor")
async def read_mine(
    request: Asked, caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> SecondFactor:
    """Say what one proves oneself with, beside the password. A program has nothing of it."""
    current = current_session(request.scope)
    if current is None:
        return SecondFactor(None, 0, [], required=False, fresh=False, passkeys_work_here=False)
    session, _ = current
    hint = _hint(request, caller.language)
    async with database.transaction(caller.tenant_id) as tx:
        factors = await read_factors(tx, caller.tenant_id, session.staff_id)
        required = await is_required_of(tx, caller.tenant_id, session.staff_id)
    return SecondFactor(
        factors.authenticator_since,
        factors.recovery_left,
        [
            PasskeyShown(each.id, each.name, each.created_at, each.last_used_at, each.backed_up)
            for each in factors.passkeys
        ],
        required,
        session.fresh,
        hint is None,
        hint,
    )


@post("/v1/me/second-factor/authenticator", operation_id="beginAuthenticator")
async def begin(
    data: JSONBody[Proof],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> AuthenticatorShown:
    """Show what an authenticator app is to be told, once. It is in force after one right code."""
    session, _ = who(request)
    await require_proof(database, caller.tenant_id, session, data.password)
    account = f"{session.login}@{session.tenant_code}"
    async with database.transaction(caller.tenant_id) as tx:
        shown = await begin_authenticator(
            tx, caller.tenant_id, session.staff_id, keyrings.masters, account=account
        )
    return AuthenticatorShown(shown.secret.clear, shown.uri.clear)


@post(
    "/v1/me/second-factor/authenticator/confirm",
    operation_id="confirmAuthenticator",
    responses=problems(409),
)
async def confirm(
    data: JSONBody[AuthenticatorCode],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> Response[FactorAdded]:
    """Put the authenticator in force, by the code that it shows. All other sessions end."""
    session, _ = who(request)
    async with database.transaction(caller.tenant_id) as tx:
        await confirm_authenticator(
            tx, caller.tenant_id, session.staff_id, keyrings.masters, data.code
        )
        return await _added(tx, caller, session, keyrings, request)


@post(
    "/v1/me/second-factor/authenticator/remove",
    operation_id="removeAuthenticator",
    status_code=204,
    responses=problems(404, 409),
)
async def remove(
    data: JSONBody[Proof],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Take the authenticator away."""
    session, _ = who(request)
    await require_proof(database, caller.tenant_id, session, data.password)
    async with database.transaction(caller.tenant_id) as tx:
        await remove_authenticator(tx, caller.tenant_id, session.staff_id)


@post("/v1/me/recovery-codes", operation_id="makeRecoveryCodes", responses=problems(404))
async def make_codes(
    data: JSONBody[Proof],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> RecoveryCodes:
    """Make ten recovery codes, told once; earlier ones end."""
    session, _ = who(request)
    await require_proof(database, caller.tenant_id, session, data.password)
    async with database.transaction(caller.tenant_id) as tx:
        keyring = await keyrings.of(tx, caller.tenant_id)
        codes = await make_recovery_codes(tx, caller.tenant_id, session.staff_id, keyring)
    return RecoveryCodes([code.clear for code in codes])


@post("/v1/me/passkeys/options", operation_id="beginPasskey", status_code=200)
async def begin_passkey(
    data: JSONBody[Proof],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> PasskeyOptions:
    """Ask the browser to make a passkey."""
    session, _ = who(request)
    passkeys = passkeys_for(request, keyrings.masters)
    await require_proof(database, caller.tenant_id, session, data.password)
    async with database.transaction(caller.tenant_id) as tx:
        known = await known_to(tx, caller.tenant_id, session.staff_id)
    return PasskeyOptions(
        passkeys.registration(
            caller.tenant_id,
            session.staff_id,
            login=f"{session.login}@{session.tenant_code}",
            name=session.name,
            known=known,
        )
    )


@post("/v1/me/passkeys", operation_id="addPasskey", responses=problems(409))
async def add_passkey(
    data: JSONBody[NewPasskey],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> Response[FactorAdded]:
    """Register the passkey that the browser made. All other sessions end."""
    session, _ = who(request)
    passkeys = passkeys_for(request, keyrings.masters)
    async with database.transaction(caller.tenant_id) as tx:
        await passkeys.register(tx, caller.tenant_id, session.staff_id, data.name, data.passkey)
        return await _added(tx, caller, session, keyrings, request)


@patch(
    "/v1/me/passkeys/{passkey_id:uuid}",
    operation_id="renamePasskey",
    status_code=204,
    responses=problems(404),
)
async def rename(
    passkey_id: FromPath[UUID],
    data: JSONBody[PasskeyName],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Call a passkey something else."""
    session, _ = who(request)
    async with database.transaction(caller.tenant_id) as tx:
        await rename_passkey(tx, caller.tenant_id, session.staff_id, passkey_id, data.name)


@post(
    "/v1/me/passkeys/{passkey_id:uuid}/remove",
    operation_id="removePasskey",
    status_code=204,
    responses=problems(404, 409),
)
async def drop_passkey(
    passkey_id: FromPath[UUID],
    data: JSONBody[Proof],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Take a passkey away: it signs nobody in from now on."""
    session, _ = who(request)
    await require_proof(database, caller.tenant_id, session, data.password)
    async with database.transaction(caller.tenant_id) as tx:
        await remove_passkey(tx, caller.tenant_id, session.staff_id, passkey_id)


@post(
    "/v1/staff/{staff_id:uuid}/second-factor/remove",
    operation_id="removeStaffSecondFactor",
    status_code=204,
    guards=[requires(Permission.STAFF_MANAGE)],
    responses=problems(404),
)
async def reset(
    staff_id: FromPath[UUID],
    data: JSONBody[Proof],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Take all second factors from somebody who lost them; their sessions end."""
    session, _ = who(request)
    await require_proof(database, caller.tenant_id, session, data.password)
    async with database.transaction(caller.tenant_id) as tx:
        person = await people.read_person(tx, caller.tenant_id, staff_id)
        people.check_may_give(caller, person.role)
        await remove_factors(tx, caller.tenant_id, caller.actor, staff_id)
        await end_sessions(tx, caller.tenant_id, staff_id)


@get(
    "/v1/settings/second-factor",
    operation_id="readSecondFactorRoles",
    guards=[requires(Permission.STAFF_MANAGE)],
)
async def read_roles(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> RequiredRoles:
    """Say which roles need a second factor."""
    async with database.transaction(caller.tenant_id) as tx:
        return RequiredRoles(await read_required(tx, caller.tenant_id))


@put(
    "/v1/settings/second-factor",
    operation_id="setSecondFactorRoles",
    guards=[requires(Permission.STAFF_MANAGE)],
    responses=problems(409),
)
async def set_roles(
    data: JSONBody[RequiredRoles],
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> RequiredRoles:
    """Say which roles need a second factor, from now on: who has none may only add one."""
    session, _ = who(request)
    async with database.transaction(caller.tenant_id) as tx:
        await require_of(tx, caller.tenant_id, session.staff_id, data.roles)
        return RequiredRoles(await read_required(tx, caller.tenant_id))


async def _added(
    tx: Tx, caller: Caller, session: Session, keyrings: Keyrings, request: Asked
) -> Response[FactorAdded]:
    """A factor was added: what was opened without it ends, and codes for its loss are told."""
    tenant_id, staff_id = caller.tenant_id, session.staff_id
    codes = []
    if not (await read_factors(tx, tenant_id, staff_id)).recovery_left:
        keyring = await keyrings.of(tx, tenant_id)
        codes = await make_recovery_codes(tx, tenant_id, staff_id, keyring)
    await end_sessions(tx, tenant_id, staff_id, keep=session.session_id)
    token = await renew_session(tx, tenant_id, session)
    me = await me_of(tx, tenant_id, token)
    added = FactorAdded(me, [code.clear for code in codes])
    return Response(added, cookies=[session_cookie(token, request)])


def _hint(request: Asked, language: str) -> str | None:
    """Why passkeys don't work on this page, or None where they do."""
    site: Site = request.app.state.site
    host = request.headers.get("host", "")
    at_site = site.origin.partition("://")[2] == host  # before us may be who speaks TLS
    told = request.headers.get("origin") or (site.origin if at_site else f"http://{host}")
    try:
        site.require(told)
    except PasskeyNotHere as error:
        return error.text(language)
    return None


routes = (
    read_mine,
    begin,
    confirm,
    remove,
    make_codes,
    begin_passkey,
    add_passkey,
    rename,
    drop_passkey,
    reset,
    read_roles,
    set_roles,
)
