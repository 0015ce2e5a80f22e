"""The command that imports a supplier's file."""

import asyncio
import os
import sys
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console, RenderableType
from rich.text import Text

from kashu.core.errors import Invalid
from kashu.entry.amounts import read_amount
from kashu.entry.commands.import_progress import bar, rows_in
from kashu.entry.commands.import_records import SHOWN_CHARS
from kashu.entry.shop import ACTOR, Shop, open_shop
from kashu.entry.taught import Command
from kashu.entry.terminal import (
    asked,
    json_option,
    language,
    say,
    show,
    stacked,
    table,
    tenant_option,
    word,
)
from kashu.entry.usage import Misused
from kashu.entry.words import REJECTS
from kashu.stock.imports import import_file, preview
from kashu.stock.imports_doubts import question
from kashu.stock.imports_intake import USES_MAX, Intake, find_intake
from kashu.stock.imports_reading import Source, open_file, outcomes_of
from kashu.stock.imports_rejects import RejectsFormat, write_rejects
from kashu.stock.imports_report import ImportReport, Outcome
from kashu.stock.imports_tally import RowsOf
from kashu.stock.recognise import Candidate, CardWarning, RejectClass, detect_columns

SOME_REJECTED: Final = 3
RANGES_SHOWN: Final = 8

_HEADINGS: Final = {
    True: ("读取行", "入库", "被拒", "跳过"),
    False: ("read", "accepted", "rejected", "skipped"),
}
_CLASS_HEADINGS: Final = {
    True: ("问题", "行数", "行号"),
    False: ("class", "rows", "which"),
}
_WARNINGS: Final = {
    CardWarning.OFF_LENGTH: ("长度与该品牌的卡密不同", "of another length"),
    CardWarning.OFF_PATTERN: ("样子与该品牌的卡密不同", "of another shape"),
    CardWarning.OFF_PASSWORD: ("密码的有无或样子不对", "the password is odd"),
    CardWarning.BAD_CHECKSUM: ("校验位不符，可能输错", "the check digit is off"),
    CardWarning.SHORT: ("不足六个字符，可能被截断", "under six characters"),
}


class NothingToImport(Invalid):
    """A file with a heading and blank lines only."""

    code = "nothing_to_import"
    zh = "文件里只有表头或空行，没有卡密，什么都没有导入。请确认选对了文件和工作表。"
    en = (
        "Only headings and blank lines: there is nothing to import. Is it the right file and sheet?"
    )


