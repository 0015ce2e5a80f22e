"""Commands of whom a shop deals with, and where it keeps and sells: add one, list them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias

import click
from rich.console import RenderableType

from kashu.channels.kinds import ChannelKind
from kashu.channels.reads import store_list
from kashu.channels.stores import open_store
from kashu.core.db import Tx
from kashu.customers.add import add_customer
from kashu.customers.reads import customer_list
from kashu.entry.shop import ACTOR, open_shop
from kashu.entry.taught import Group
from kashu.entry.terminal import Words, json_option, say, show, table, tenant_option, word
from kashu.entry.words import CHANNELS, STORE_STATES, TIERS, Glossary
from kashu.stock.warehouses import PRIORITY, add_warehouse, list_warehouses
from kashu.suppliers.add import TIER_USUAL, add_supplier
from kashu.suppliers.reads import supplier_list

LISTED_MAX: Final = 500

Work: TypeAlias = Callable[[Tx, int], Awaitable[Any]]

# Attribute, title, and what its values are called; each kind of row has some of these.
_COLUMNS: Final[tuple[tuple[str, Words, Glossary], ...]] = (
    ("code", ("代码", "Code"), {}),
    ("name", ("名称", "Name"), {}),
    ("tier", ("级别", "Tier"), TIERS),
    ("channel", ("平台", "Channel"), CHANNELS),
    ("state", ("状态", "State"), STORE_STATES),
    ("priority", ("优先级", "Priority"), {}),
)

code_argument = click.argument("code")
name_option = click.option("--name", required=True, help="名称。 Its name.")


@click.group("supplier", cls=Group)
def supplier() -> None:
    """供应商。 Suppliers."""


@supplier.command("add")
@code_argument
@name_option
@click.option(
    "--tier",
    type=click.IntRange(1, 3),
    default=TIER_USUAL,
    show_default=True,
    help="1 一手 first-hand，2 二级，3 三级。",
)
@tenant_option
@json_option
def add_a_supplier(*, code: str, name: str, tier: int, tenant: str | None, as_json: bool) -> None:
    """新增供应商。 Add a supplier.

    kashu supplier add alpha --name 甲一手货源 --tier 1
    """
    _do(
        lambda tx, id_: add_supplier(tx, id_, ACTOR, code=code, name=name, tier=tier),
        tenant,
        as_json,
    )


@supplier.command("list")
@tenant_option
@json_option
def list_suppliers(*, tenant: str | None, as_json: bool) -> None:
    """列出供应商。 List them."""
    _do(lambda tx, id_: supplier_list(tx, id_, limit=LISTED_MAX), tenant, as_json)


@click.group("store", cls=Group)
def store() -> None:
    """店铺。 Stores."""


@store.command("add")
@code_argument
@name_option
@click.option(
    "--channel",
    type=click.Choice([kind.value for kind in ChannelKind]),
    default=ChannelKind.DIRECT.value,
    show_default=True,
    help="所在平台。 The platform it stands on.",
)
@tenant_option
@json_option
def add_a_store(*, code: str, name: str, channel: str, tenant: str | None, as_json: bool) -> None:
    """新增店铺。 Add a store.

    kashu store add taobao-1 --name 淘宝旗舰店 --channel taobao
    """
    kind = ChannelKind(channel)
    _do(
        lambda tx, id_: open_store(tx, id_, ACTOR, code=code, name=name, channel=kind),
        tenant,
        as_json,
    )


@store.command("list")
@tenant_option
@json_option
def list_stores(*, tenant: str | None, as_json: bool) -> None:
    """列出店铺。 List them."""
    _do(lambda tx, id_: store_list(tx, id_, limit=LISTED_MAX), tenant, as_json)


@click.group("warehouse", cls=Group)
def warehouse() -> None:
    """仓库。 Warehouses."""


@warehouse.command("add")
@code_argument
@name_option
@click.option(
    "--priority", default=PRIORITY, show_default=True, help="小的先发。 The smaller goes first."
)
@tenant_option
@json_option
def add_a_warehouse(
    *, code: str, name: str, priority: int, tenant: str | None, as_json: bool
) -> None:
    """新增仓库。 Add a warehouse.

    kashu warehouse add spare --name 备用仓
    """
    _do(
        lambda tx, id_: add_warehouse(tx, id_, ACTOR, code=code, name=name, priority=priority),
        tenant,
        as_json,
    )


@warehouse.command("list")
@tenant_option
@json_option
def show_warehouses(*, tenant: str | None, as_json: bool) -> None:
    """列出仓库。 List them."""
    _do(list_warehouses, tenant, as_json)


@click.group("customer", cls=Group)
def customer() -> None:
    """客户。 Customers."""


@customer.command("add")
@code_argument
@name_option
@tenant_option
@json_option
def add_a_customer(*, code: str, name: str, tenant: str | None, as_json: bool) -> None:
    """新增企业客户。 Add an enterprise customer.

    kashu customer add zhonghai --name 中海物业
    """
    _do(lambda tx, id_: add_customer(tx, id_, ACTOR, code=code, name=name), tenant, as_json)


@customer.command("list")
@tenant_option
@json_option
def list_customers(*, tenant: str | None, as_json: bool) -> None:
    """列出客户。 List them."""
    _do(lambda tx, id_: customer_list(tx, id_, limit=LISTED_MAX), tenant, as_json)


def _do(work: Work, tenant: str | None, as_json: bool) -> None:  # noqa: FBT001  (a flag passed on)
    """Do something in one transaction of the shop, and show what it gives: one row or a list."""

    async def run() -> Any:  # noqa: ANN401  (whatever the work gives)
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            return await work(tx, shop.tenant.id)

    done = asyncio.run(run())
    rows = done if isinstance(done, list) else [done]
    show(done, lambda: _picture(rows) if rows else None, as_json=as_json)
    if not rows:
        say("还没有。新增：把 list 换成 add。", "There are none. Add one: add instead of list.")


def _picture(rows: Sequence[Any]) -> RenderableType:
    """Draw the columns that these rows have."""
    columns = [each for each in _COLUMNS if hasattr(rows[0], each[0])]
    cells = [
        [word(glossary, str(getattr(row, name))) for name, _, glossary in columns] for row in rows
    ]
    return table("", [title for _, title, _ in columns], cells)
