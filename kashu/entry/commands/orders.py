"""Commands of orders: place one, show it, show its cards; and those of the modules beside."""

import asyncio
import hashlib
from typing import Final

import click
import msgspec

from kashu.access.caller import LANGUAGES
from kashu.core.events import events_of
from kashu.core.ids import new_id
from kashu.entry.amounts import plain_amount
from kashu.entry.commands.order_files import command as from_file
from kashu.entry.commands.order_finding import orders_named
from kashu.entry.commands.order_list import command as list_orders
from kashu.entry.commands.order_refunds import cancel, refund
from kashu.entry.order_pictures import Story, opened, placed, told
from kashu.entry.shop import ACTOR, open_shop
from kashu.entry.taught import Group
from kashu.entry.terminal import json_option, say, show, stacked, tenant_option
from kashu.orders.answers import CardAnswer, OrderAnswer, OrdersAnswer
from kashu.orders.bodies import LineBody, OrderBody, OrdersBody
from kashu.orders.errors import OrderWrong
from kashu.orders.intake import Intake
from kashu.orders.shapes import Timeline, show_event, show_order
from kashu.orders.show_buying import show_buying
from kashu.orders.write import Submission
from kashu.stock.kinds import BULK_MAX
from kashu.stock.reveal import reveal

# Where a request for one order has its fields, as they are written here.
_OPTIONS: Final = {
    "/orders/0/external_id": "--external-id",
    "/orders/0/store": "--store",
    "/orders/0/customer": "--customer",
    "/orders/0/lines/0/sku": "--sku",
    "/orders/0/lines/0/price": "--price",
    "/orders/0/lines/0/account": "--account",
}


@click.group("order", cls=Group)
def order() -> None:
    """订单：下单、从文件下单、列出、查看、退款、取消。

    Orders: place them, list them, show them, give back, cancel.
    """


@order.command("place")
@click.option("--sku", required=True, metavar="CODE", help="规格编码。 The SKU's code.")
@click.option(
    "--quantity", type=click.IntRange(1, BULK_MAX), default=1, show_default=True, help="数量。"
)
@click.option(
    "--price", required=True, metavar="AMOUNT", help="整行实付金额，单位元。 Paid for all of it."
)
@click.option(
    "--account",
    metavar="ACCOUNT",
    help="直充的充值账号；充值后不可撤回。 What is topped up, for good.",
)
@click.option("--store", metavar="CODE", help="店铺，默认 direct。 The store.")
@click.option("--customer", metavar="CODE", help="客户。 The customer.")
@click.option(
    "--external-id", metavar="NO", help="外部订单号；同一店铺同号只下一次。 The order's number."
)
@click.option(
    "--deliver", is_flag=True, help="在结果中显示卡密并留下查看记录。 Show the cards, on record."
)
@tenant_option
@json_option
def place(
    *,
    sku: str,
    quantity: int,
    price: str,
    account: str | None,
    store: str | None,
    customer: str | None,
    external_id: str | None,
    deliver: bool,
    tenant: str | None,
    as_json: bool,
) -> None:
    """手工下单。库存不足时订单转为缺货，到货后自动补发。

    Place an order by hand. Where stock is short it waits, and is filled when cards arrive.

    kashu order place --sku mgtv-month --quantity 2 --price 39.60 --deliver
    kashu order place --sku mgtv-month --quantity 500 --price 9500 --external-id PO-2026-118
    """
    number = external_id or f"M-{new_id().hex}"
    line = LineBody(sku, quantity, plain_amount(price), account=account)
    body = OrdersBody(
        (OrderBody(number, (line,), store, customer),), "answer" if deliver else "later"
    )
    digest = hashlib.sha256(msgspec.json.encode(body)).digest()
    submission = Submission(ACTOR, f"place:{digest.hex()}", digest, body)

    async def submit() -> OrdersAnswer:
        async with open_shop(tenant) as shop:
            intake = Intake(shop.database, shop.keyrings)
            answered = await intake.submit(shop.tenant.id, submission, shop.tenant.timezone)
            return msgspec.json.decode(answered.content, type=OrdersAnswer)

    try:
        answer = asyncio.run(submit())
    except OrderWrong as wrong:  # its problems name fields of a request, which nobody here wrote
        problems = [
            msgspec.structs.replace(each, at=_OPTIONS.get(each.at, each.at))
            for each in wrong.problems
        ]
        raise OrderWrong(problems=problems, **wrong.facts) from None
    show(answer, lambda: placed(answer), as_json=as_json)
    [came_of_it] = answer.orders
    _remark(came_of_it, tells=not as_json)


def _remark(came_of_it: OrderAnswer, *, tells: bool) -> None:
    """Say what isn't plain from an order's answer."""
    number = came_of_it.external_id
    waiting = sum(line.waiting for line in came_of_it.lines)
    if not came_of_it.new:
        say(
            f"订单 {number} 之前已经下过，没有再下一次。",
            f"Order {number} was placed before; nothing more was placed.",
        )
    if came_of_it.differs:
        say(
            "⚠ 这次写的规格、数量或金额与那时不同，上面是当时的订单。换一个订单号才是新订单。",
            "⚠ Its SKU, quantity or price was another then; above is the order of then. A new "
            "order needs another number.",
        )
    if waiting and tells:
        say(
            f"缺 {waiting} 张，到货后自动补发。",
            f"{waiting} are short; they are given when stock arrives.",
        )


@order.command("show")
@click.argument("which", metavar="ID")
@tenant_option
@json_option
def show_one(*, which: str, tenant: str | None, as_json: bool) -> None:
    """查看订单和它的经过；ID 为订单编号或外部订单号。

    Show an order and its story, by its id or its outside number.
    """

    async def read() -> tuple[list[Story], str]:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            found = await orders_named(tx, shop.tenant.id, which)
            stories = [
                Story(
                    show_order(
                        each, lines, await show_buying(tx, shop.tenant.id, lines, LANGUAGES[0])
                    ),
                    Timeline(
                        [
                            show_event(event)
                            for event in await events_of(tx, shop.tenant.id, each.order_id)
                        ]
                    ),
                )
                for each, lines in found
            ]
            return stories, shop.tenant.timezone

    stories, timezone = asyncio.run(read())
    show(stories, lambda: stacked([told(each, timezone) for each in stories]), as_json=as_json)


@order.command("reveal")
@click.argument("which", metavar="ID")
@click.option("--reason", required=True, help="为什么看，会留下记录。 Why; it is written down.")
@click.option("--recipient", default=ACTOR, help="给谁看。 For whom.")
@tenant_option
@json_option
def reveal_one(
    *, which: str, reason: str, recipient: str, tenant: str | None, as_json: bool
) -> None:
    """查看订单的卡密原文；看过的卡不再回到库存，每次查看都有记录。

    Show an order's cards in clear. Who, when and why is written down first; a card that was seen
    never goes back to stock.

    kashu order reveal T20261122001 --reason 客户未收到，补发
    """

    async def read() -> list[CardAnswer]:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            found = await orders_named(tx, shop.tenant.id, which)
            seen = await reveal(
                tx,
                shop.tenant.id,
                ACTOR,
                line_ids=[line.line_id for _, lines in found for line in lines],
                reason=reason,
                recipient=recipient,
                keyrings=shop.keyrings,
            )
        return [
            CardAnswer(card.card_id, card.secret.number, card.secret.password, card.secret.url)
            for card in seen
        ]

    cards = asyncio.run(read())
    show(cards, lambda: opened(cards), as_json=as_json)


for _command in (from_file, list_orders, refund, cancel):
    order.add_command(_command)
