"""The stage: a merchant of the demo's own, and its stock from the samples."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.console import Console
from rich.progress import track

from kashu.access.keyring import Keyrings
from kashu.access.tenants import Tenant
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.entry.begin import Begun, begin_tenant
from kashu.entry.demo.shop import DELIVERIES, Delivered, Stocked, furnish, stock_up
from kashu.entry.startup import Ground


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a demo plays: a merchant of its own in the demo's database."""

    database: Database
    keyrings: Keyrings
    begun: Begun
    run: str  # names its orders

    @property
    def tenant(self) -> Tenant:
        """The merchant."""
        return self.begun.tenant


async def set_up(ground: Ground, database: Database) -> Stage:
    """Make a merchant of this run's own, so that every run begins alike."""
    run = datetime.now(UTC).strftime("%y%m%d%H%M%S")
    begun = await begin_tenant(database, ground.masters, code=f"demo-{run}", name=f"演示商户 {run}")
    async with database.transaction(begun.tenant.id) as tx:
        await furnish(tx, begun.tenant.id)
    return Stage(database, Keyrings(ground.masters), begun, run)


async def import_samples(
    stage: Stage,
    console: Console,
    deliveries: Sequence[Delivered] = DELIVERIES,
    *,
    at: datetime | None = None,
) -> Stocked:
    """Import sample files, in order. `at`: on whose day; None: today's."""
    stocked = Stocked()
    for delivery in track(deliveries, description="导入样例 importing", console=console):
        await stock_up(
            stage.database, stage.tenant, stage.keyrings, delivery, stocked, at=at or now()
        )
    return stocked
