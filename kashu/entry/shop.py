"""A shop at hand: its database, keys and tenant, for one command of the command line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final

from kashu.access.errors import TenantUnknown
from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant, all_tenants, tenant_by_code
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.entry.begin import welcome_first
from kashu.entry.logs import set_up_logs
from kashu.entry.settings import Settings, load_settings
from kashu.entry.startup import Ground, start_up
from kashu.entry.terminal import say

ACTOR: Final = "cli"


@dataclass(frozen=True, slots=True)
class Shop:
    """What a command works with."""

    ground: Ground
    database: Database
    keyrings: Keyrings
    tenant: Tenant

    @property
    def settings(self) -> Settings:
        """The program's settings."""
        return self.ground.settings

    @property
    def today(self) -> date:
        """The merchant's day."""
        return day_of(now(), self.tenant.timezone)


@asynccontextmanager
async def open_database() -> AsyncIterator[tuple[Ground, Database]]:
    """Stand on the migrated database that the settings name, for one command."""
    settings = load_settings()
    set_up_logs(settings)
    with start_up(settings) as ground:
        database = ground.open()
        try:
            yield ground, database
        finally:
            await database.close()


@asynccontextmanager
async def open_shop(code: str | None = None) -> AsyncIterator[Shop]:
    """Open the shop of that code, or the one that the settings name.

    The first shop of an empty database is begun, so that any command may be the first.
    Raises: TenantUnknown.
    """
    async with open_database() as (ground, database):
        wanted = code or ground.settings.tenant
        async with database.transaction(None) as tx:
            is_first = not await all_tenants(tx)
            tenant = await tenant_by_code(tx, wanted)
        if is_first:
            tenant = await _begin(ground, database, wanted)
        if tenant is None:
            raise TenantUnknown(tenant=wanted)
        yield Shop(ground, database, Keyrings(ground.masters), tenant)


async def _begin(ground: Ground, database: Database, code: str) -> Tenant | None:
    begun = await welcome_first(database, ground.masters, code=code, name=code)
    if begun is None:  # another process was faster
        async with database.transaction(None) as tx:
            return await tenant_by_code(tx, code)
    say(
        f"已新建商户 {code}。店主设置密码的链接：kashu tenant link owner",
        f"Made the shop {code}. For its owner's link: kashu tenant link owner",
    )
    return begun.tenant
