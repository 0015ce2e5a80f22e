"""Imports as people look at them: what their ids are called, and what is left of their cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from kashu.access.actors import names_of
from kashu.catalog.reads import Sku, skus_by_id
from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.stock.imports_state import ImportRow, import_of, list_imports
from kashu.stock.tables import ImportState, imports


@dataclass(frozen=True, slots=True)
class _Called:
    import_id: UUID
    warehouse: str
    warehouse_name: str
    supplier: str
    supplier_name: str
    in_stock: int
    touched: bool


@dataclass(frozen=True, slots=True)
class ListedImport:
    """An import with names. `in_stock`: its units that can be given out now."""

    row: ImportRow
    sku: Sku
    warehouse: str
    warehouse_name: str
    supplier: str
    supplier_name: str
    actor_name: str | None
    in_stock: int
    touched: bool  # some of its cards are no longer as they came: it can't be undone


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which imports are wanted; None: whichever."""

    state: ImportState | None = None
    sku_id: UUID | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        said = []
        if self.state is not None:
            said.append(imports.c.state == self.state)
        if self.sku_id is not None:
            said.append(imports.c.sku_id == self.sku_id)
        return said


_called = Statement(__file__, "imports_listed.sql", _Called)


async def listed_imports(
    tx: Tx, tenant_id: int, narrowed: Narrowed, *, before: UUID | None = None, limit: int
) -> list[ListedImport]:
    """Imports, the latest first; `before` is the last id of the page that came before."""
    rows = await list_imports(
        tx, tenant_id, before=before, limit=limit, where=narrowed.conditions()
    )
    return await _named(tx, tenant_id, rows)


async def count_imports(tx: Tx, tenant_id: int, narrowed: Narrowed) -> int:
    """How many there are in all."""
    counted = select(func.count()).select_from(imports).where(imports.c.tenant_id == tenant_id)
    return int((await tx.execute(counted.where(*narrowed.conditions()))).scalar_one())


async def listed_import(tx: Tx, tenant_id: int, import_id: UUID) -> ListedImport:
    """One import. Raises: UnknownImport."""
    [found] = await _named(tx, tenant_id, [await import_of(tx, tenant_id, import_id)])
    return found


async def _named(tx: Tx, tenant_id: int, rows: Sequence[ImportRow]) -> list[ListedImport]:
    ids = [row.id for row in rows]
    called = {each.import_id: each for each in await _called(tx, tenant=tenant_id, imports=ids)}
    skus = await skus_by_id(tx, tenant_id, {row.sku_id for row in rows})
    names = await names_of(tx, tenant_id, {row.actor for row in rows})
    return [
        ListedImport(
            row,
            skus[row.sku_id],
            called[row.id].warehouse,
            called[row.id].warehouse_name,
            called[row.id].supplier,
            called[row.id].supplier_name,
            names.get(row.actor),
            called[row.id].in_stock,
            called[row.id].touched,
        )
        for row in rows
    ]
