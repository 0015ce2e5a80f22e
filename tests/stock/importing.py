"""A shop that imports: a SKU, a warehouse and a supplier, and files to bring in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Table, func, select

from kashu.access.keyring import Keyrings
from kashu.core.db import Database, Tx
from kashu.core.events import events
from kashu.ledger.tables import transfers
from kashu.stock.imports import import_file, preview
from kashu.stock.imports_intake import Intake, find_intake
from kashu.stock.imports_reading import Source, open_file, open_pasted
from kashu.stock.imports_report import ImportReport, Outcome
from kashu.stock.tables import cards, imports, levels, lots
from tests.conftest import Tenant
from tests.stock.builders import make_sku, make_supplier, make_warehouse

TODAY = date(2026, 11, 22)
DEFAULT_EXPIRY = date(2030, 12, 31)
Given: TypeAlias = Source | Sequence[str]

SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass(frozen=True, slots=True)
class Shop:
    """Who imports, and from what terms."""

    database: Database
    keyrings: Keyrings
    tenant: Tenant

    async def intake(
        self,
        *,
        sku: str = "mgtv-month",
        unit_cost_e4: int = 141_250,
        expires_on: date | None = DEFAULT_EXPIRY,
        max_uses: int | None = None,
    ) -> Intake:
        async with self.database.transaction(self.tenant.id) as tx:
            return await find_intake(
                tx,
                self.tenant.id,
                sku=sku,
                warehouse="main",
                supplier="fulu",
                unit_cost_e4=unit_cost_e4,
                today=TODAY,
                expires_on=expires_on,
                max_uses=max_uses,
            )

    async def bring_in(self, given: Given, intake: Intake | None = None) -> Outcome:
        return await import_file(
            self.database,
            self.tenant.id,
            "cli",
            intake or await self.intake(),
            as_source(given),
            keyrings=self.keyrings,
        )

    async def try_out(self, given: Given, intake: Intake | None = None) -> Outcome:
        intake = intake or await self.intake()
        async with self.database.transaction(self.tenant.id) as tx:
            return await preview(
                tx, self.tenant.id, intake, as_source(given), keyrings=self.keyrings
            )

    async def count(self, table: Table) -> int:
        async with self.database.transaction(self.tenant.id) as tx:
            return await count_of(tx, table)

    async def counts(self) -> dict[str, int]:
        """How much there is of everything that an import could write."""
        written = (cards, lots, imports, levels, transfers, events)
        return {table.name: await self.count(table) for table in written}


async def open_shop(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shop:
    async with database.transaction(tenant.id) as tx:
        await make_sku(tx, tenant.id)
        await make_warehouse(tx, tenant.id)
        await make_supplier(tx, tenant.id)
    return Shop(database, keyrings, tenant)


async def count_of(tx: Tx, table: Table) -> int:
    return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())


def as_source(given: Given) -> Source:
    return given if isinstance(given, Source) else open_pasted("\n".join(given))


def sample(name: str) -> Source:
    return open_file(SAMPLES / name)


def by_class(report: ImportReport) -> dict[str, int]:
    return {name: rows.count for name, rows in report.classes.items()}
