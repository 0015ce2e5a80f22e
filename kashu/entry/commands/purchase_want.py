"""The commands that want something, and that decide about what is wanted."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import click

from kashu.catalog.reads import sku_by_code
from kashu.core.db import Tx
from kashu.entry.amounts import read_amount
from kashu.entry.commands.purchase_list import caller_of, picture
from kashu.entry.shop import ACTOR, Shop, open_shop
from kashu.entry.taught import Command
from kashu.entry.terminal import json_option, say, show, tenant_option
from kashu.purchases.approve import approve as approve_purchase
from kashu.purchases.cancel import cancel as cancel_purchase
from kashu.purchases.change import submit_draft
from kashu.purchases.reads import Purchase, purchase_of
from kashu.purchases.shapes import PurchaseShown
from kashu.purchases.show import show_purchases
from kashu.purchases.want import Wanted, goods_for_stock
from kashu.purchases.want import want as want_purchase
from kashu.stock.warehouses import warehouse_by_code
from kashu.suppliers.reads import supplier_by_code

Deed = Callable[[Tx, Shop], Awaitable[Purchase]]

_id = click.argument("purchase_id", metavar="ID", type=click.UUID)


def _do(deed: Deed, tenant: str | None, *, as_json: bool) -> PurchaseShown:
    async def run() -> PurchaseShown:
        async with (
            open_shop(tenant) as shop,
            shop.database.transaction(shop.tenant.id) as tx,
        ):
            done = await deed(tx, shop)
            [shown] = await show_purchases(tx, caller_of(shop), [done])
            return shown

    shown = asyncio.run(run())
    show(shown, lambda: picture([shown]), as_json=as_json)
    return shown


@click.command("want", cls=Command)
@click.argument("sku", metavar="SKU")
@click.argument("quantity", metavar="QUANTITY", type=int)
@click.option("--warehouse", metavar="CODE", help="卡密入哪个仓库，默认按采购规则。 Where to.")
@click.option("--supplier", metavar="CODE", help="只向它采购，默认比价。 Only from this one.")
@click.option("--most", metavar="AMOUNT", help="单价上限（到手成本，元）。 What one may cost.")
@click.option("--draft", is_flag=True, help="只写草稿。 Only write it down.")
@click.option("--confirm", is_flag=True, help="已核对与以往不同之处。 What is unusual is right.")
@tenant_option
@json_option
def want(
    *,
    sku: str,
    quantity: int,
    warehouse: str | None,
    supplier: str | None,
    most: str | None,
    draft: bool,
    confirm: bool,
    tenant: str | None,
    as_json: bool,
) -> None:
    """提出采购：系统比价后立即下单；超过审批额的等另一人审批。

    Want something: it is ordered from the best offer at once, or approved by a second person
    first. What differs much from what is usual is asked about; --confirm says that it is right.

    kashu purchase want mgtv-month 100 --warehouse main
    kashu purchase want mgtv-month 500 --most 14.20 --confirm
    kashu purchase want iqiyi-month 20 --supplier fulu --draft
    """

    async def deed(tx: Tx, shop: Shop) -> Purchase:
        own = shop.tenant.id
        bought = await sku_by_code(tx, own, sku)
        wanted = Wanted(
            sku_id=bought.id,
            goods=goods_for_stock(bought),
            quantity=quantity,
            warehouse_id=(await warehouse_by_code(tx, own, warehouse)).id if warehouse else None,
            supplier_id=(await supplier_by_code(tx, own, supplier)).id if supplier else None,
            unit_cost_max_e4=None if most is None else read_amount(most),
            draft=draft,
            confirm=confirm,
        )
        return await purchase_of(tx, own, await want_purchase(tx, own, ACTOR, wanted))

    shown = _do(deed, tenant, as_json=as_json)
    if shown.state == "asked":
        say(
            f"等待另一人审批：{shown.words}。请对方在采购页审批。",
            f"It waits for a second person: {shown.words}. Ask them to approve it.",
        )


@click.command("approve", cls=Command)
@_id
@tenant_option
@json_option
def approve(*, purchase_id: UUID, tenant: str | None, as_json: bool) -> None:
    """审批别人提出的采购单；自己提出的不能自己审批。

    Let somebody else's purchase be ordered. What was wanted here isn't approved here.

    kashu purchase approve 01a2…
    """

    async def deed(tx: Tx, shop: Shop) -> Purchase:
        return await approve_purchase(tx, shop.tenant.id, ACTOR, purchase_id)

    _do(deed, tenant, as_json=as_json)


@click.command("submit", cls=Command)
@_id
@click.option("--confirm", is_flag=True, help="已核对与以往不同之处。 What is unusual is right.")
@tenant_option
@json_option
def submit(*, purchase_id: UUID, confirm: bool, tenant: str | None, as_json: bool) -> None:
    """决定采购一份草稿。

    Decide that a draft is bought.

    kashu purchase submit 01a2…
    """

    async def deed(tx: Tx, shop: Shop) -> Purchase:
        return await submit_draft(tx, shop.tenant.id, ACTOR, purchase_id, confirm=confirm)

    _do(deed, tenant, as_json=as_json)


@click.command("cancel", cls=Command)
@_id
@click.option("--reason", required=True, metavar="TEXT", help="为什么。 Why.")
@tenant_option
@json_option
def cancel(*, purchase_id: UUID, reason: str, tenant: str | None, as_json: bool) -> None:
    """取消一张没有在途订单的采购单；已收到的照旧入库。

    End a purchase of which nothing is under way; what came of it stays.

    kashu purchase cancel 01a2… --reason "not needed"
    """

    async def deed(tx: Tx, shop: Shop) -> Purchase:
        return await cancel_purchase(tx, shop.tenant.id, ACTOR, purchase_id, because=reason)

    _do(deed, tenant, as_json=as_json)
