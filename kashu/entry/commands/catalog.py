"""Commands of the catalogue."""

import asyncio
from typing import Final

import click
import msgspec

from kashu.catalog.reads import ListedSku, sku_list
from kashu.core.money import format_amount
from kashu.entry.shop import open_shop
from kashu.entry.taught import Group
from kashu.entry.terminal import json_option, language, say, show, table, tenant_option, word
from kashu.entry.words import FULFILMENTS, PERIODS, SKU_STATES, TERMINALS

PAGE: Final = 200


class SkuLine(msgspec.Struct, frozen=True):
    """A SKU as a line of a list."""

    code: str
    brand: str
    product: str
    name_zh: str
    name_en: str
    period: str
    terminal: str
    fulfilment: str
    state: str
    face_value: str


@click.group("catalog", cls=Group)
def catalog() -> None:
    """商品目录。 The catalogue."""


@catalog.command("list")
@click.option("--brand", metavar="CODE", help="只看一个品牌。 Of one brand only.")
@tenant_option
@json_option
def list_skus(*, brand: str | None, tenant: str | None, as_json: bool) -> None:
    """列出全部规格及其代码。 List every SKU with its code.

    kashu catalog list --brand mgtv
    """

    async def read() -> list[ListedSku]:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            found: list[ListedSku] = []
            while True:
                after = found[-1].sku.code if found else ""
                page = await sku_list(tx, shop.tenant.id, brand=brand, after=after, limit=PAGE)
                found += page
                if len(page) < PAGE:
                    return found

    lines = [_line(each) for each in asyncio.run(read())]
    titles = (
        ("代码", "Code"),
        ("名称", "Name"),
        ("周期", "Period"),
        ("终端", "On"),
        ("方式", "Kind"),
        ("状态", "State"),
        ("面值", "Face value"),
    )
    is_zh = language() == "zh"
    rows = [
        (
            line.code,
            line.name_zh if is_zh else line.name_en,
            word(PERIODS, line.period),
            word(TERMINALS, line.terminal),
            word(FULFILMENTS, line.fulfilment),
            word(SKU_STATES, line.state),
            line.face_value,
        )
        for line in lines
    ]
    show(lines, lambda: table("", titles, rows) if rows else None, as_json=as_json)
    if not lines:
        say(
            "没有这样的规格。全部规格：kashu catalog list",
            "There are no such SKUs. All of them: kashu catalog list",
        )


def _line(listed: ListedSku) -> SkuLine:
    sku = listed.sku
    return SkuLine(
        sku.code,
        listed.brand.code,
        listed.product.code,
        sku.name_zh,
        sku.name_en,
        listed.period,
        listed.terminal,
        sku.fulfilment,
        sku.state,
        format_amount(sku.face_value_e4),
    )
