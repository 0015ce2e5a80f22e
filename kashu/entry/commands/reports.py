"""Commands that read: the profit report, and the proof that the books are right."""

import asyncio
import io
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Final

import click
import msgspec
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.text import Text

from kashu.access.tenants import all_tenants
from kashu.core.clock import now
from kashu.core.errors import Invalid
from kashu.entry.shop import open_database, open_shop
from kashu.entry.taught import Command, Group
from kashu.entry.terminal import (
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
from kashu.entry.words import INVARIANTS
from kashu.reports.api_capital import CapitalSheet
from kashu.reports.api_capital import sheet_of as capital_sheet
from kashu.reports.capital import capital
from kashu.reports.dimensions import Dimension, parse_dimensions
from kashu.reports.export import to_csv, to_table, to_xlsx
from kashu.reports.profit import ProfitReport
from kashu.reports.profit import profit as profit_of
from kashu.reports.shapes import sheet_of
from kashu.reports.verify import Verified
from kashu.reports.verify import verify as verify_tenant

DAY: Final = click.DateTime(formats=["%Y-%m-%d"])
VIOLATED: Final = 1
WIDEST: Final = 1_000  # characters of a line


class VerifiedTenant(msgspec.Struct, frozen=True):
    """What the proof found for one merchant."""

    tenant: str
    verified: Verified


class VerifiedAll(msgspec.Struct, frozen=True):
    """`violations`: how many rows break a rule, over all merchants."""

    ok: bool
    violations: int
    tenants: list[VerifiedTenant]


class DimensionMissing(Invalid):
    """A place for a dimension, and none in it."""

    code = "dimension_missing"
    zh = "--by 里有空的维度。请从 {known} 中选，用逗号分隔；不分组就不要写 --by。"
    en = "--by has an empty dimension. Choose from {known}, with commas; or leave --by out."


@click.group("report", cls=Group)
def report() -> None:
    """报表。 Reports."""


@report.command("profit")
@click.option("--by", metavar="DIMENSIONS", help="维度，逗号分隔。 How to cross it.")
@click.option("--from", "since", type=DAY, help="开始日期（含）。 First day.")
@click.option("--to", "until", type=DAY, help="结束日期（含）。 Last day.")
@click.option(
    "--format",
    "written_as",
    type=click.Choice(["table", "json", "csv", "xlsx"]),
    help="格式；终端默认 table，否则 json。 table on a terminal, else json.",
)
@click.option(
    "--output", type=click.Path(path_type=Path), help="写到文件；xlsx 必填。 A file; xlsx needs it."
)
@tenant_option
def profit(
    *,
    by: str | None,
    since: datetime | None,
    until: datetime | None,
    written_as: str | None,
    output: Path | None,
    tenant: str | None,
) -> None:
    """利润报表，可任意交叉，与总账一分不差。

    Profit, crossed at will; it agrees with the ledger to the last unit.

    维度 dimensions: day week month store supplier brand product sku period customer
    kashu report profit --by day,store --from 2026-11-01 --to 2026-11-30
    kashu report profit --by sku,supplier --format xlsx --output profit.xlsx
    """
    form = written_as or ("table" if sys.stdout.isatty() else "json")
    if form == "xlsx" and output is None:
        raise Misused("xlsx 要写到文件：请加 --output。", "xlsx goes into a file: add --output.")
    if by is not None and not all(name.strip() for name in by.split(",")):
        raise DimensionMissing(known=", ".join(Dimension))

    async def read() -> ProfitReport:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            return await profit_of(
                tx,
                shop.tenant.id,
                parse_dimensions(by or ""),
                since=_day(since),
                until=_day(until),
                language=language(),
            )

    found = asyncio.run(read())
    content = _written(found, form)
    if output is None:
        click.echo(content, nl=False)
    else:
        output.write_bytes(content)
        say(f"已写入 {output}", f"Written to {output}")


@report.command("capital")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="天数。")
@tenant_option
@json_option
def report_capital(*, days: int, tenant: str | None, as_json: bool) -> None:
    """资金占用：库存、预付、存疑、应收，周转天数与资金成本。

    What is tied up in stock and with suppliers, how fast it turns, and what that costs.

    kashu report capital --days 30
    """

    async def read() -> CapitalSheet:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            at = now()
            rows, whole = await capital(tx, shop.tenant.id, at, shop.tenant.timezone, days=days)
        return capital_sheet(rows, whole, at)

    found = asyncio.run(read())
    titles = (
        ("供应商", "Supplier"),
        ("库存", "Stock"),
        ("预付", "Prepaid"),
        ("存疑", "In doubt"),
        ("应收", "To be got back"),
        ("外币折合", "Other currencies, in ours"),
        ("占用", "Tied up"),
        ("周转天数", "Turnover days"),
        ("资金成本", "Cost"),
    )
    cells = [
        (
            row.supplier or word({"all": "合计"}, "all"),
            row.stock,
            row.prepaid,
            row.in_doubt,
            row.recoveries,
            row.other_currencies,
            row.tied_up,
            row.turnover_days,
            row.cost_of_capital,
        )
        for row in (*found.rows, found.total)
    ]
    show(found, lambda: table("", titles, cells), as_json=as_json)


@click.command("verify", cls=Command)
@json_option
def verify(*, as_json: bool) -> None:
    """核对：在当前数据上证明全部不变式（库存、订单、总账、权限），只读、不加锁。

    Prove the invariants of stock, orders and books on the live data of every merchant; it locks
    and changes nothing. Exit code 1 when one is violated.
    """
    found = asyncio.run(_verify_all())
    show(found, lambda: _proof(found), as_json=as_json)
    if not found.ok:
        sys.exit(VIOLATED)


async def _verify_all() -> VerifiedAll:
    async with open_database() as (_, database):
        async with database.transaction(None) as tx:
            tenants = await all_tenants(tx)
        verified = []
        for tenant in tenants:
            async with database.transaction(tenant.id) as tx:
                verified.append(VerifiedTenant(tenant.code, await verify_tenant(tx, tenant.id)))
    broken = sum(
        violation.total
        for each in verified
        for checked in each.verified.checked
        for violation in checked.violations
    )
    return VerifiedAll(all(each.verified.ok for each in verified), broken, verified)


def _proof(found: VerifiedAll) -> RenderableType:
    parts: list[RenderableType] = []
    for each in found.tenants:
        rows = [
            (
                word(INVARIANTS, checked.invariant),
                checked.rows_checked,
                checked.took_ms,
                "✗" if checked.violations else "✓",
            )
            for checked in each.verified.checked
        ]
        titles = (("不变式", "Invariant"), ("行数", "Rows"), ("毫秒", "ms"), "")
        parts.append(table(each.tenant, titles, rows))
        parts += [
            Text(
                f"✗ {violation.rule}: {violation.zh if language() == 'zh' else violation.en}\n"
                + "\n".join(f"    {row.id} {row.says}" for row in violation.rows),
                style="red",
            )
            for checked in each.verified.checked
            for violation in checked.violations
        ]
    return stacked(parts)


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _written(found: ProfitReport, form: str) -> bytes:
    if form == "csv":
        return to_csv(found, language())
    if form == "xlsx":
        return to_xlsx(found, language())
    if form == "table":
        # As wide as it needs to be: squeezed into a narrow terminal, its numbers would be cut off.
        picture, drawn = to_table(found, language()), io.StringIO()
        width = Measurement.get(Console(), Console(width=WIDEST).options, picture).maximum
        Console(file=drawn, width=width).print(picture)
        return drawn.getvalue().encode()
    return msgspec.json.encode(sheet_of(found)) + b"\n"
