"""Tenants: make one, read one."""

import re
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Select, exists, select
from sqlalchemy.dialects.postgresql import insert

from kashu.access.errors import TenantCodeInvalid, TenantExists, TenantUnknown, TimezoneUnknown
from kashu.access.invite import Invitation, invite
from kashu.access.keyring import make_keys
from kashu.access.permissions import Role
from kashu.access.tables import data_keys, tenants
from kashu.core.clock import SHANGHAI
from kashu.core.db import Database, Tx, one_at_a_time
from kashu.core.events import Event, record
from kashu.core.secrets import MasterKeys

_CODE: Final = re.compile(r"[a-z][a-z0-9-]{1,31}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Tenant:
    """A merchant, and where its days begin."""

    id: int
    code: str
    name: str
    timezone: str


async def make_tenant(
    database: Database,
    masters: MasterKeys,
    *,
    code: str,
    name: str,
    owner_login: str,
    owner_name: str,
    timezone: str = SHANGHAI,
    actor: str = "cli",
) -> tuple[Tenant, Invitation]:
    """Make a shop with its data keys, and invite its owner; the invitation's token is told once.

    Two transactions, since nobody can act for a tenant before there is one. When the second
    doesn't happen, the same call again takes up the code where the first left it.
    Raises: TenantCodeInvalid, TimezoneUnknown, TenantExists, LoginInvalid.
    """
    if not _CODE.fullmatch(code):
        raise TenantCodeInvalid
    check_timezone(timezone)
    async with database.transaction(None) as tx:
        await tx.execute(
            insert(tenants)
            .values(code=code, name=name, timezone=timezone)
            .on_conflict_do_nothing(index_elements=[tenants.c.code])
        )
        tenant = await tenant_by_code(tx, code)
    assert tenant, "it was just made, and tenants aren't deleted"
    async with database.transaction(tenant.id) as tx:
        await one_at_a_time(tx, f"make {tenant.id}")
        complete = await tx.execute(select(exists().where(data_keys.c.tenant_id == tenant.id)))
        if complete.scalar_one():
            raise TenantExists(tenant=code)
        await make_keys(tx, tenant.id, masters)
        invitation = await invite(
            tx, tenant.id, actor, login=owner_login, name=owner_name, role=Role.OWNER
        )
        made = Event("tenant.made", invitation.staff_id, {"code": code, "name": name})
        await record(tx, tenant.id, actor, [made])
    return tenant, invitation


def check_timezone(timezone: str) -> None:
    """Raises: TimezoneUnknown."""
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError) as error:
        raise TimezoneUnknown(timezone=timezone[:60]) from error


async def tenant_by_code(tx: Tx, code: str) -> Tenant | None:
    """Find a shop by its code, or None."""
    found = await tx.execute(_select().where(tenants.c.code == code))
    row = found.one_or_none()
    return Tenant(*row) if row else None


async def tenant_by_id(tx: Tx, tenant_id: int) -> Tenant:
    """Read a shop. Raises: TenantUnknown."""
    found = await tx.execute(_select().where(tenants.c.id == tenant_id))
    row = found.one_or_none()
    if row is None:
        raise TenantUnknown(tenant=tenant_id)
    return Tenant(*row)


async def all_tenants(tx: Tx) -> list[Tenant]:
    """List every shop, oldest first. For sweeps: row-level security doesn't hide this list."""
    found = await tx.execute(_select().order_by(tenants.c.id))
    return [Tenant(*row) for row in found]


def _select() -> Select[Any]:
    return select(tenants.c.id, tenants.c.code, tenants.c.name, tenants.c.timezone)
