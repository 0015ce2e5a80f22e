"""Commands of suppliers' statements: take one in, see what is wrong, settle it."""

import asyncio
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import click
import msgspec
from rich.console import RenderableType

from kashu.core.money import format_amount, parse_amount
from kashu.core.sheets.read import read_sheet
from kashu.entry.shop import ACTOR, open_shop
from kashu.entry.taught import Group
from kashu.entry.terminal import json_option, say, show, stacked, table, tenant_option, word
from kashu.entry.words import FINDINGS
from kashu.purchases.kinds_statements import ResolutionKind, TimedBy
from kashu.purchases.statement_lines import read_lines
from kashu.purchases.statement_reads import (
    Finding,
    SupplierStatement,
    finding_list,
    finding_of,
    statement_of,
)
from kashu.purchases.statement_resolve import Resolution, resolve
from kashu.purchases.statements import Arrived, preview_statement, take_statement
from kashu.suppliers.reads import supplier_by_code

DAY: Final = click.DateTime(formats=["%Y-%m-%d"])
SHOWN: Final = 500


class Shown(msgspec.Struct, frozen=True):
    """A statement and what was found. `id` is null of a dry run."""

    id: UUID | None
    is_new: bool
    lines: int
    matched: int
    wrong: int
    findings: list[dict[str, object]]
    currency: str  # of all these amounts


@click.group("statement", cls=Group)
def statement() -> None:
    """供应商对账单。 Suppliers' statements."""


@statement.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--supplier", required=True, help="供应商代码。 Whose it is.")
@click.option("--from", "first", type=DAY, required=True, help="账期第一天。 First day.")
@click.option("--to", "last", type=DAY, required=True, help="账期最后一天。 Last day.")
@click.option(
    "--by",
    "timed_by",
    type=click.Choice([each.value for each in TimedBy]),
    help="按下单还是完成时间；默认看列名。 By which time; its columns tell, else.",
)
@click.option("--tolerance", default="0.01", show_default=True, help="金额容差。 Of amounts.")
@click.option("--skip-wrong", is_flag=True, help="跳过无法识别的行。 Leave wrong rows out.")
@click.option("--dry-run", is_flag=True, help="只看结果，不保存。 Keep nothing.")
@tenant_option
@json_option
def import_statement(
    *,
    path: Path,
    supplier: str,
    first: datetime,
    last: datetime,
    timed_by: str | None,
    tolerance: str,
    skip_wrong: bool,
    dry_run: bool,
    tenant: str | None,
    as_json: bool,
) -> None:
    """导入账单并与采购核对；不改动任何账目。 Match a statement with our orders; nothing is posted.

    kashu statement import november.xlsx --supplier alpha --from 2026-11-01 --to 2026-11-30
    """
    digest = hashlib.sha256(path.read_bytes()).digest()

    async def run() -> Shown:
        async with open_shop(tenant) as shop:
            tenant_id, zone = shop.tenant.id, shop.tenant.timezone
            lines = await asyncio.to_thread(lambda: read_lines(read_sheet(path), zone))
            async with shop.database.transaction(tenant_id) as tx:
                found = await supplier_by_code(tx, tenant_id, supplier)
                arrived = Arrived(
                    found.id,
                    first.date(),
                    last.date(),
                    lines,
                    digest,
                    path.name,
                    timed_by=None if timed_by is None else TimedBy(timed_by),
                    tolerance_e4=abs(parse_amount(tolerance)),
                    skip_wrong=skip_wrong,
                )
                if dry_run:
                    preview = await preview_statement(tx, tenant_id, arrived, timezone=zone)
                    matched = preview.matched
                    told = [_row(each) for each in matched.findings]
                    return Shown(
                        None,
                        True,  # noqa: FBT003
                        matched.line_count,
                        matched.matched_count,
                        preview.wrong_count,
                        told,
                        preview.currency,
                    )
                id_, is_new = await take_statement(tx, tenant_id, ACTOR, arrived, timezone=zone)
                kept = await statement_of(tx, tenant_id, id_)
                findings = await finding_list(tx, tenant_id, id_, limit=SHOWN)
        return _shown(kept, findings, is_new=is_new)

    done = asyncio.run(run())
    show(done, lambda: _picture(done), as_json=as_json)
    if not done.is_new:
        say(
            "这份账单已经导入过，没有改动。", "This statement was taken in before; nothing changed."
        )


