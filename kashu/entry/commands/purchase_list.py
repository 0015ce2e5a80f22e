"""The commands that list purchases, and that tell of one why it was ordered where it was."""

import asyncio
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import click
from rich.console import RenderableType

from kashu.access.caller import Caller
from kashu.access.permissions import Permission
from kashu.catalog.reads import sku_by_code
from kashu.entry.amounts import with_currency
from kashu.entry.shop import ACTOR, Shop, open_shop
from kashu.entry.taught import Command
from kashu.entry.terminal import (
    Words,
    json_option,
    language,
    on_the_clock,
    say,
    show,
    stacked,
    table,
    tenant_option,
    word,
)
from kashu.purchases.kinds import PurchaseState
from kashu.purchases.listed import Conditions
from kashu.purchases.shapes import AttemptTold, PurchasePage, PurchaseShown, PurchaseWhole
from kashu.purchases.show_whole import show_page, show_whole

PAGE: Final = 20
PAGE_MAX: Final = 500

STATES: Final = {
    "draft": "草稿",
    "asked": "待审批",
    "wanted": "待下单",
    "placed": "下单中",
    "held": "等待",
    "done": "已完成",
    "part": "部分完成",
    "ended": "未买到",
    "cancelled": "已取消",
    "sending": "发送中",
    "unclear": "存疑",
    "processing": "处理中",
    "manual": "待人工",
    "succeeded": "成功",
    "refused": "被拒",
    "failed": "失败",
    "refunded": "已退款",
}
CAUSES: Final = {"hand": "人工", "reorder": "补货", "short": "缺货", "topup": "直充"}


@click.command("list", cls=Command)
@click.option(
    "--state",
    type=click.Choice([state.value for state in PurchaseState]),
    help="只看这种状态的。 Only those in this state.",
)
@click.option("--sku", metavar="CODE", help="只看一个规格的。 Of one SKU only.")
@click.option("--before", type=click.UUID, metavar="ID", help="接着这一张往前看。 Go on behind it.")
@click.option(
    "--limit",
    type=click.IntRange(1, PAGE_MAX),
    default=PAGE,
    show_default=True,
    help="最多几张。 How many at most.",
)
@tenant_option
@json_option
def list_them(
    *,
    state: str | None,
    sku: str | None,
    before: UUID | None,
    limit: int,
    tenant: str | None,
    as_json: bool,
) -> None:
    """列出采购单，最新的在前。

    List purchases, newest first. Where there are more, the last line says how to go on.

    kashu purchase list --state asked
    kashu purchase list --sku mgtv-month --limit 100
    """

    async def run() -> PurchasePage:
        async with (
            open_shop(tenant) as shop,
            shop.database.transaction(shop.tenant.id) as tx,
        ):
            own = shop.tenant.id
            wanted = Conditions(
                states=None if state is None else [PurchaseState(state)],
                sku_id=(await sku_by_code(tx, own, sku)).id if sku else None,
            )
            return await show_page(tx, caller_of(shop), wanted, before=before, limit=limit)

    page = asyncio.run(run())
    show(page, lambda: picture(page.purchases) if page.purchases else None, as_json=as_json)
    if not page.purchases:
        say("没有这样的采购单。", "There are no such purchases.")
    elif page.next_before is not None:
        more = f"--before {page.next_before}"
        say(f"还有更早的：再加上 {more}", f"There are earlier ones: add {more}")


@click.command("show", cls=Command)
@click.argument("purchase_id", metavar="ID", type=click.UUID)
@tenant_option
@json_option
def show_one(*, purchase_id: UUID, tenant: str | None, as_json: bool) -> None:
    """一张采购单：向谁下过单、为什么选它、结果如何。

    Tell of a purchase: its orders at suppliers, why each was made there, what happened.

    kashu purchase show 01a2…
    """

    async def run() -> tuple[PurchaseWhole, str]:
        async with (
            open_shop(tenant) as shop,
            shop.database.transaction(shop.tenant.id) as tx,
        ):
            return await show_whole(tx, caller_of(shop), purchase_id), shop.tenant.timezone

    whole, timezone = asyncio.run(run())
    show(whole, lambda: _whole(whole, timezone), as_json=as_json)


def caller_of(shop: Shop) -> Caller:
    """Who sits at the machine: may do all, and is the same person whatever they do."""
    every = frozenset(Permission)
    return Caller(shop.tenant.id, ACTOR, every, shop.tenant.timezone, language())


def picture(found: Sequence[PurchaseShown]) -> RenderableType:
    """Draw purchases as a table."""
    titles: Sequence[Words] = (
        ("编号", "Id"),
        ("规格", "SKU"),
        ("数量", "Wanted"),
        ("已收", "Here"),
        ("原因", "Cause"),
        ("单价上限", "At most"),
        ("状态", "State"),
        ("说明", "Why"),
    )
    rows = [
        (
            each.id,
            each.sku,
            each.quantity,
            each.received,
            word(CAUSES, each.cause),
            each.unit_cost_max,
            word(STATES, each.state),
            each.words,
        )
        for each in found
    ]
    return table("", titles, rows)


def _whole(whole: PurchaseWhole, timezone: str) -> RenderableType:
    parts = [picture([whole.purchase])]
    parts += [_ranking(attempt) for attempt in whole.attempts]
    rows = [(on_the_clock(each.at, timezone), each.kind, each.who) for each in whole.events]
    parts.append(table("", (("时间", "At"), ("事件", "Event"), ("由谁", "By")), rows))
    return stacked(parts)


def _ranking(attempt: AttemptTold) -> RenderableType:
    state, why = word(STATES, attempt.state), attempt.choice.words
    total = with_currency(attempt.total, attempt.currency)
    title = f"{attempt.supplier} {attempt.our_order} {total} {state} {attempt.said}"
    titles: Sequence[Words] = (
        ("供应商", "Supplier"),
        ("商品", "Product"),
        ("到手成本", "Landed"),
        ("为什么", "Why"),
    )
    rows = [
        (
            each.supplier,
            each.ref,
            each.landed.get("total"),
            why if each.taken else "；".join(bar.words for bar in each.bars),
        )
        for each in attempt.choice.ranking
    ]
    return table(title, titles, rows)
