"""The command that says what to buy now, and why so many."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import click
from rich.console import RenderableType

from kashu.catalog.reads import sku_by_code
from kashu.core.clock import now
from kashu.entry.commands.purchase_list import caller_of, picture
from kashu.entry.shop import ACTOR, open_shop
from kashu.entry.taught import Command
from kashu.entry.terminal import Words, json_option, say, show, table, tenant_option
from kashu.entry.usage import Misused
from kashu.purchases.api_reorder import SuggestionShown, SuggestionsShown, show_suggestions
from kashu.purchases.errors_buying import NothingToReorder
from kashu.purchases.reads import purchase_of
from kashu.purchases.reorder import reorder, suggestions
from kashu.purchases.shapes import PurchaseShown
from kashu.purchases.show import show_purchases


@click.command("reorder", cls=Command)
@click.argument("sku", metavar="[SKU]", required=False)
@click.option("--want", "is_wanted", is_flag=True, help="按建议采购。 Buy what is suggested.")
@click.option("--draft", is_flag=True, help="按建议写草稿。 Only write it down.")
@tenant_option
@json_option
def command(
    *, sku: str | None, is_wanted: bool, draft: bool, tenant: str | None, as_json: bool
) -> None:
    """补货建议：每个规格现在该买多少，怎么算出来的。

    Say how many of each SKU to buy now, with the arithmetic; --want buys what is suggested.

    现有 position = 可发 − 预计过期 + 在途 − 已付未发；到补货点或以下就补到目标
    补货点 point = 到货天数与安全天数内的销量；目标 up to = 再加覆盖天数的销量

    kashu reorder
    kashu reorder mgtv-month --json
    kashu reorder mgtv-month --want
    """
    if (is_wanted or draft) and sku is None:
        raise Misused("请写明规格。", "Say which SKU.")

    async def run() -> SuggestionsShown | PurchaseShown:
        async with (
            open_shop(tenant) as shop,
            shop.database.transaction(shop.tenant.id) as tx,
        ):
            own, caller, at = shop.tenant.id, caller_of(shop), now()
            ids: list[UUID] | None = [(await sku_by_code(tx, own, sku)).id] if sku else None
            found = await suggestions(tx, own, timezone=shop.tenant.timezone, at=at, sku_ids=ids)
            if not (is_wanted or draft):
                return await show_suggestions(tx, caller, found)
            if not found or not found[0].suggested.quantity:
                raise NothingToReorder(sku=sku)
            made = await reorder(tx, own, ACTOR, found[0], at=at, draft=draft)
            [shown] = await show_purchases(tx, caller, [await purchase_of(tx, own, made)])
            return shown

    done = asyncio.run(run())
    if isinstance(done, PurchaseShown):
        show(done, lambda: picture([done]), as_json=as_json)
        return
    show(done, lambda: _picture(done.suggestions) if done.suggestions else None, as_json=as_json)
    if not done.suggestions:
        say("最近没有销量，没有建议。", "Nothing was sold of late: there is nothing to suggest.")


def _picture(found: Sequence[SuggestionShown]) -> RenderableType:
    titles: Sequence[Words] = (
        ("规格", "SKU"),
        ("建议", "Buy"),
        ("日均", "A day"),
        ("可发", "Available"),
        ("在途", "On order"),
        ("现有", "Position"),
        ("补货点", "Point"),
        ("目标", "Up to"),
        ("单价", "Each"),
        ("说明", "Why"),
    )
    rows = [
        (
            each.sku,
            each.quantity,
            each.facts["speed"],
            each.facts["available"],
            each.facts["on_order"],
            each.facts["position"],
            each.facts["reorder_point"],
            each.facts["up_to"],
            each.unit_cost,
            each.words,
        )
        for each in found
    ]
    return table("", titles, rows)
