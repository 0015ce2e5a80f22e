"""The command that places a file of orders, or says what that would come to."""

import asyncio
import shlex
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from rich.console import RenderableType

from kashu.core.clock import now
from kashu.entry.order_file import check_order_file, submissions_of
from kashu.entry.order_file_rows import OrderFile, read_order_file
from kashu.entry.order_forecast import FileForecast, foresee, foreseen
from kashu.entry.shop import ACTOR, Shop, open_shop
from kashu.entry.taught import Command
from kashu.entry.terminal import json_option, say, show, table, tenant_option
from kashu.orders.answers import OrdersAnswer
from kashu.orders.intake import Intake
from kashu.orders.order import NewOrder


class FileOutcome(msgspec.Struct, frozen=True):
    """What came of a file of orders; units by what became of them."""

    orders: int
    new: int
    delivered: int
    waiting: int
    refused: int
    refunded: int
    requests_replayed: int


@click.command("file", cls=Command)
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--dry-run", is_flag=True, help="只预检，不下单。 Only say what would come of it.")
@tenant_option
@json_option
def command(*, path: Path, dry_run: bool, tenant: str | None, as_json: bool) -> None:
    """从 csv 或 xlsx 批量下单：先检查每一行，全部无误才开始。

    Place the orders of a csv or xlsx. Every row is checked before the first is placed. After a
    break run it again: what was placed isn't placed twice. With --dry-run nothing is placed: it
    says what the orders come to, and which SKUs would run short.

    列 columns: external_id 订单号, store 店铺, customer 客户, sku 规格, quantity 数量, price 金额

    kashu order file orders.xlsx --dry-run
    kashu order file orders.xlsx
    """

    async def run() -> FileOutcome | FileForecast:
        file = await asyncio.to_thread(read_order_file, path)
        async with open_shop(tenant) as shop:
            async with shop.database.transaction(shop.tenant.id) as tx:
                orders: Sequence[NewOrder] = await check_order_file(tx, shop.tenant.id, file, now())
                if dry_run:
                    return await foresee(tx, shop.tenant.id, orders, today=shop.today)
            return await _place(shop, file)

    outcome = asyncio.run(run())
    if isinstance(outcome, FileForecast):
        again = shlex.join(["kashu", "order", "file", str(path)])
        show(outcome, lambda: foreseen(outcome, again), as_json=as_json)
    else:
        show(outcome, lambda: _picture(outcome), as_json=as_json)


async def _place(shop: Shop, file: OrderFile) -> FileOutcome:
    intake = Intake(shop.database, shop.keyrings)
    counts = Counter[str]()
    total = len(file.orders)
    for submission in submissions_of(file, ACTOR, "later"):
        answered = await intake.submit(shop.tenant.id, submission, shop.tenant.timezone)
        counts.update(_counted(answered.content, replayed=answered.replayed))
        so_far = counts["orders"]
        say(f"已提交 {so_far} / {total} 单", f"{so_far} of {total} orders placed")
    return FileOutcome(**{name: counts[name] for name in FileOutcome.__struct_fields__})


def _counted(content: bytes, *, replayed: bool) -> Counter[str]:
    answer = msgspec.json.decode(content, type=OrdersAnswer)
    counts = Counter[str](orders=len(answer.orders), requests_replayed=int(replayed))
    for each in answer.orders:
        counts["new"] += each.new and not replayed
        for line in each.lines:
            counts["delivered"] += line.delivered
            counts["waiting"] += line.waiting
            counts["refused"] += line.refused
            counts["refunded"] += line.refunded
    return counts


def _picture(outcome: FileOutcome) -> RenderableType:
    titles = (
        ("订单", "Orders"),
        ("新订单", "New"),
        ("已下过", "Placed before"),
        ("已发", "Given"),
        ("缺货", "Short"),
        ("拒绝", "Refused"),
        ("退", "Back"),
    )
    row = (
        outcome.orders,
        outcome.new,
        outcome.orders - outcome.new,
        outcome.delivered,
        outcome.waiting,
        outcome.refused,
        outcome.refunded,
    )
    return table("", titles, [row])
