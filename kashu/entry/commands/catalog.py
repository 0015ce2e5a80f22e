"""Commands of the catalogue."""

import asyncio
from typing import Final

import click
import msgspec

from kashu.catalog.bundles import Goods, parts_by_code, set_parts
from kashu.catalog.entries import PART_UNITS_MAX, NamedPart
from kashu.catalog.reads import ListedSku, sku_list
from kashu.core.money import format_amount
from kashu.entry.shop import ACTOR, open_shop
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


class PartLine(msgspec.Struct, frozen=True):
    """A part of a bundle as a line of a list."""

    sku: str
    name_zh: str
    name_en: str
    units: int


@catalog.command("parts")
@click.argument("code")
@click.argument("parts", nargs=-1, metavar="[SKU=UNITS]…")
@tenant_option
@json_option
def parts_of_a_bundle(
    *, code: str, parts: tuple[str, ...], tenant: str | None, as_json: bool
) -> None:
    """看组合由什么组成，或改成给出的组成。 Show what a bundle is made of, or set it.

    kashu catalog parts mgtv-iqiyi
    kashu catalog parts mgtv-iqiyi mgtv-month=1 iqiyi-month=2
    """
    wanted = [_named(part) for part in parts]

    async def run() -> Goods:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            if wanted:
                return await set_parts(tx, shop.tenant.id, ACTOR, code, wanted)
            return await parts_by_code(tx, shop.tenant.id, code)

    lines = [
        PartLine(part.sku.code, part.sku.name_zh, part.sku.name_en, part.units)
        for part in asyncio.run(run()).parts
    ]
    is_zh = language() == "zh"
    rows = [(line.sku, line.name_zh if is_zh else line.name_en, line.units) for line in lines]
    titles = (("代码", "Code"), ("名称", "Name"), ("数量", "Units"))
    show(lines, lambda: table("", titles, rows) if rows else None, as_json=as_json)
    if not lines:
        say(
            f"还没有组成。设置：kashu catalog parts {code} 规格=数量 …",
            f"It has no parts yet. Set them: kashu catalog parts {code} SKU=UNITS …",
        )


def _named(written: str) -> NamedPart:
    """Read "mgtv-month=2"; without a number it is one."""
    sku, _, units = written.partition("=")
    if units and not (units.isascii() and units.isdecimal() and 1 <= int(units) <= PART_UNITS_MAX):
        raise click.BadParameter(f"{written}: 规格=数量 SKU=UNITS, 1–{PART_UNITS_MAX}")
    return NamedPart(sku, int(units or 1))


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
