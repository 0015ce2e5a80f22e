"""Commands of suppliers: connect one, try it, stop and open it, read its price list from a file."""

import asyncio
import shlex
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import click
import msgspec
from rich.console import RenderableType

from kashu.access.options import is_secret
from kashu.core.clock import now
from kashu.core.secrets import Secret
from kashu.entry.channels import make_outside
from kashu.entry.commands.partners import code_argument, supplier
from kashu.entry.commands.supplier_breaker import breaker
from kashu.entry.shop import ACTOR, Shop, open_shop
from kashu.entry.suppliers import make_upstreams
from kashu.entry.terminal import json_option, language, say, show, stacked, table, tenant_option
from kashu.entry.usage import Misused
from kashu.suppliers.connections import (
    Connection,
    NewConnection,
    connect,
    connection_of,
    set_state,
)
from kashu.suppliers.errors import ProtocolUnknown
from kashu.suppliers.kinds import ConnectionState
from kashu.suppliers.offer_file import FINE, import_offers
from kashu.suppliers.offer_report import OffersImported, imported
from kashu.suppliers.offer_rows import read_offer_file
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.read_prices import want_prices
from kashu.suppliers.reads import supplier_by_code
from kashu.suppliers.try_connection import Tried, try_connection

TYPED: Final = "-"
SHOWN_MAX: Final = 200  # rows in a terminal; --json tells all

__all__ = ["breaker", "supplier"]


class SupplierConnected(msgspec.Struct, frozen=True):
    """How a supplier is connected now, without its secrets."""

    supplier: str
    protocol: str
    account: str
    base_url: str
    state: ConnectionState
    notice_url: str


@asynccontextmanager
async def _opened(tenant: str | None) -> AsyncIterator[tuple[Shop, Upstreams]]:
    async with open_shop(tenant) as shop:
        outside = make_outside(shop.settings, shop.keyrings)
        try:
            yield shop, make_upstreams(shop.settings, outside)
        finally:
            await outside.http.close()


@supplier.command("protocols")
@tenant_option
@json_option
def list_protocols(*, tenant: str | None, as_json: bool) -> None:
    """列出可接入的供应商协议。

    List the protocols by which suppliers can be connected.
    """

    async def run() -> list[dict[str, object]]:
        async with _opened(tenant) as (_, upstreams):
            return [
                {
                    "protocol": name,
                    "goods": ", ".join(sorted(each.rules.goods)),
                    "currency": each.rules.currency,
                    "can": sorted(each.can),
                }
                for name, each in sorted(upstreams.protocols.items())
            ]

    rows = asyncio.run(run())
    titles = (("协议", "Protocol"), ("商品", "Goods"), ("币种", "Currency"))
    cells = [[row["protocol"], row["goods"], row["currency"]] for row in rows]
    show(rows, lambda: table("", titles, cells), as_json=as_json)


