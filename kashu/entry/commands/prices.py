"""Prices: what SKUs cost at each supplier all told, in the terminal."""

import asyncio
from collections.abc import Sequence
from typing import Final

import click
from rich.console import RenderableType

from kashu.catalog.errors import UnknownSku
from kashu.catalog.kinds import SkuState
from kashu.catalog.reads import sku_list, skus_by_code
from kashu.core.clock import now
from kashu.entry.shop import open_shop
from kashu.entry.taught import Command
from kashu.entry.terminal import json_option, language, say, show, stacked, table, tenant_option
from kashu.suppliers.compare import compare
from kashu.suppliers.price_shapes import SkuPrices, sku_prices

SKUS_MAX: Final = 1_000  # looked through where none is named
BEST: Final = 5


@click.command("prices", cls=Command)
@click.argument("skus", metavar="[SKU]...", nargs=-1)
@click.option("--quantity", type=click.IntRange(1, 10_000), default=1, help="要多少个。 How many.")
@click.option(
    "--best", type=click.IntRange(1, 500), default=BEST, help="每个规格列几个。 Offers each."
)
@tenant_option
@json_option
def command(
    *, skus: Sequence[str], quantity: int, best: int, tenant: str | None, as_json: bool
) -> None:
    """比价：每个规格在各供应商的到手成本，并说明原因。

    Compare what one unit of each SKU costs all told, and why.

    kashu prices mgtv-month --quantity 10
    """

    async def run() -> list[SkuPrices]:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            tenant_id = shop.tenant.id
            if skus:
                named = await skus_by_code(tx, tenant_id, skus)
                missing = next((code for code in skus if code not in named), None)
                if missing is not None:
                    raise UnknownSku(sku=missing[:60])
                shown = [named[code] for code in dict.fromkeys(skus)]
            else:
                listed = await sku_list(tx, tenant_id, state=SkuState.ACTIVE, limit=SKUS_MAX)
                shown = [each.sku for each in listed]
            found = await compare(
                tx,
                tenant_id,
                [each.id for each in shown],
                quantity=quantity,
                at=now(),
                best=best,
            )
        return [sku_prices(each, found[each.id]) for each in shown if skus or found[each.id]]

    told = asyncio.run(run())
    show(told, lambda: _picture(told), as_json=as_json)
    if not any(each.offers for each in told):
        say(
            "还没有关联规格的报价。先接入供应商（kashu supplier connect），或导入价格表。",
            "No offers yet. Connect a supplier (kashu supplier connect), or import a price list.",
        )


def _picture(told: Sequence[SkuPrices]) -> RenderableType | None:
    zh = language() == "zh"
    titles = (
        ("供应商", "Supplier"),
        ("到手成本", "Landed"),
        ("价格", "Price"),
        ("手续费", "Fee"),
        ("返利", "Rebate"),
        ("风险", "Risk"),
        ("资金", "Capital"),
        ("库存", "Stock"),
        ("说明", "Why"),
    )
    tables: list[RenderableType] = []
    for each in told:
        rows = []
        for offer in each.offers:
            landed = offer.landed
            costs = (
                ["", "", "", "", "", ""]
                if landed is None
                else [
                    landed.total,
                    landed.price,
                    landed.fee,
                    landed.rebate,
                    landed.risk,
                    landed.capital,
                ]
            )
            why = [*offer.why_not, *offer.reasons]
            words = "；".join(one.zh for one in why) if zh else "; ".join(one.en for one in why)
            rows.append([offer.supplier, *costs, offer.stock, words])
        tables.append(table(f"{each.sku}  {each.name_zh if zh else each.name_en}", titles, rows))
    return stacked(tables) if tables else None
