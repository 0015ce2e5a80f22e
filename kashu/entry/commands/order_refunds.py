"""Commands that give back: refund, cancel."""

import asyncio
from decimal import Decimal
from typing import Final

import click

from kashu.core.ids import new_id
from kashu.core.money import format_amount
from kashu.entry.amounts import narrow, read_price
from kashu.entry.commands.order_finding import order_named
from kashu.entry.shop import ACTOR, open_shop
from kashu.entry.taught import Command
from kashu.entry.terminal import Words, json_option, language, say, show, table, tenant_option, word
from kashu.entry.usage import Misused
from kashu.entry.words import REFUND_STATES
from kashu.orders.refund import CANCEL, NewRefund, RefundOutcome, Wanted, WantedLine
from kashu.orders.refund import refund as give_back
from kashu.orders.shapes import RefundShown

WANTED_CHARS: Final = 64  # of --line


@click.command("refund", cls=Command)
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

    Give back units and money. Cards nobody saw are stock again; seen ones are quarantined. Where
    nothing is left to give back it is refused, and nothing is written.

    kashu order refund PO-2026-118
    kashu order refund PO-2026-118 --line 1:20 --line 2:0:15.00 --refund-id RF-7
    """
    wanted = Wanted(tuple(_wanted_line(line) for line in lines))
    _give_back(which, refund_id or f"M-{new_id().hex}", wanted, tenant=tenant, as_json=as_json)


@click.command("cancel", cls=Command)
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
            found = await order_named(tx, shop.tenant.id, which)
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
    title = ("取消", "Cancellation") if wanted is CANCEL else ("退款", "Refund")
    _show(title, which, shown, as_json=as_json)
    if wanted is CANCEL and not any(line["units"] for line in outcome.effect):
        say(
            f"没有可收回的卡密。看过的请退款：kashu order refund {which}",
            f"There was nothing to take back. What was seen: kashu order refund {which}",
        )
    elif not outcome.new:
        say("这是之前那一笔，没有再退一次。", "This is the one of before; nothing more went back.")


def _show(title: Words, which: str, shown: RefundShown, *, as_json: bool) -> None:
    titles = (
        ("订单", "Order"),
        ("行", "Line"),
        ("状态", "State"),
        ("件数", "Units"),
        ("回库", "Restocked"),
        ("报损", "Lost"),
        ("金额", "Amount"),
    )
    state = word(REFUND_STATES, shown.state)
    unchanged = "没有变化" if language() == "zh" else "unchanged"
    rows: list[tuple[object, ...]] = [
        (
            which,
            line["line"],
            state if line["units"] or Decimal(line["amount"]) else unchanged,
            line["units"],
            line["restocked"],
            line["burnt"],
            line["amount"],
        )
        for line in shown.lines
    ]
    show(shown, lambda: table(title, titles, rows), as_json=as_json)


def _wanted_line(written: str) -> WantedLine:
    number, _, rest = narrow(written).partition(":")
    quantity, _, amount = rest.partition(":")
    if not (number.isdecimal() and quantity.isdecimal() and len(written) <= WANTED_CHARS):
        raise Misused(
            "--line 的值不对：应为 行号:件数 或 行号:件数:金额，例如 1:20 或 2:0:15.00。",
            "--line is wrong: it should be line:units or line:units:amount, as 1:20 or 2:0:15.00.",
        )
    return WantedLine(int(number), int(quantity), read_price(amount) if amount else None)