@statement.command("show")
@click.argument("statement_id", type=click.UUID)
@click.option("--open", "open_only", is_flag=True, help="只看未处理的。 What isn't settled.")
@tenant_option
@json_option
def show_statement(
    *, statement_id: UUID, open_only: bool, tenant: str | None, as_json: bool
) -> None:
    """查看账单的差异。 Show what was found.

    kashu statement show 019ab2c1-0000-7000-8000-000000000000 --open
    """

    async def run() -> Shown:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            kept = await statement_of(tx, shop.tenant.id, statement_id)
            findings = await finding_list(
                tx, shop.tenant.id, statement_id, open_only=open_only, limit=SHOWN
            )
        return _shown(kept, findings, is_new=False)

    done = asyncio.run(run())
    show(done, lambda: _picture(done), as_json=as_json)


@statement.command("resolve")
@click.argument("finding_id", type=click.UUID)
@click.option(
    "--how",
    type=click.Choice([kind.value for kind in ResolutionKind]),
    required=True,
    help="说明、承认或索回。 Explained, accepted or asked back.",
)
@click.option("--reason", required=True, help="原因。 Why.")
@tenant_option
@json_option
def resolve_finding(
    *, finding_id: UUID, how: str, reason: str, tenant: str | None, as_json: bool
) -> None:
    """处理一条差异：记一笔调整，从不修改原始数据；大额由另一个人审批。

    Settle a finding by a transfer or in words; large amounts wait for somebody else.

    kashu statement resolve 019ab2c1-0000-7000-8000-000000000000 --how asked_back --reason 多扣
    """

    async def run() -> tuple[Resolution, str]:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            done = await resolve(
                tx,
                shop.tenant.id,
                ACTOR,
                finding_id,
                ResolutionKind(how),
                reason=reason,
                posted_on=shop.today,
            )
            return done, (await finding_of(tx, shop.tenant.id, finding_id)).currency

    done, currency = asyncio.run(run())
    titles = (("处理", "How"), ("金额", "Amount"), ("币种", "Currency"), ("状态", "State"))
    row = (done.kind.value, format_amount(done.amount_e4), currency, done.state.value)
    show(done, lambda: table("", titles, [row]), as_json=as_json)


def _shown(kept: SupplierStatement, findings: list[Finding], *, is_new: bool) -> Shown:
    told = [_row(each) for each in findings]
    counts = kept.line_count, kept.matched_count, kept.wrong_count
    return Shown(kept.id, is_new, *counts, told, kept.currency)


def _row(found: object) -> dict[str, object]:
    """Write a finding of a preview or of a statement for the terminal."""
    ours, theirs = found.ours_e4, found.theirs_e4  # type: ignore[attr-defined]
    row = {
        name: getattr(found, name, None)
        for name in ("id", "kind", "what", "row_number", "our_number", "number", "resolution")
    }
    amounts = {"ours": ours, "theirs": theirs, "difference": theirs - ours}
    return row | {name: format_amount(e4) for name, e4 in amounts.items()}


def _picture(done: Shown) -> RenderableType:
    titles = (
        ("差异", "Finding"),
        ("行", "Row"),
        ("订单号", "Number"),
        ("我方", "Ours"),
        ("对方", "Theirs"),
        ("处理", "Settled"),
        ("编号", "Id"),
    )
    cells = [
        (
            f"{word(FINDINGS, str(row['kind']))} {row['what']}",
            row["row_number"],
            row["our_number"] or row["number"],
            row["ours"],
            row["theirs"],
            row["resolution"],
            row["id"],
        )
        for row in done.findings
    ]
    whole = table(
        "",
        (
            ("账单", "Statement"),
            ("币种", "Currency"),
            ("行数", "Lines"),
            ("匹配", "Matched"),
            ("无法识别", "Wrong"),
        ),
        [(done.id, done.currency, done.lines, done.matched, done.wrong)],
    )
    return stacked([whole, table("", titles, cells)])
