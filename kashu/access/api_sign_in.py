"""HTTP of signing in and out: password, second factor, passkey."""

from typing import Any

from litestar import Response, delete, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody

from kashu.access.caller import Caller
from kashu.access.cookies import (
    PENDING_COOKIE,
    Asked,
    device,
    me_of,
    passkeys_for,
    pending_cookie,
    session_cookie,
)
from kashu.access.errors import SignInFailed
from kashu.access.errors_second import PasskeyUnknown, SecondFactorWrong, SignInLapsed
from kashu.access.guards import PUBLIC, current_session, problems
from kashu.access.keyring import Keyrings
from kashu.access.passkeys import known_to, owner_of
from kashu.access.passwords import matches
from kashu.access.second_step import Given, sign_in_by_passkey, take_second_step
from kashu.access.sessions import end_session
from kashu.access.shapes import SignIn
from kashu.access.shapes_me import (
    FactorKinds,
    Me,
    PasskeyOptions,
    PasskeySignIn,
    SecondFactorWanted,
    SecondStep,
)
from kashu.access.sign_in import (
    find_candidate,
    note_failure,
    read_pending,
    sign_in_by_password,
)
from kashu.access.tenants import tenant_by_code
from kashu.access.tokens import tenant_of
from kashu.core.db import Database
from kashu.core.errors import NotSignedIn

_WANTED = {
    202: ResponseSpec(
        SecondFactorWanted,
        generate_examples=False,
        description="The password is right; the second factor is wanted, within five minutes",
    )
}


@post("/v1/session", operation_id="signIn", opt=PUBLIC, responses=problems(401) | _WANTED)
async def sign_in(
    data: JSONBody[SignIn], request: Asked, database: NamedDependency[Database]
) -> Response[Me]:
    """Sign in with the shop's code, login and password; the answer sets the session's cookie.

    Each sign-in makes a new token. What is wrong is never told. Of somebody with a second factor
    the answer is 202, sets no session, and says which there are to finish with.
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
        opened = await sign_in_by_password(tx, candidate, device=device(request))
        if isinstance(opened, str):
            return Response(
                await me_of(tx, tenant.id, opened), cookies=[session_cookie(opened, request)]
            )
    factors = opened.factors
    wanted: Any = SecondFactorWanted(
        FactorKinds(
            authenticator=factors.authenticator_since is not None,
            passkey=bool(factors.passkeys),
            recovery_codes=factors.recovery_left > 0,
        ),
        opened.expires_at,
    )
    return Response(wanted, status_code=202, cookies=[pending_cookie(opened.token, request)])


@post(
    "/v1/session/second-factor",
    operation_id="finishSignIn",
    opt=PUBLIC,
    responses=problems(401),
)
async def finish(
    data: JSONBody[SecondStep],
    request: Asked,
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> Response[Me]:
    """Finish a sign-in with a code, a recovery code or a passkey; the answer sets the session.

    The sign-in is known by the cookie that the right password set. Wrong codes count towards the
    lock-out as wrong passwords do.
    """
    tenant_id, token = _pending(request)
    given = Given(data.code, data.recovery_code, data.passkey)
    passkeys = passkeys_for(request, keyrings.masters) if data.passkey is not None else None
    async with database.transaction(tenant_id) as tx:
        opened = await take_second_step(
            tx,
            tenant_id,
            token,
            given,
            keyrings=keyrings,
            passkeys=passkeys,
            device=device(request),
        )
    if opened is None:
        raise SecondFactorWrong
    return await _signed_in(database, tenant_id, opened, request)


@post(
    "/v1/session/second-factor/passkey",
    operation_id="beginSecondFactorPasskey",
    opt=PUBLIC,
    status_code=200,
    responses=problems(401),
)
async def begin_second(
    request: Asked,
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> PasskeyOptions:
    """Ask for a passkey as the second factor of the sign-in that is half done."""
    tenant_id, token = _pending(request)
    passkeys = passkeys_for(request, keyrings.masters)
    async with database.transaction(tenant_id) as tx:
        staff_id = await read_pending(tx, tenant_id, token)
        known = await known_to(tx, tenant_id, staff_id)
    return PasskeyOptions(passkeys.second(tenant_id, staff_id, known))


@post(
    "/v1/session/passkey/options",
    operation_id="beginPasskeySignIn",
    opt=PUBLIC,
    status_code=200,
)
async def begin_passkey(request: Asked, keyrings: NamedDependency[Keyrings]) -> PasskeyOptions:
    """Ask for a passkey to sign in with, whoever it is."""
    return PasskeyOptions(passkeys_for(request, keyrings.masters).sign_in())


@post(
    "/v1/session/passkey",
    operation_id="signInByPasskey",
    opt=PUBLIC,
    responses=problems(401),
)
async def by_passkey(
    data: JSONBody[PasskeySignIn],
    request: Asked,
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> Response[Me]:
    """Sign in with a passkey alone, which verified its owner: that counts as both factors."""
    passkeys = passkeys_for(request, keyrings.masters)
    tenant_id, staff_id = owner_of(data.passkey)
    if not tenant_id:
        raise PasskeyUnknown
    async with database.transaction(tenant_id) as tx:
        opened = await sign_in_by_passkey(
            tx, tenant_id, staff_id, data.passkey, passkeys=passkeys, device=device(request)
        )
    return await _signed_in(database, tenant_id, opened, request)


@delete("/v1/session", operation_id="signOut", responses=problems(401))
async def sign_out(
    request: Asked,
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> Response[None]:
    """Sign out: the session's token is good for nothing from now on."""
    current = current_session(request.scope)
    if current is None:
        raise NotSignedIn
    session, _ = current
    async with database.transaction(caller.tenant_id) as tx:
        await end_session(tx, caller.tenant_id, session.staff_id, session.session_id)
    return Response(None, status_code=204, cookies=[session_cookie("", request)])


def _pending(request: Asked) -> tuple[int, str]:
    """Whose sign-in is half done, by its cookie. Raises: SignInLapsed."""
    token = request.cookies.get(PENDING_COOKIE, "")
    tenant_id = tenant_of(token)
    if not tenant_id:
        raise SignInLapsed
    return tenant_id, token


async def _signed_in(
    database: Database, tenant_id: int, token: str, request: Asked
) -> Response[Me]:
    async with database.transaction(tenant_id) as tx:
        me = await me_of(tx, tenant_id, token)
    cookies = [session_cookie(token, request), pending_cookie("", request)]
    return Response(me, cookies=cookies)


routes = (sign_in, finish, begin_second, begin_passkey, by_passkey, sign_out)