class _ImportFile(click.Path):
    """A supplier's file. Whoever writes the name of another command is told where that is."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401  (click's)
        if value in {"list", "undo"} and not Path(value).exists():
            command = f"kashu imports {value}" + (" ID" if value == "undo" else "")
            raise Misused(
                f"没有文件 {value}。导入记录在另一个命令里：{command}",
                f"There is no file {value}. Past imports have a command of their own: {command}",
            )
        return super().convert(value, param, ctx)


@click.command("import", cls=Command)
@click.argument(
    "path", metavar="FILE", type=_ImportFile(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--worksheet",
    metavar="NAME",
    help="读哪张工作表；默认第一张有内容的。 Which to read; else the first with something in it.",
)
@click.option("--sku", required=True, metavar="CODE", help="规格。 The SKU's code.")
@click.option("--warehouse", required=True, metavar="CODE", help="仓库。 The warehouse's code.")
@click.option("--supplier", required=True, metavar="CODE", help="供应商。 The supplier's code.")
@click.option(
    "--cost",
    metavar="AMOUNT",
    help="单价（元），最多四位小数。 What one costs, at most four decimals.",
)
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="没有写有效期的卡用这个日期。 The last day of cards that state none.",
)
@click.option(
    "--max-uses",
    type=click.IntRange(1, USES_MAX),
    help="循环码每张可用次数。 How often a shared card may be used.",
)
@click.option(
    "--sold-elsewhere",
    is_flag=True,
    help="登记为别处已售：认得，但永不再售；成本为 0。 Known, never for sale; they cost 0.",
)
@click.option("--dry-run", is_flag=True, help="只预检，不写入。 Only say what would happen.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="把被拒的行写到 .csv 或 .xlsx（含卡密明文）。 Write rejected rows, in clear.",
)
@click.option("--yes", is_flag=True, help="不询问，直接导入。 Don't ask before importing.")
@click.option(
    "--sure",
    is_flag=True,
    help="与平时相差很大的单价、数量已核对无误。 Figures far from the usual ones are right.",
)
@tenant_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    *,
    path: Path,
    worksheet: str | None,
    sku: str,
    warehouse: str,
    supplier: str,
    cost: str | None,
    expires: datetime | None,
    max_uses: int | None,
    sold_elsewhere: bool,
    dry_run: bool,
    rejects: Path | None,
    yes: bool,
    sure: bool,
    tenant: str | None,
    as_json: bool,
) -> None:
    """导入供应商的卡密文件（xlsx、xls、csv、txt）：合格的行全部入库，或者什么都不写入。

    Import a supplier's file of cards: all of its good rows, or nothing. On a terminal the preview
    is shown first, and you are asked. Correct the rejected rows in the --rejects file and import
    that file: what is in stock already is never taken twice. Past imports, and undoing one:
    kashu imports.

    kashu import cards.xlsx --sku mgtv-month --warehouse main --supplier alpha --cost 14.1250
    kashu import cards.xlsx … --dry-run --json
    kashu import cards.xlsx … --rejects rejects.xlsx --yes
    kashu import sold.xlsx … --sold-elsewhere      旧方式已卖出的卡 / sold before Kashu

    退出码 / exit codes:
      0  全部卡密入库（空行和表头不计） / every card came in; blank lines and headings aside
      1  被拒绝，什么都没有写入 / refused; nothing was written
      2  命令写法有误 / the command itself is wrong
      3  有些行被拒绝，其余已入库 / some rows were rejected; the others are in stock
    """
    if rejects is not None and rejects.exists():
        raise Misused(
            f"{rejects} 已存在，请换一个文件名。", f"{rejects} exists: choose another name."
        )
    person = sys.stdout.isatty() and not as_json
    asking = person and not (yes or dry_run)
    last_day = expires.date() if expires else None
    if cost is None and not sold_elsewhere:
        raise Misused("缺少单价：请加 --cost 14.1250。", "No unit cost: add --cost 14.1250.")

    opened = partial(_open, path, worksheet)

    async def run() -> Outcome | None:
        async with open_shop(tenant) as shop:
            intake = await _intake(
                shop,
                (sku, warehouse, supplier),
                read_amount(cost or "0"),
                last_day,
                max_uses,
                sold_elsewhere=sold_elsewhere,
            )
            return await _run(
                shop, intake, opened, path, rejects, dry_run=dry_run, asking=asking, sure=sure
            )

    outcome = asyncio.run(run())
    if outcome is None:
        say("没有导入，什么都没有写入。", "Not imported; nothing was written.")
        ctx.exit(1)
    if not (asking and outcome.report.import_id is None):
        show(outcome.report, lambda: picture(outcome.report), as_json=as_json)
    ctx.exit(SOME_REJECTED if outcome.report.rejected else 0)


def _open(path: Path, worksheet: str | None) -> Source:
    source = open_file(path, worksheet=worksheet)
    if worksheet is not None and not source.sheet.worksheets:
        raise Misused(
            f"{path} 不是工作簿，没有工作表：请去掉 --worksheet。",
            f"{path} isn't a workbook and has no worksheets: leave --worksheet out.",
        )
    return source


async def _intake(
    shop: Shop,
    codes: tuple[str, str, str],
    unit_cost_e4: int,
    expires_on: date | None,
    max_uses: int | None,
    *,
    sold_elsewhere: bool,
) -> Intake:
    sku, warehouse, supplier = codes
    async with shop.database.transaction(shop.tenant.id) as tx:
        return await find_intake(
            tx,
            shop.tenant.id,
            sku=sku,
            warehouse=warehouse,
            supplier=supplier,
            unit_cost_e4=unit_cost_e4,
            today=shop.today,
            expires_on=expires_on,
            max_uses=max_uses,
            sold_elsewhere=sold_elsewhere,
        )


async def _run(
    shop: Shop,
    intake: Intake,
    opened: Callable[[], Source],
    path: Path,
    rejects: Path | None,
    *,
    dry_run: bool,
    asking: bool,
    sure: bool,
) -> Outcome | None:
    """Preview, ask, import, write the rejects: as far as is wanted. None: the answer was no.

    Whoever was asked has seen what is unusual; of anybody else it is questioned unless `sure`.
    """
    source = await asyncio.to_thread(opened)
    if not await asyncio.to_thread(_has_something, source, intake):
        raise NothingToImport
    rows = await asyncio.to_thread(rows_in, path, source) if sys.stderr.isatty() else None
    previewed = None
    outcome = None
    if dry_run or asking:
        outcome = await _preview(shop, intake, source, rows)
        previewed, rows = source.sha256, outcome.report.read
        if asking:
            Console().print(picture(outcome.report))
            count = outcome.report.accepted
            if not count or not asked(f"导入 {count} 张卡密？", f"Import {count} cards?"):
                return None
            source = await asyncio.to_thread(opened)  # it may have changed meanwhile
    if not (dry_run or asking or sure):
        async with shop.database.transaction(shop.tenant.id) as tx:
            await question(tx, shop.tenant.id, intake, source, keyrings=shop.keyrings)
    if not dry_run:
        with bar(rows) as on_progress:
            outcome = await import_file(
                shop.database,
                shop.tenant.id,
                ACTOR,
                intake,
                source,
                keyrings=shop.keyrings,
                expect_sha256=previewed,
                on_progress=on_progress,
            )
    assert outcome is not None, "it was previewed or imported"
    if rejects is not None and outcome.report.rejected:
        is_workbook = rejects.suffix.lower() == ".xlsx"
        descriptor = os.open(rejects, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as target:
            await asyncio.to_thread(
                write_rejects,
                source,
                intake,
                outcome.duplicates,
                target,
                language=language(),
                written_as=RejectsFormat.XLSX if is_workbook else RejectsFormat.CSV,
            )
    return outcome


def _has_something(source: Source, intake: Intake) -> bool:
    """Look for the first row that is a card or should be one."""
    met = outcomes_of(source, intake, detect_columns(source.sheet))
    return any(isinstance(row, Candidate) or row.reason.needs_correction for row in met)


async def _preview(shop: Shop, intake: Intake, source: Source, rows: int | None) -> Outcome:
    with bar(rows) as on_progress:
        async with shop.database.transaction(shop.tenant.id) as tx:
            return await preview(
                tx,
                shop.tenant.id,
                intake,
                source,
                keyrings=shop.keyrings,
                on_progress=on_progress,
            )


def picture(report: ImportReport) -> RenderableType:
    """Draw a report for a person: the counts, each class with its rows, and what to check."""
    reads = language()
    is_zh = reads == "zh"
    parts: list[RenderableType] = [
        table(
            report.file_name,
            _HEADINGS[is_zh],
            [(report.read, report.accepted, report.rejected, report.skipped)],
        )
    ]
    wrong = {
        RejectClass(name): rows
        for name, rows in report.classes.items()
        if RejectClass(name).needs_correction
    }
    if wrong:
        found = [
            (word(REJECTS, reason.value), rows.count, _rows(rows)) for reason, rows in wrong.items()
        ]
        parts.append(table("", _CLASS_HEADINGS[is_zh], found))
    colon = "：" if is_zh else ": "
    # Not in the table: a narrow column would cut the advice off.
    remarks = [
        Text(f"{word(REJECTS, reason.value)}{colon}{reason.text(reads)}") for reason in wrong
    ]
    asks = f"⚠ {'请核对' if is_zh else 'Check'}{colon}"
    remarks += [
        Text(f"{asks}{_WARNINGS[CardWarning(name)][not is_zh]}{colon}{_rows(rows)}", style="yellow")
        for name, rows in report.warnings.items()
    ]
    remarks += [Text(f"⚠ {note.zh if is_zh else note.en}", style="yellow") for note in report.notes]
    if (unread := _unread(report)) is not None:
        remarks.append(Text(f"⚠ {unread[not is_zh]}", style="yellow"))
    if report.import_id is not None and report.accepted:
        undo = f"kashu imports undo {str(report.import_id)[-SHOWN_CHARS:]}"
        remarks.append(Text(f"要撤销这次导入：{undo}" if is_zh else f"To take it back: {undo}"))
    if remarks:
        parts.append(Text("\n").join(remarks))
    return stacked(parts)


def _unread(report: ImportReport) -> tuple[str, str] | None:
    """Say which worksheets were left alone: of a workbook one is read."""
    read = report.recognised.worksheet
    others = "、".join(name for name in report.recognised.worksheets if name != read)
    if not others:
        return None
    return (
        f"只读了工作表“{read}”，没有读：{others}。要读别的，请加 --worksheet。",
        f"Only worksheet “{read}” was read, and not {others}: for another, add --worksheet.",
    )


def _rows(rows: RowsOf) -> str:
    shown = [f"{a}" if a == b else f"{a}–{b}" for a, b in rows.ranges[:RANGES_SHOWN]]
    more = not rows.complete or len(rows.ranges) > RANGES_SHOWN
    return ", ".join(shown) + (" …" if more else "")