@supplier.command("connect")
@code_argument
@click.option("--protocol", required=True, help="协议。 Its protocol: kashu supplier protocols")
@click.option(
    "--account",
    required=True,
    help="我们在那里的账号或商户号；- 则随后输入，不留在命令历史里。"
    " Our account there; - asks for it, so that it isn't kept in the shell's history.",
)
@click.option("--base-url", default="", metavar="URL", help="接口地址。 Where its interface is.")
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="其他参数。 What else it needs.",
)
@click.option(
    "--secret-option",
    "hidden",
    multiple=True,
    metavar="NAME",
    help="保密的其他参数，随后输入。 One that is secret: it is asked for.",
)
@click.option(
    "--secret-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="密钥文件（例如 PEM）。 A file with the key.",
)
@click.option(
    "--prices-every",
    type=click.IntRange(5, 86_400),
    default=60,
    show_default=True,
    help="每隔多少秒读取价格。 Seconds between two looks at its prices.",
)
@tenant_option
@json_option
def connect_supplier(
    *,
    code: str,
    protocol: str,
    account: str,
    base_url: str,
    options: Sequence[str],
    hidden: Sequence[str],
    secret_file: Path | None,
    prices_every: int,
    tenant: str | None,
    as_json: bool,
) -> None:
    """接入供应商：密钥随后输入，不出现在命令行里；写 --account - 则账号也随后输入。

    Connect a supplier. Its key is asked for, or read from standard input; so is the account with
    --account -, before the key. What is on the command line stays in the shell's history.

    kashu supplier connect alpha --protocol fulu --account 10001 --base-url https://…
    kashu supplier connect alpha --protocol fulu --account - --base-url https://…
    """
    plain = _plain(options)
    if account == TYPED:
        account = _asked_openly("账号", "Account")
    if secret_file is not None:
        secret = Secret(secret_file.read_text().strip())
    else:
        secret = _asked("密钥", "Key")
    secrets = {name: _asked(name, name).clear for name in hidden}

    async def run() -> SupplierConnected:
        async with _opened(tenant) as (shop, upstreams):
            upstream = upstreams.protocols.get(protocol)
            if upstream is None:
                raise ProtocolUnknown(protocol=protocol[:40])
            wanted = NewConnection(
                protocol,
                account,
                secret,
                base_url,
                plain | secrets,
                upstream.secret_options | set(hidden),
                prices_every,
                upstream.rules.currency,
            )
            tenant_id = shop.tenant.id
            async with shop.database.transaction(tenant_id) as tx:
                made = await connect(
                    tx, tenant_id, ACTOR, code, wanted, masters=shop.keyrings.masters
                )
                await want_prices(tx, tenant_id, made.supplier_id, now())
            return _connected(code, made, tenant_id, upstreams)

    _show(asyncio.run(run()), as_json=as_json)
    again = shlex.join(["kashu", "supplier", "test", code])
    say(f"已接入。测试：{again}", f"Connected. Try it: {again}")


@supplier.command("stop")
@code_argument
@tenant_option
@json_option
def stop_supplier(*, code: str, tenant: str | None, as_json: bool) -> None:
    """停用接入：不再采购，也不再读取价格。

    Stop a supplier: nothing is bought there, no price is read.
    """
    _show(asyncio.run(_set(code, tenant, ConnectionState.STOPPED)), as_json=as_json)


@supplier.command("open")
@code_argument
@tenant_option
@json_option
def open_supplier(*, code: str, tenant: str | None, as_json: bool) -> None:
    """重新启用接入，并立即读取价格。

    Open it again; its prices are read at once.
    """
    _show(asyncio.run(_set(code, tenant, ConnectionState.OPEN)), as_json=as_json)


@supplier.command("test")
@code_argument
@tenant_option
@json_option
@click.pass_context
def try_supplier(ctx: click.Context, *, code: str, tenant: str | None, as_json: bool) -> None:
    """测试接入：查询余额和第一页商品，不下单。

    Try a connection: ask for the balance and the first products. Nothing is ordered.
    """

    async def run() -> list[Tried]:
        async with _opened(tenant) as (shop, upstreams):
            async with shop.database.transaction(shop.tenant.id) as tx:
                of = await supplier_by_code(tx, shop.tenant.id, code)
                connection = await connection_of(tx, shop.tenant.id, of.id)
            return await try_connection(shop.tenant.id, upstreams, connection, of.code)

    tried = asyncio.run(run())
    zh = language() == "zh"
    lines = "\n".join(f"{'✓' if each.ok else '✗'} {each.zh if zh else each.en}" for each in tried)
    show(tried, lambda: lines, as_json=as_json)
    if not all(each.ok for each in tried):
        ctx.exit(1)


