"""The command that tells what is in stock."""

import asyncio
import io
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import click
import msgspec
from rich.console import Console, RenderableType

from kashu.catalog.reads import sku_by_code
from kashu.core.money import format_amount
from kashu.core.sheets.write import write_csv
from kashu.entry.shop import open_shop
from kashu.entry.taught import Command
from kashu.entry.terminal import json_option, language, say, table, tenant_option
from kashu.entry.usage import Misused
from kashu.stock.shelves import Shelf, shelves
from kashu.stock.warehouses import warehouse_by_code


class ShelfLine(msgspec.Struct, frozen=True):
    """A SKU in a warehouse. held = available + reserved + frozen + expired, in units."""

    sku: str
    name_zh: str
    name_en: str
    warehouse: str
    held: int
    available: int
    reserved: int
    frozen: int
    expired: int
    expires_on: date | None
    expiring: int
    currency: str
    cost: str


# The columns of the CSV; the table has those that a terminal has room for.
_TITLES: Final[Mapping[str, tuple[str, str]]] = {
    "sku": ("规格", "SKU"),
    "name": ("名称", "Name"),
    "warehouse": ("仓库", "Warehouse"),
    "held": ("在库", "Held"),
    "available": ("可发", "Available"),
    "reserved": ("预占", "Reserved"),
    "frozen": ("冻结", "Frozen"),
    "expired": ("过期", "Expired"),
    "expires_on": ("最近到期", "Next expiry"),
    "expiring": ("届时到期", "Expiring"),
    "currency": ("币种", "Currency"),
    "cost": ("成本额", "Cost"),
}
_COUNTS: Final = ("held", "available", "reserved", "frozen", "expired")


@click.command("stock", cls=Command)
@click.option("--sku", metavar="CODE", help="只看一个规格。 Of one SKU only.")
@click.option("--warehouse", metavar="CODE", help="只看一个仓库。 In one warehouse only.")
@click.option(
    "--format",
    "written_as",
    type=click.Choice(["table", "json", "csv"]),
    help="格式；终端默认 table，否则 json。 table on a terminal, else json.",
)
@tenant_option
@json_option
def command(
    *,
    sku: str | None,
    warehouse: str | None,
    written_as: str | None,
    tenant: str | None,
    as_json: bool,
) -> None:
    """库存：每个规格在每个仓库还有多少，其中多少现在能发。

    What is in stock, by SKU and warehouse, and what of it can be given now.

    在库 held = 可发 available + 预占 reserved + 冻结 frozen + 过期 expired
    最近到期 the last day of the cards that expire first; 届时到期 how many these are
    成本额 what all that is held has cost

    kashu stock
    kashu stock --sku mgtv-month --warehouse main
    kashu stock --format csv > stock.csv
    """

    async def read() -> list[Shelf]:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            own = shop.tenant.id
            sku_id = (await sku_by_code(tx, own, sku)).id if sku else None
            place_id = (await warehouse_by_code(tx, own, warehouse)).id if warehouse else None
            return await shelves(tx, own, today=shop.today, sku_id=sku_id, warehouse_id=place_id)

    if as_json and written_as not in {None, "json"}:
        raise Misused("--json 和 --format 只写一个。", "Write either --json or --format.")
    form = "json" if as_json else written_as or ("table" if sys.stdout.isatty() else "json")
    found = asyncio.run(read())
    if form == "json":
        click.echo(msgspec.json.encode([_line(shelf) for shelf in found]).decode())
    elif form == "csv":
        click.echo(_csv(found), nl=False)
    elif found:
        Console().print(_picture(found))
    else:
        say(
            "没有库存。导入供应商的文件：kashu import --help",
            "Nothing is in stock. To import a supplier's file: kashu import --help",
        )


def _line(shelf: Shelf) -> ShelfLine:
    return ShelfLine(
        shelf.sku,
        shelf.name_zh,
        shelf.name_en,
        shelf.warehouse,
        shelf.held,
        shelf.available,
        shelf.reserved,
        shelf.frozen,
        shelf.expired,
        shelf.expires_on,
        shelf.expiring,
        shelf.currency,
        format_amount(shelf.cost_e4),
    )


def _picture(found: Sequence[Shelf]) -> RenderableType:
    """Draw the shelves and their sum; a count that is zero everywhere is left out."""
    counts = [name for name in _COUNTS if any(getattr(shelf, name) for shelf in found)]
    names = ["sku", "warehouse", *(counts or _COUNTS[:2]), "expires_on", "expiring", "cost"]
    rows: list[tuple[object, ...]] = [
        tuple(_cell(shelf, name) for name in names) for shelf in found
    ]
    for currency in sorted({shelf.currency for shelf in found}):
        own = [shelf for shelf in found if shelf.currency == currency]
        total = {name: sum(getattr(shelf, name) for shelf in own) for name in _COUNTS}
        sums = {
            "sku": "合计" if language() == "zh" else "Total",
            "cost": format_amount(sum(shelf.cost_e4 for shelf in own)),
            **total,
        }
        rows.append(tuple(sums.get(name, "") for name in names))
    return table("", [_TITLES[name] for name in names], rows)


def _cell(shelf: Shelf, name: str) -> object:
    if name == "cost":
        return format_amount(shelf.cost_e4)
    if name == "expiring":
        return shelf.expiring or ""
    return getattr(shelf, name)


def _csv(found: Sequence[Shelf]) -> bytes:
    """Write what a spreadsheet opens: the heading in the reader's language, exact numbers."""
    is_zh = language() == "zh"
    target = io.BytesIO()
    rows = (
        (
            shelf.sku,
            shelf.name_zh if is_zh else shelf.name_en,
            shelf.warehouse,
            *(getattr(shelf, name) for name in _COUNTS),
            shelf.expires_on,
            shelf.expiring,
            shelf.currency,
            Decimal(format_amount(shelf.cost_e4)),
        )
        for shelf in found
    )
    write_csv(target, [title[not is_zh] for title in _TITLES.values()], rows)
    return target.getvalue()
