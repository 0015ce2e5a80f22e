"""Commands of listings: what a store's listings stand for, out to a file and in from one."""

import asyncio
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
import msgspec
from rich.console import RenderableType

from kashu.channels.reads import store_by_code
from kashu.core.errors import Conflict
from kashu.entry.shop import ACTOR, open_shop
from kashu.entry.taught import Group
from kashu.entry.terminal import (
    json_option,
    language,
    say,
    show,
    stacked,
    table,
    tenant_option,
)
from kashu.orders.mapping_file import MappingReport, RowOutcome, map_by_file, write_mapping
from kashu.orders.mapping_rows import FINE, WRITES, RowClass, read_mapping_file
from kashu.orders.mapping_words import WORDS

SHOWN_MAX: Final = 200  # rows in a terminal; --json tells all

store_option = click.option(
    "--store", "store", required=True, metavar="CODE", help="店铺。 Which store."
)


class FileThere(Conflict):
    """Nothing of somebody's is written over."""

    code = "file_there"
    zh = "文件 {path} 已经存在，没有写入。请换一个文件名，或先删除它。"
    en = "There is a file {path} already; nothing was written. Choose another name, or remove it."


class MappingExported(msgspec.Struct, frozen=True):
    """A file that was written."""

    path: str
    listings: int


class MappingImported(msgspec.Struct, frozen=True):
    """What a file did, or would."""

    dry_run: bool
    sha256: str
    counts: dict[str, int]
    rows: list[dict[str, object]]


@click.group("listings", cls=Group)
def listings() -> None:
    """商品链接与规格的映射。 What stores' listings stand for."""


@listings.command("export")
@store_option
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@tenant_option
@json_option
def export_mapping(*, store: str, path: Path, tenant: str | None, as_json: bool) -> None:
    """把店铺的商品和映射写入 xlsx 或 csv，填好后可以再导入。

    Write a store's listings and what they stand for to an xlsx or csv, to be filled in.

    kashu listings export --store tb listings.xlsx
    """

    async def run() -> int:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            of_store = await store_by_code(tx, shop.tenant.id, store)
            try:
                with path.open("xb") as target:
                    return await write_mapping(
                        tx,
                        shop.tenant.id,
                        of_store,
                        target,
                        as_xlsx=path.suffix.casefold() == ".xlsx",
                        language=language(),
                    )
            except FileExistsError:
                raise FileThere(path=path) from None

    count = asyncio.run(run())
    show(MappingExported(str(path), count), lambda: None, as_json=as_json)
    again = shlex.join(["kashu", "listings", "import", "--store", store, str(path), "--dry-run"])
    say(
        f"{count} 个商品已写入 {path}。填好“规格编码”和“数量”后：{again}",
        f"{count} listings are in {path}. Fill in sku and units, then: {again}",
    )


@listings.command("import")
@store_option
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--dry-run", is_flag=True, help="只预检，不写入。 Only say what would come of it.")
@tenant_option
@json_option
def import_mapping(
    *, store: str, path: Path, dry_run: bool, tenant: str | None, as_json: bool
) -> None:
    """按文件建立映射：无误的行一起写入，有误的行按行号列出。

    Map a store's listings by a file: its good rows at once; those that can't be are listed.

    列 columns: item_id 商品ID, variant_id 规格ID, merchant_code 商家编码, sku 规格编码, units 数量

    kashu listings import --store tb listings.xlsx --dry-run
    kashu listings import --store tb listings.xlsx
    """

    async def run() -> MappingReport:
        file = await asyncio.to_thread(lambda: read_mapping_file(path.read_bytes()))
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            of_store = await store_by_code(tx, shop.tenant.id, store)
            return await map_by_file(tx, shop.tenant.id, ACTOR, of_store, file, dry_run=dry_run)

    report = asyncio.run(run())
    rows = [msgspec.to_builtins(row) for row in report.rows]
    imported = MappingImported(dry_run, report.sha256, report.counts, rows)
    show(imported, lambda: _picture(report), as_json=as_json)
    good = sum(row.outcome in WRITES for row in report.rows)
    wrong = sum(row.outcome not in FINE for row in report.rows)
    if dry_run:
        again = shlex.join(["kashu", "listings", "import", "--store", store, str(path)])
        say(
            f"将写入 {good} 行，{wrong} 行有误。什么都没有写入。确认：{again}",
            f"{good} rows would be written, {wrong} can't be. Nothing was written. Do it: {again}",
        )
    else:
        say(
            f"已写入 {good} 行，{wrong} 行有误。等待映射的订单会自动继续。",
            f"{good} rows written, {wrong} couldn't be. Orders that waited go on by themselves.",
        )


def _picture(report: MappingReport) -> RenderableType:
    """Draw the rows that do something or can't be; those that change nothing are only counted."""
    which = 0 if language() == "zh" else 1
    told = [row for row in report.rows if row.outcome in WRITES or row.outcome not in FINE]
    told.sort(key=lambda row: (row.outcome in WRITES, row.row))  # what is wrong comes first
    titles = (
        ("行", "Row"),
        ("商品", "Listing"),
        ("标题", "Title"),
        ("规格", "SKU"),
        ("数量", "Units"),
        ("现在", "Now"),
        ("结果", "Outcome"),
    )
    counts = [(WORDS[row][which], n) for row, n in _counts(report.rows)]
    parts: list[RenderableType] = []
    if told:
        parts.append(table("", titles, [_cells(row, which) for row in told[:SHOWN_MAX]]))
    parts.append(table("", (("结果", "Outcome"), ("行数", "Rows")), counts))
    return stacked(parts)


def _counts(rows: Sequence[RowOutcome]) -> list[tuple[RowClass, int]]:
    found = dict.fromkeys(sorted({row.outcome for row in rows}), 0)
    for row in rows:
        found[row.outcome] += 1
    return list(found.items())


def _cells(row: RowOutcome, which: int) -> tuple[object, ...]:
    name = f"{row.item_id} / {row.variant_id}" if row.variant_id else row.item_id
    return (row.row, name, row.title, row.sku, row.units, row.was, WORDS[row.outcome][which])
