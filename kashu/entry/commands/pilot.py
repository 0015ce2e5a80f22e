"""Commands of a pilot: how far we act for a store, compare with the old way, is it ready, begin."""

import asyncio
import io
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import click
import msgspec
from rich.console import Console
from rich.measure import Measurement

from kashu.channels.errors import UnknownListing
from kashu.channels.kinds import Mode
from kashu.channels.listings import ListingChanges, change_listing
from kashu.channels.reads import store_by_code
from kashu.core.sheets.read import read_sheet
from kashu.entry.commands.pilot_orders import list_orders, release, store_option
from kashu.entry.commands.pilot_pictures import comparison_picture, pilot_picture
from kashu.entry.shop import ACTOR, open_shop
from kashu.entry.taught import Group
from kashu.entry.terminal import json_option, language, say, show, tenant_option, word
from kashu.entry.usage import Misused
from kashu.entry.words import MODES
from kashu.pilot.api_begin import opening_shown, pilot_shown
from kashu.pilot.compare import Comparison, compare, day_of_sheet, keep_comparison
from kashu.pilot.export import shown, to_csv, to_xlsx
from kashu.pilot.opening import Opening, post_opening
from kashu.pilot.opening_file import read_balances
from kashu.pilot.ready import Pilot, change_mode, pilot_of
from kashu.pilot.sheet import read_rows

DAY: Final = click.DateTime(formats=["%Y-%m-%d"])
WIDEST: Final = 1_000  # characters of a line
FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


class ModeSet(msgspec.Struct, frozen=True):
    """How far we act now."""

    store: str
    mode: Mode
    listings: int


@click.group("pilot", cls=Group)
def pilot() -> None:
    """试点：与旧方式并行、比对、切换、回退。 A pilot beside the old way, and going over."""


@pilot.command("status")
@store_option
@tenant_option
@json_option
def status(*, store: str, tenant: str | None, as_json: bool) -> None:
    """店铺准备好自动了吗：逐项检查，以及等着处理的订单。

    Whether a store is ready to go by itself, check by check; and which orders wait.

    kashu pilot status --store taobao-1
    """

    async def read() -> Pilot:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            found = await store_by_code(tx, shop.tenant.id, store)
            return await pilot_of(tx, shop.tenant.id, found, today=shop.today)

    found = asyncio.run(read())
    show(pilot_shown(found), lambda: pilot_picture(found), as_json=as_json)


@pilot.command("mode")
@click.argument("mode", type=click.Choice([mode.value for mode in Mode]))
@store_option
@click.option(
    "--listing",
    "listings",
    type=click.UUID,
    multiple=True,
    help="只对这个商品（可多次）。 Of this listing only; may be repeated.",
)
@click.option("--force", is_flag=True, help="未通过检查也切换。 Though it isn't ready.")
@click.option("--reason", default="", help="强制的理由，会记录。 Why; it is recorded.")
@tenant_option
@json_option
def set_the_mode(
    *,
    mode: str,
    store: str,
    listings: Sequence[UUID],
    force: bool,
    reason: str,
    tenant: str | None,
    as_json: bool,
) -> None:
    """设置店铺（或几个商品）的模式：stopped、shadow、assisted、automatic。

    Set how far we act for a store, or for some of its listings. `stopped` stops everything of the
    store at once. `automatic` is refused while a hard check fails: see kashu pilot status.

    kashu pilot mode shadow --store taobao-1
    kashu pilot mode assisted --store taobao-1 --listing 01a2…
    kashu pilot mode stopped --store taobao-1
    """
    wanted = Mode(mode)

    async def change() -> ModeSet:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            of_store = await store_by_code(tx, shop.tenant.id, store)
            for listing in listings:
                changes = ListingChanges(mode=wanted)
                changed = await change_listing(tx, shop.tenant.id, ACTOR, listing, changes)
                if changed.store_id != of_store.id:
                    raise UnknownListing
            if not listings:
                await change_mode(
                    tx,
                    shop.tenant.id,
                    ACTOR,
                    store,
                    wanted,
                    today=shop.today,
                    force=force,
                    reason=reason,
                )
            return ModeSet(store, wanted, len(listings))

    done = asyncio.run(change())
    named = word(MODES, mode)
    if done.listings:
        say(f"{done.listings} 个商品：{named}", f"{done.listings} listings: {mode}")
    else:
        say(f"店铺 {store}：{named}", f"The store {store}: {mode}")
    show(done, lambda: None, as_json=as_json)


