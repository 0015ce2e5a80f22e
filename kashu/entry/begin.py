"""Begin: a new merchant, ready to receive its first cards and to sell them."""

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from kashu.access.errors import TenantExists
from kashu.access.invite import invite_again
from kashu.access.staff import Person, list_staff
from kashu.access.tenants import Tenant, all_tenants, make_tenant
from kashu.catalog.install import begin_tenant as install_catalogue
from kashu.channels.stores import begin_tenant as open_counter
from kashu.core.clock import SHANGHAI
from kashu.core.db import Database, one_at_a_time
from kashu.core.secrets import MasterKeys
from kashu.stock.warehouses import add_warehouse, list_warehouses

OWNER: Final = "owner"  # the first person's login
WAREHOUSE: Final = "main"  # the code of the warehouse that each merchant begins with


@dataclass(frozen=True, slots=True)
class Begun:
    """A merchant that can begin, and the token of its owner's one-time link, told once."""

    tenant: Tenant
    token: str = field(repr=False)


async def begin_tenant(
    database: Database,
    masters: MasterKeys,
    *,
    code: str,
    name: str,
    owner_login: str = OWNER,
    timezone: str = SHANGHAI,
    actor: str = "cli",
) -> Begun:
    """Make a merchant with its owner, the catalogue that ships, a counter and a warehouse.

    Killed midway, `welcome_first` of the next start finishes it.
    Raises: TenantCodeInvalid, TimezoneUnknown, TenantExists, LoginInvalid.
    """
    tenant, invitation = await make_tenant(
        database,
        masters,
        code=code,
        name=name,
        owner_login=owner_login,
        owner_name=owner_login,
        timezone=timezone,
        actor=actor,
    )
    await _furnish(database, tenant.id, actor)
    return Begun(tenant, invitation.token)


async def welcome_first(
    database: Database, masters: MasterKeys, *, code: str, name: str
) -> Begun | None:
    """Make the first merchant of an empty database, or give its owner another link.

    Returns None once the owner has used a link, or when the database has other merchants only:
    who can start the program doesn't thereby get into a shop that is in use.
    """
    async with database.transaction(None) as tx:
        known = await all_tenants(tx)
    tenant = next((each for each in known if each.code == code), None)
    if known and tenant is None:
        return None
    people = await _people(database, tenant) if tenant else []
    if tenant is None or not people:
        with suppress(TenantExists):  # another process was first, and tells its link
            return await begin_tenant(database, masters, code=code, name=name, actor="system")
        return None
    if len(people) > 1 or people[0].state != "invited":
        return None
    async with database.transaction(tenant.id) as tx:
        invitation = await invite_again(tx, tenant.id, "system", people[0].id)
    await _furnish(database, tenant.id, "system")
    return Begun(tenant, invitation.token)


async def _people(database: Database, tenant: Tenant) -> list[Person]:
    async with database.transaction(tenant.id) as tx:
        return await list_staff(tx, tenant.id)


async def _furnish(database: Database, tenant_id: int, actor: str) -> None:
    """Catalogue, counter and warehouse, all or none; once."""
    async with database.transaction(tenant_id) as tx:
        await one_at_a_time(tx, f"furnish {tenant_id}")
        if await list_warehouses(tx, tenant_id):
            return
        await install_catalogue(tx, tenant_id, actor)
        await open_counter(tx, tenant_id, actor)
        await add_warehouse(tx, tenant_id, actor, code=WAREHOUSE, name="主仓")
