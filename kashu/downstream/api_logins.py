"""HTTP of logins: what agents' systems sign in as, in their dialects."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.naming import Name, check_naming
from kashu.customers.agents import agent_by_code
from kashu.downstream.dialects import Dialects
from kashu.downstream.logins import (
    ListedLogin,
    logins_of,
    make_login,
    revoke_login,
    wire_name,
)


class NewLogin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A login to make: `dialect` is dujiao_next or agiso; `name` is for you."""

    dialect: str
    name: Name


class LoginShown(msgspec.Struct, frozen=True):
    """A login. `api_key` names it on the wire; `user_number` where its dialect wants a number.

    `address`: what is entered at the agent's, behind our public address.
    """

    id: UUID
    customer: str
    dialect: str
    name: str
    api_key: str
    user_number: int
    address: str
    made_at: datetime
    revoked_at: datetime | None


class LoginMade(msgspec.Struct, frozen=True):
    """A new login with its secrets, told this once. `app_secret`: where its dialect has two."""

    login: LoginShown
    secret: str
    app_secret: str


class LoginList(msgspec.Struct, frozen=True):
    """An agent's logins, the newest first, the revoked ones too."""

    logins: list[LoginShown]


@post(
    "/v1/customers/{code:str}/logins",
    operation_id="makeLogin",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404),
)
async def post_login(
    code: FromPath[str],
    data: JSONBody[NewLogin],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    dialects: NamedDependency[Dialects],
) -> LoginMade:
    """Make a login in a dialect for an agent. Its secrets are told now and never again."""
    check_naming(name=data.name)
    dialect = dialects.named(data.dialect)
    async with database.transaction(caller.tenant_id) as tx:
        agent = await agent_by_code(tx, caller.tenant_id, code)
        made = await make_login(
            tx,
            caller.tenant_id,
            caller.actor,
            agent,
            dialect,
            name=data.name,
            masters=dialects.keyrings.masters,
        )
    app_secret = made.secrets.get("app_secret")
    return LoginMade(
        _shown(caller, made.login, agent.code, dialects),
        made.secrets["secret"].clear,
        "" if app_secret is None else app_secret.clear,
    )


@get(
    "/v1/customers/{code:str}/logins",
    operation_id="listLogins",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404),
)
async def list_logins(
    code: FromPath[str],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    dialects: NamedDependency[Dialects],
) -> LoginList:
    """List an agent's logins, without their secrets."""
    async with database.transaction(caller.tenant_id) as tx:
        agent = await agent_by_code(tx, caller.tenant_id, code)
        found = await logins_of(tx, caller.tenant_id, agent.customer_id)
    return LoginList([_shown(caller, each, agent.code, dialects) for each in found])


@delete(
    "/v1/logins/{login_id:uuid}",
    operation_id="revokeLogin",
    guards=[requires(Permission.KEYS_MANAGE)],
    responses=problems(404),
)
async def delete_login(
    login_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """End a login, at once."""
    async with database.transaction(caller.tenant_id) as tx:
        await revoke_login(tx, caller.tenant_id, caller.actor, login_id)


def _shown(caller: Caller, login: ListedLogin, customer: str, dialects: Dialects) -> LoginShown:
    name = wire_name(caller.tenant_id, login.id)
    spoken = dialects.spoken.get(login.dialect)
    return LoginShown(
        login.id,
        customer,
        login.dialect,
        login.name,
        name,
        login.number,
        spoken.address.replace("{login}", name) if spoken else "",
        login.made_at,
        login.revoked_at,
    )


routes: Final = (post_login, list_logins, delete_login)
