"""The command that lists orders."""

import asyncio
from datetime import datetime
from typing import Final
from uuid import UUID

import click
from rich.console import RenderableType

from kashu.channels.reads import store_by_code
from kashu.core.clock import day_bounds
from kashu.customers.reads import customer_by_code
from kashu.entry.shop import Shop, open_shop
from kashu.entry.taught import Command
from kashu.entry.terminal import (
    json_option,
    on_the_clock,
    say,
    show,
    table,
    tenant_option,
    word,
)
from kashu.entry.words import ORDER_STATES
from kashu.orders.reads import CAME_TO, order_by_id, recent_orders
from kashu.orders.shapes import OrderPage, show_order

PAGE: Final = 20
PAGE_MAX: Final = 500


@click.command("list", cls=Command)
@click.option(
    "--state", type=click.Choice(CAME_TO), help="只看这种状态的。 Only those in this state."
)
@click.option("--store", metavar="CODE", help="只看一个店铺的。 Of one store only.")
@click.option("--customer", metavar="CODE", help="只看一个客户的。 Of one customer only.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="从这一天起。 Since the beginning of that day.",
)
@click.option("--external-id", metavar="NO", help="外部订单号。 With this outside number.")
@click.option("--before", type=click.UUID, metavar="ID", help="接着这一单往前看。 Go on behind it.")
@click.option(
    "--limit",
    type=click.IntRange(1, PAGE_MAX),
    default=PAGE,
    show_default=True,
    help="最多几单。 How many at most.",
)
@tenant_option
@json_option
def command(
    *,
    state: str | None,
    store: str | None,
    customer: str | None,
    since: datetime | None,
    external_id: str | None,
    before: UUID | None,
    limit: int,
    tenant: str | None,
    as_json: bool,
) -> None:
    """列出订单，最新的在前。

    List orders, newest first. Where there are more, the last line says how to go on.

    状态 state: filled 已发齐, partly_filled 部分发出, short 缺货, refused 已拒绝, refunded 已退

    kashu order list --state short
    kashu order list --store taobao-1 --since 2026-11-01 --limit 100
    """

    async def read(shop: Shop) -> OrderPage:
        own = shop.tenant.id
        async with shop.database.transaction(own) as tx:
            if before is not None:
                await order_by_id(tx, own, before)
            found = await recent_orders(
                tx,
                own,
                most=limit + 1,
                before=before,
                since=day_bounds(since.date(), shop.tenant.timezone)[0] if since else None,
                came_to=state,
                external_id=external_id,
                store_id=(await store_by_code(tx, own, store)).id if store else None,
                customer_id=(await customer_by_code(tx, own, customer)).id if customer else None,
            )
        more = found[limit - 1][0].order_id if len(found) > limit else None
        return OrderPage([show_order(*each) for each in found[:limit]], more)

    async def run() -> tuple[OrderPage, str]:
        async with open_shop(tenant) as shop:
            return await read(shop), shop.tenant.timezone

    page, timezone = asyncio.run(run())
    show(page, lambda: _picture(page, timezone) if page.orders else None, as_json=as_json)
    if not page.orders:
        say("没有这样的订单。", "There are no such orders.")
    elif page.next_before is not None:
        more = f"--before {page.next_before}"
        say(f"还有更早的：再加上 {more}", f"There are earlier ones: add {more}")


def _picture(page: OrderPage, timezone: str) -> RenderableType:
    with_customers = any(order.customer for order in page.orders)
    titles = (
        ("时间", "At"),
        ("订单号", "Number"),
        ("店铺", "Store"),
        *([("客户", "Customer")] if with_customers else ()),
        ("状态", "State"),
        ("件数", "Units"),
        ("已发", "Given"),
        ("缺", "Short"),
        ("金额", "Total"),
    )
    rows = [
        (
            on_the_clock(order.accepted_at, timezone),
            order.external_id,
            order.store,
            *([order.customer] if with_customers else ()),
            word(ORDER_STATES, order.state),
            sum(line.quantity for line in order.lines),
            sum(line.delivered for line in order.lines),
            sum(line.waiting for line in order.lines),
            order.total,
        )
        for order in page.orders
    ]
    return table("", titles, rows)
