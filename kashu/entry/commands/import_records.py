"""Commands of past imports: list them, take one back."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import click
import msgspec
from rich.console import Console, RenderableType

from kashu.catalog.reads import skus_by_id
from kashu.core.db import Tx
from kashu.core.errors import Invalid
from kashu.entry.shop import ACTOR, Shop, open_shop
from kashu.entry.taught import Group
from kashu.entry.terminal import (
    asked,
    json_option,
    on_the_clock,
    say,
    show,
    table,
    tenant_option,
    word,
)
from kashu.entry.words import IMPORT_STATES
from kashu.stock.imports_errors import UnknownImport
from kashu.stock.imports_state import PAGE_MAX, ImportRow, import_of, list_imports
from kashu.stock.imports_undo import undo
from kashu.stock.warehouses import list_warehouses
from kashu.suppliers.reads import suppliers_by_id

PAGE: Final = 20
SHOWN_CHARS: Final = 8  # of an id, at its end: what is before is the time
ENDING_CHARS: Final = 6


class ImportEndingUnclear(Invalid):
    """Several imports have an id that ends so."""

    code = "import_ending_unclear"
    zh = "有 {count} 次导入的编号以 {ending} 结尾。请写出完整编号（kashu imports list --json）。"
    en = "{count} imports have an id that ends in {ending}. Write all of it, as in --json."


class ImportLine(msgspec.Struct, frozen=True):
    """An import as it stands, by the codes that it was given."""

    id: UUID
    state: str
    sku: str
    warehouse: str
    supplier: str
    file_name: str
    read: int
    accepted: int
    rejected: int
    classes: dict[str, int]
    actor: str
    started_at: datetime
    ended_at: datetime | None


class ImportLines(msgspec.Struct, frozen=True):
    """Imports, the latest first; ask on with `before` = `next_before` where there are more."""

    imports: list[ImportLine]
    next_before: UUID | None


@dataclass(frozen=True, slots=True)
class _Codes:
    """What the ids in imports are called."""

    skus: Mapping[UUID, str]
    warehouses: Mapping[UUID, str]
    suppliers: Mapping[UUID, str]


@click.group("imports", cls=Group)
def imports() -> None:
    """导入记录：列出、撤销。导入文件用 kashu import。

    Past imports: list them, take one back. To import a file: kashu import FILE.
    """


@imports.command("list")
@click.option("--before", type=click.UUID, metavar="ID", help="接着这一次往前看。 Go on behind it.")
@click.option(
    "--limit",
    type=click.IntRange(1, PAGE_MAX),
    default=PAGE,
    show_default=True,
    help="最多几次。 How many at most.",
)
@tenant_option
@json_option
def list_them(*, before: UUID | None, limit: int, tenant: str | None, as_json: bool) -> None:
    """列出导入记录，最新的在前，进行中的也在内。

    List imports, the latest first, running ones too. The number is the end of its id.

    kashu imports list
    """

    async def read() -> tuple[ImportLines, str]:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            if before is not None:
                await import_of(tx, shop.tenant.id, before)
            found = await list_imports(tx, shop.tenant.id, before=before, limit=limit)
            earlier = found and await list_imports(tx, shop.tenant.id, before=found[-1].id, limit=1)
            lines = await _lines(tx, shop.tenant.id, found)
            return ImportLines(lines, found[-1].id if earlier else None), shop.tenant.timezone

    page, timezone = asyncio.run(read())
    show(page, lambda: _picture(page.imports, timezone) if page.imports else None, as_json=as_json)
    if not page.imports:
        say("还没有导入过。", "Nothing has been imported yet.")
    elif page.next_before is not None:
        more = f"--before {page.next_before}"
        say(f"还有更早的：再加上 {more}", f"There are earlier ones: add {more}")


@imports.command("undo")
@click.argument("which", metavar="ID")
@click.option("--yes", is_flag=True, help="不询问，直接撤销。 Don't ask before undoing.")
@tenant_option
@json_option
def undo_one(*, which: str, yes: bool, tenant: str | None, as_json: bool) -> None:
    """撤销一次导入：卡密全部删除，成本冲回，同一个文件可以重新导入。

    Take an import back as if it had never been. Refused as soon as one of its cards was given out,
    seen or moved. ID is its id, or the end of it as the list shows it.

    kashu imports undo 3f9a01bc
    """
    asking = sys.stdout.isatty() and not (as_json or yes)

    async def run() -> tuple[ImportLine, str] | None:
        async with open_shop(tenant) as shop:
            timezone = shop.tenant.timezone
            async with shop.database.transaction(shop.tenant.id) as tx:
                found = await _named(tx, shop.tenant.id, which)
                [line] = await _lines(tx, shop.tenant.id, [found])
            if asking:
                Console().print(_picture([line], timezone))
                count = line.accepted
                if not asked(
                    f"撤销这次导入，删除它的 {count} 张卡密？",
                    f"Undo this import and delete its {count} cards?",
                ):
                    return None
            return await _undo(shop, line), timezone

    done = asyncio.run(run())
    if done is None:
        say("没有撤销，什么都没有改动。", "Not undone; nothing was changed.")
        sys.exit(1)
    line, timezone = done
    show(line, lambda: _picture([line], timezone), as_json=as_json)


async def _undo(shop: Shop, line: ImportLine) -> ImportLine:
    async with shop.database.transaction(shop.tenant.id) as tx:
        undone = await undo(tx, shop.tenant.id, ACTOR, line.id, posted_on=shop.today)
        [told] = await _lines(tx, shop.tenant.id, [undone])
        return told


async def _named(tx: Tx, tenant_id: int, which: str) -> ImportRow:
    """Find an import by its id or its end. Raises: UnknownImport, ImportEndingUnclear."""
    try:
        return await import_of(tx, tenant_id, UUID(which))
    except ValueError:
        ending = which.strip().removeprefix("…").lower()
    if len(ending) < ENDING_CHARS:
        raise UnknownImport(import_id=which[:SHOWN_CHARS])
    found = await list_imports(tx, tenant_id, limit=PAGE_MAX)
    ends_so = [row for row in found if str(row.id).endswith(ending)]
    if not ends_so:
        raise UnknownImport(import_id=which[:40])
    if len(ends_so) > 1:
        raise ImportEndingUnclear(ending=ending[:40], count=len(ends_so))
    return ends_so[0]


async def _lines(tx: Tx, tenant_id: int, rows: Sequence[ImportRow]) -> list[ImportLine]:
    skus = await skus_by_id(tx, tenant_id, {row.sku_id for row in rows})
    suppliers = await suppliers_by_id(tx, tenant_id, {row.supplier_id for row in rows})
    codes = _Codes(
        {sku.id: sku.code for sku in skus.values()},
        {place.id: place.code for place in await list_warehouses(tx, tenant_id)},
        {supplier.id: supplier.code for supplier in suppliers.values()},
    )
    return [
        ImportLine(
            row.id,
            row.state,
            codes.skus[row.sku_id],
            codes.warehouses[row.warehouse_id],
            codes.suppliers[row.supplier_id],
            row.file_name,
            row.read_count,
            row.accepted_count,
            row.rejected_count,
            row.classes,
            row.actor,
            row.started_at,
            row.ended_at,
        )
        for row in rows
    ]


def _picture(lines: Sequence[ImportLine], timezone: str) -> RenderableType:
    titles = (
        ("编号", "Number"),
        ("时间", "At"),
        ("规格", "SKU"),
        ("入库", "In"),
        ("被拒", "Rejected"),
        ("状态", "State"),
        ("文件", "File"),
    )
    rows = [
        (
            str(line.id)[-SHOWN_CHARS:],
            on_the_clock(line.started_at, timezone),
            line.sku,
            line.accepted,
            line.rejected,
            word(IMPORT_STATES, line.state),
            line.file_name,
        )
        for line in lines
    ]
    return table("", titles, rows)
