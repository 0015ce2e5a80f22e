"""Commands of orders: place, read from a file, show, give back, cancel."""

import asyncio
import hashlib
from collections import Counter
from pathlib import Path
from typing import Final
from uuid import UUID

import click
import msgspec
from rich.console import Group as Together

from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.events import events_of
from kashu.core.ids import new_id
from kashu.core.money import format_amount, parse_price
from kashu.entry.order_file import check_order_file, read_order_file, submissions_of
from kashu.entry.order_pictures import Story, opened, placed, told
from kashu.entry.shop import ACTOR, Shop, open_shop
from kashu.entry.taught import Group
from kashu.entry.terminal import json_option, say, show, table, tenant_option
from kashu.orders.answers import CardAnswer, OrdersAnswer
from kashu.orders.bodies import LineBody, OrderBody, OrdersBody
from kashu.orders.errors import UnknownOrder
from kashu.orders.intake import Intake
from kashu.orders.reads import Line, Order, order_by_id, recent_orders
from kashu.orders.refund import CANCEL, NewRefund, RefundOutcome, Wanted, WantedLine
from kashu.orders.refund import refund as give_back
from kashu.orders.shapes import RefundShown, Timeline, show_event, show_order
from kashu.orders.write import Submission
from kashu.stock.kinds import BULK_MAX
from kashu.stock.reveal import reveal

WANTED_CHARS: Final = 64  # of --line
SAME_NUMBER_MAX: Final = 100  # orders of several stores may share an outside number


class FileOutcome(msgspec.Struct, frozen=True):
    """What came of a file of orders; units by what became of them."""

    orders: int
    new: int
    delivered: int
    waiting: int
    refused: int
    refunded: int
    requests_replayed: int


@click.group("order", cls=Group)
def order() -> None:
    """订单：下单、从文件下单、查看、退款、取消。 Orders: place, show, give back, cancel."""