@supplier.command("offers")
@code_argument
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--dry-run", is_flag=True, help="只预检，不写入。 Only say what would come of it.")
@tenant_option
@json_option
def import_price_list(
    *, code: str, path: Path, dry_run: bool, tenant: str | None, as_json: bool
) -> None:
    """导入没有接口的供应商的价格表（xlsx、csv、txt）。

    Take down the price list of a supplier that has no interface.

    列 columns: title 名称, ref 商品编号, price 价格, stock 库存, goods 类型, sku 规格编码

    kashu supplier offers alpha prices.xlsx --dry-run
    """

    async def run() -> OffersImported:
        file = await asyncio.to_thread(lambda: read_offer_file(path.read_bytes()))
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            of = await supplier_by_code(tx, shop.tenant.id, code)
            report = await import_offers(
                tx, shop.tenant.id, ACTOR, of, file, at=now(), dry_run=dry_run
            )
        return imported(report, dry_run=dry_run)

    done = asyncio.run(run())
    show(done, lambda: _rows(done), as_json=as_json)
    good = sum(row.outcome in FINE for row in done.rows)
    other = len(done.rows) - good
    if dry_run:
        say(
            f"将写入 {good} 行，{other} 行要看一看。什么都没有写入；去掉 --dry-run 再执行一次。",
            f"{good} rows would be written, look at {other}. Nothing was; do it without --dry-run.",
        )
    else:
        say(f"已写入 {good} 行，{other} 行要看一看。", f"{good} rows written; look at {other}.")


async def _set(code: str, tenant: str | None, state: ConnectionState) -> SupplierConnected:
    async with _opened(tenant) as (shop, upstreams):
        tenant_id = shop.tenant.id
        async with shop.database.transaction(tenant_id) as tx:
            of = await supplier_by_code(tx, tenant_id, code)
            await connection_of(tx, tenant_id, of.id)
            await set_state(tx, tenant_id, ACTOR, of.id, state)
            if state is ConnectionState.OPEN:
                await want_prices(tx, tenant_id, of.id, now())
            connection = await connection_of(tx, tenant_id, of.id)
        return _connected(code, connection, tenant_id, upstreams)


def _connected(
    code: str, connection: Connection, tenant_id: int, upstreams: Upstreams
) -> SupplierConnected:
    return SupplierConnected(
        code,
        connection.protocol,
        connection.account,
        connection.base_url,
        connection.state,
        upstreams.notice_url(tenant_id, connection),
    )


def _show(connected: SupplierConnected, *, as_json: bool) -> None:
    titles = (
        ("供应商", "Supplier"),
        ("协议", "Protocol"),
        ("账号", "Account"),
        ("状态", "State"),
        ("通知地址", "Notices"),
    )
    cells = [
        connected.supplier,
        connected.protocol,
        connected.account,
        connected.state,
        connected.notice_url,
    ]
    show(connected, lambda: table("", titles, [cells]), as_json=as_json)


def _rows(done: OffersImported) -> RenderableType:
    titles = (("行", "Row"), ("商品", "Product"), ("价格", "Price"), ("结果", "Outcome"))
    zh = language() == "zh"
    cells = [
        [row.row, row.title, row.price, row.zh if zh else row.en] for row in done.rows[:SHOWN_MAX]
    ]
    counts = [[name, count] for name, count in sorted(done.counts.items())]
    summary = table("", (("结果", "Outcome"), ("行数", "Rows")), counts)
    return stacked([table("", titles, cells), summary])


def _plain(options: Sequence[str]) -> dict[str, str]:
    plain: dict[str, str] = {}
    for written in options:
        name, equals, value = written.partition("=")
        if not name or not equals:
            raise click.BadOptionUsage("option", "NAME=VALUE")
        if is_secret(name):
            raise click.BadOptionUsage("option", f"{name}: --secret-option {name}")
        plain[name] = value
    return plain


def _asked_openly(zh: str, en: str) -> str:
    """Ask for what may be seen, but isn't to stay on the command line."""
    if sys.stdin.isatty():
        written: str = click.prompt(zh if language() == "zh" else en)
    else:
        written = sys.stdin.readline()
    if not written.strip():
        raise Misused("账号是空的，没有接入。", "The account is empty; nothing was connected.")
    return written.strip()


def _asked(zh: str, en: str) -> Secret:
    """Ask for a secret without showing it; a program writes it to standard input, a line each."""
    if sys.stdin.isatty():
        return Secret(click.prompt(zh if language() == "zh" else en, hide_input=True))
    return Secret(sys.stdin.readline().strip())
