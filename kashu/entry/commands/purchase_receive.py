"""The command that takes the cards of an order which came by mail or chat."""

import asyncio
import sys
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from kashu.core.clock import now
from kashu.entry.amounts import read_amount
from kashu.entry.commands.imports import picture
from kashu.entry.shop import ACTOR, Shop, open_shop
from kashu.entry.taught import Command
from kashu.entry.terminal import asked, json_option, say, show, tenant_option
from kashu.purchases.moves import Occasion
from kashu.purchases.reads import Attempt
from kashu.purchases.receive_file import (
    RULES,
    Expected,
    Handed,
    expect,
    find_cards,
    foresee,
    receive_file,
)
from kashu.stock.imports_reading import Source, open_file, open_pasted
from kashu.stock.imports_report import ImportReport

TYPED: Final = "-"


@click.command("receive", cls=Command)
@click.argument("path", metavar="FILE")
@click.option(
    "--attempt", "number", required=True, metavar="NUMBER", help="我方单号。 Our order number."
)
@click.option("--charged", metavar="AMOUNT", help="实收总额（订单币种），默认按下单。 In all.")
@click.option(
    "--as-it-is", is_flag=True, help="按文件收货，缺少的向供应商追回。 What is missing is missing."
)
@click.option("--dry-run", is_flag=True, help="只预检，不写入。 Only say what would happen.")
@click.option("--yes", is_flag=True, help="不询问，直接收货。 Don't ask before.")
@tenant_option
@json_option
@click.pass_context
def receive(
    ctx: click.Context,
    *,
    path: str,
    number: str,
    charged: str | None,
    as_it_is: bool,
    dry_run: bool,
    yes: bool,
    tenant: str | None,
    as_json: bool,
) -> None:
    """收下供应商用邮件或聊天发来的卡密文件，记到那笔订单上；用 - 则从键盘粘贴。

    Take a supplier's file of cards as those of an order; - reads what is typed or pasted. The rows
    are recognised as an import's are. It must hold as many cards as were ordered.

    kashu purchase receive cards.xlsx --attempt K3F9QX7M2A
    kashu purchase receive cards.xlsx --attempt K3F9QX7M2A --dry-run --json
    kashu purchase receive - --attempt K3F9QX7M2A --as-it-is --yes < cards.txt

    退出码 / exit codes:
      0  已收货 / taken
      1  被拒绝，什么都没有写入 / refused; nothing was written
      2  命令写法有误 / the command itself is wrong
    """
    handed = Handed(None if charged is None else read_amount(charged), as_it_is)
    asking = not (yes or dry_run or as_json or path == TYPED) and sys.stdout.isatty()

    async def run() -> tuple[ImportReport, Attempt | None]:
        async with open_shop(tenant) as shop:
            occasion = Occasion(
                shop.tenant.id, ACTOR, now(), shop.tenant.timezone, shop.keyrings, RULES
            )
            async with shop.database.transaction(shop.tenant.id) as tx:
                expected = await expect(tx, occasion, number)
            source = await asyncio.to_thread(_opened, path)
            report = await _foresee(shop, expected, source)
            if dry_run or (asking and not _agreed(expected, report)):
                return report, None
            found = await find_cards(expected, source)
            async with shop.database.transaction(shop.tenant.id) as tx:
                return report, await receive_file(tx, occasion, expected, found, handed)

    report, attempt = asyncio.run(run())
    if not asking:
        show(report, lambda: picture(report), as_json=as_json)
    if attempt is not None:
        say(
            f"订单 {attempt.number} 收货 {attempt.received_count} 张，"
            f"不收 {attempt.turned_away_count} 张。",
            f"Order {attempt.number}: {attempt.received_count} taken, "
            f"{attempt.turned_away_count} turned away.",
        )
    elif not dry_run:
        say("没有收货，什么都没有写入。", "Not taken; nothing was written.")
        ctx.exit(1)


def _opened(path: str) -> Source:
    if path == TYPED:
        return open_pasted(sys.stdin.read())
    return open_file(Path(path))


async def _foresee(shop: Shop, expected: Expected, source: Source) -> ImportReport:
    async with shop.database.transaction(shop.tenant.id) as tx:
        return await foresee(tx, shop.tenant.id, expected, source, keyrings=shop.keyrings)


def _agreed(expected: Expected, report: ImportReport) -> bool:
    Console().print(picture(report))
    number, ordered, there = expected.attempt.number, expected.ordered, report.accepted
    return asked(
        f"订单 {number} 订购 {ordered} 张，文件里有 {there} 张新卡，收货？",
        f"Order {number} is of {ordered}, the file has {there} new cards. Take them?",
    )