@order.command("place")
@click.option("--sku", required=True, metavar="CODE", help="规格代码。 The SKU's code.")
@click.option(
    "--quantity", type=click.IntRange(1, BULK_MAX), default=1, show_default=True, help="数量。"
)
@click.option(
    "--price", required=True, metavar="AMOUNT", help="整行实付金额，单位元。 Paid for all of it."
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
    line = LineBody(sku, quantity, price)
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

    answer = asyncio.run(submit())
    show(answer, lambda: placed(answer), as_json=as_json)


@order.command("file")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只检查，不下单。 Only check the file.")
@tenant_option
@json_option
def from_file(*, path: Path, dry_run: bool, tenant: str | None, as_json: bool) -> None:
    """从 csv 或 xlsx 批量下单：先检查每一行，全部无误才开始。

    Place the orders of a csv or xlsx. Every row is checked before the first is placed. After a
    break run it again: what was placed isn't placed twice.

    列 columns: external_id 订单号, store 店铺, customer 客户, sku 规格, quantity 数量, price 金额
    kashu order file orders.xlsx
    """

    async def place_all() -> FileOutcome:
        file = await asyncio.to_thread(read_order_file, path)
        async with open_shop(tenant) as shop:
            async with shop.database.transaction(shop.tenant.id) as tx:
                await check_order_file(tx, shop.tenant.id, file, now())
            if dry_run:
                return FileOutcome(len(file.orders), 0, 0, 0, 0, 0, 0)
            intake = Intake(shop.database, shop.keyrings)
            counts = Counter[str]()
            for submission in submissions_of(file, ACTOR, "later"):
                answered = await intake.submit(shop.tenant.id, submission, shop.tenant.timezone)
                counts.update(_counted(answered.content, replayed=answered.replayed))
                say(f"已提交 {counts['orders']} 单", f"{counts['orders']} orders placed")
            return FileOutcome(**{name: counts[name] for name in FileOutcome.__struct_fields__})

    outcome = asyncio.run(place_all())
    fields = msgspec.structs.asdict(outcome)
    show(outcome, lambda: table("", list(fields), [list(fields.values())]), as_json=as_json)


@order.command("show")
@click.argument("which", metavar="ID")
@tenant_option
@json_option
def show_one(*, which: str, tenant: str | None, as_json: bool) -> None:
    """查看订单和它的经过；ID 为订单编号或外部订单号。

    Show an order and its story, by its id or its outside number.
    """

    async def read() -> list[Story]:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            found = await _find(tx, shop.tenant.id, which)
            return [
                Story(
                    show_order(each, lines),
                    Timeline(
                        [
                            show_event(event)
                            for event in await events_of(tx, shop.tenant.id, each.order_id)
                        ]
                    ),
                )
                for each, lines in found
            ]

    stories = asyncio.run(read())
    show(stories, lambda: Together(*(told(each) for each in stories)), as_json=as_json)


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
            found = await _find(tx, shop.tenant.id, which)
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


@order.command("refund")
@click.argument("which", metavar="ID")
@click.option(
    "--line",
    "lines",
    multiple=True,
    metavar="N:QTY[:AMOUNT]",
    help="退第 N 行的 QTY 件（可指定金额）；不写则全退。 Units of a line; without it all.",
)
@click.option(
    "--refund-id", metavar="NO", help="退款单号；同号只退一次。 The refund's number: once each."
)
@tenant_option
@json_option
def refund(
    *,
    which: str,
    lines: tuple[str, ...],
    refund_id: str | None,
    tenant: str | None,
    as_json: bool,
) -> None:
    """退款。没人看过的卡回到库存，看过的进入隔离并记为售后损失。

    Give back units and money. Cards nobody saw are stock again; seen ones are quarantined.

    kashu order refund PO-2026-118
    kashu order refund PO-2026-118 --line 1:20 --line 2:0:15.00 --refund-id RF-7
    """
    wanted = Wanted(tuple(_wanted_line(line) for line in lines))
    _give_back(which, refund_id or f"M-{new_id().hex}", wanted, tenant=tenant, as_json=as_json)


@order.command("cancel")
@click.argument("which", metavar="ID")
@tenant_option
@json_option
def cancel(*, which: str, tenant: str | None, as_json: bool) -> None:
    """取消：收回没人看过的全部卡密；已看过的不动，需要时请退款。

    Take back all that nobody has seen. What was seen stays sold: refund it if it must be.
    """
    _give_back(which, None, CANCEL, tenant=tenant, as_json=as_json)


def _give_back(
    which: str, number: str | None, wanted: Wanted, *, tenant: str | None, as_json: bool
) -> None:
    async def run() -> RefundOutcome:
        async with open_shop(tenant) as shop, shop.database.transaction(shop.tenant.id) as tx:
            found = await _only(tx, shop, which)
            return await give_back(
                tx,
                shop.tenant.id,
                ACTOR,
                NewRefund(
                    found.source,
                    number or f"cancel:{found.order_id}",
                    found.external_id,
                    wanted,
                ),
                shop.today,
            )

    outcome = asyncio.run(run())
    shown = RefundShown(
        outcome.refund_id,
        outcome.order_id,
        outcome.new,
        outcome.state,
        format_amount(outcome.amount_e4),
        outcome.effect,
    )
    row = (shown.order_id, shown.state, shown.amount, "✓" if shown.new else "=")
    show(
        shown,
        lambda: table(
            ("退款", "Refund"),
            (("订单", "Order"), ("状态", "State"), ("金额", "Amount"), ("新", "New")),
            [row],
        ),
        as_json=as_json,
    )


async def _find(tx: Tx, tenant_id: int, which: str) -> list[tuple[Order, list[Line]]]:
    """Find by our id or the outside number. Raises: UnknownOrder."""
    try:
        return [await order_by_id(tx, tenant_id, UUID(which))]
    except ValueError:
        found = await recent_orders(
            tx, tenant_id, before=None, external_id=which, most=SAME_NUMBER_MAX
        )
    if not found:
        raise UnknownOrder(order=which[:64])
    return found


async def _only(tx: Tx, shop: Shop, which: str) -> Order:
    found = await _find(tx, shop.tenant.id, which)
    if len(found) > 1:
        named = ", ".join(f"{each.order_id} ({each.store_code})" for each, _ in found)
        raise click.UsageError(f"{which}: 有多个店铺的订单同号，请用订单编号 / use the id: {named}")
    return found[0][0]


def _wanted_line(written: str) -> WantedLine:
    number, _, rest = written.partition(":")
    quantity, _, amount = rest.partition(":")
    if not (number.isdecimal() and quantity.isdecimal() and len(written) <= WANTED_CHARS):
        raise click.BadParameter(f"{written[:40]}: N:QTY[:AMOUNT]", param_hint="--line")
    return WantedLine(int(number), int(quantity), parse_price(amount) if amount else None)


def _counted(content: bytes, *, replayed: bool) -> Counter[str]:
    answer = msgspec.json.decode(content, type=OrdersAnswer)
    counts = Counter[str](orders=len(answer.orders), requests_replayed=int(replayed))
    for each in answer.orders:
        counts["new"] += each.new and not replayed
        for line in each.lines:
            counts["delivered"] += line.delivered
            counts["waiting"] += line.waiting
            counts["refused"] += line.refused
            counts["refunded"] += line.refunded
    return counts