@pilot.command("compare")
@click.argument("path", metavar="FILE", type=FILE)
@store_option
@click.option("--day", type=DAY, help="哪一天；表格自带时间时可省。 The day, unless it tells.")
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
def compare_a_sheet(
    *,
    path: Path,
    store: str,
    day: datetime | None,
    written_as: str | None,
    output: Path | None,
    tenant: str | None,
) -> None:
    """把旧方式的表格（xlsx、xls、csv、txt）与卡枢的决定逐行比对，每行差异都有原因。

    Compare the old way's sheet of a day with what Kashu decided or did. No order is changed by it.

    列 columns: 订单号 order, 商品 item, 数量 quantity, 金额 amount, 卡号 card, 时间 time
    只有订单号必须有。 Only the order is needed.

    kashu pilot compare old.xlsx --store taobao-1 --day 2026-11-22
    kashu pilot compare old.xlsx --store taobao-1 --format xlsx --output diff.xlsx
    """
    form = written_as or ("table" if sys.stdout.isatty() else "json")
    if form == "xlsx" and output is None:
        raise Misused("xlsx 要写到文件：请加 --output。", "xlsx goes into a file: add --output.")

    async def run() -> Comparison:
        rows = await asyncio.to_thread(lambda: read_rows(read_sheet(path)))
        wanted = day_of_sheet(rows, day.date() if day else None)
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            found = await store_by_code(tx, shop.tenant.id, store)
            compared = await compare(
                tx,
                shop.tenant.id,
                found,
                rows,
                wanted,
                timezone=shop.tenant.timezone,
                keyrings=shop.keyrings,
            )
            await keep_comparison(tx, shop.tenant.id, ACTOR, found, compared)
            return compared

    compared = asyncio.run(run())
    content = _written(compared, form)
    if output is None:
        click.echo(content, nl=False)
    else:
        output.write_bytes(content)
        say(f"已写入 {output}", f"Written to {output}")


@pilot.command("opening")
@click.argument("path", metavar="FILE", type=FILE)
@click.option("--name", required=True, help="名称；同名只过账一次。 Posted once under it.")
@click.option("--on", "posted_on", type=DAY, help="过账日期，默认今天。 The day; today.")
@tenant_option
@json_option
def opening(
    *, path: Path, name: str, posted_on: datetime | None, tenant: str | None, as_json: bool
) -> None:
    """期初余额过账：供应商预付、欠供应商、店铺应收、客户欠款、客户余额。

    Post what suppliers, customers and platforms owed, or were owed, before Kashu. Once by name.

    列 columns: 类型 kind, 编码 owner, 金额 amount

    kashu pilot opening balances.xlsx --name 2026-11-期初
    """

    async def run() -> Opening:
        balances = await asyncio.to_thread(lambda: read_balances(read_sheet(path)))
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            return await post_opening(
                tx,
                shop.tenant.id,
                ACTOR,
                name,
                balances,
                posted_on=posted_on.date() if posted_on else shop.today,
            )

    done = asyncio.run(run())
    if done.new:
        say(f"已过账 {done.balances} 笔期初余额", f"Posted {done.balances} opening balances")
    else:
        say("这批余额以前过账过，没有重复。", "Posted before under this name; nothing was added.")
    show(opening_shown(done), lambda: None, as_json=as_json)


def _written(compared: Comparison, form: str) -> bytes:
    if form == "csv":
        return to_csv(compared, language())
    if form == "xlsx":
        return to_xlsx(compared, language())
    if form == "table":
        picture, drawn = comparison_picture(compared), io.StringIO()
        width = Measurement.get(Console(), Console(width=WIDEST).options, picture).maximum
        Console(file=drawn, width=width).print(picture)
        return drawn.getvalue().encode()
    return msgspec.json.encode(shown(compared)) + b"\n"


pilot.add_command(list_orders)
pilot.add_command(release)
