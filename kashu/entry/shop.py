"""A shop at hand: its database, keys and tenant, for one command of the command line."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final

from kashu.access.errors import TenantUnknown
from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant, tenant_by_code
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.entry.logs import set_up_logs
from kashu.entry.settings import Settings, load_settings
from kashu.entry.startup import Ground, start_up

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
    """Open the shop of that code, or the one that the settings name. Raises: TenantUnknown."""
    async with open_database() as (ground, database):
        wanted = code or ground.settings.tenant
        async with database.transaction(None) as tx:
            tenant = await tenant_by_code(tx, wanted)
        if tenant is None:
            raise TenantUnknown(tenant=wanted)
        yield Shop(ground, database, Keyrings(ground.masters), tenant)
