"""The commands for orders whose outcome isn't known: what is in doubt, ask now, and decide."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import click
import msgspec
from rich.console import RenderableType

from kashu.catalog.reads import skus_by_id
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.money import CURRENCY, format_amount
from kashu.entry.amounts import read_amount, with_currency
from kashu.entry.channels import make_outside
from kashu.entry.commands.purchase_list import STATES
from kashu.entry.shop import ACTOR, Shop, open_shop
from kashu.entry.suppliers import make_upstreams
from kashu.entry.taught import Command
from kashu.entry.terminal import (
    Words,
    json_option,
    language,
    on_the_clock,
    say,
    show,
    stacked,
    table,
    tenant_option,
    word,
)
from kashu.entry.usage import Misused
from kashu.purchases.ask import ask
from kashu.purchases.buyer import Buyer
from kashu.purchases.desk import Bought, in_doubt, verdicts_of, was_bought, was_not_bought
from kashu.purchases.kinds import AttemptState
from kashu.purchases.moves import Occasion
from kashu.purchases.reads import Attempt, live_attempts, purchases_by_id
from kashu.purchases.receive_file import RULES, Handed, expect, find_cards, receive_file
from kashu.purchases.why import words_for
from kashu.stock.imports_reading import Source, open_file, open_pasted
from kashu.suppliers.reads import suppliers_by_id

TYPED: Final = "-"
BOUGHT: Final = "bought"
NOT_BOUGHT: Final = "not-bought"
LISTED_MAX: Final = 500

_TO_DO: Final[dict[AttemptState, Words]] = {
    AttemptState.SENDING: ("等待答复", "Wait: its answer is awaited"),
    AttemptState.UNCLEAR: ("系统会再查询；也可立即查询", "It is asked about; or ask now"),
    AttemptState.PROCESSING: ("供应商处理中；也可立即查询", "They are at it; or ask now"),
    AttemptState.MANUAL: ("向供应商核实，然后判定", "Ask their people, then decide"),
}


class DeskRow(msgspec.Struct, frozen=True):
    """An order whose outcome isn't known. `do`: the commands that help, the best first."""

    id: UUID
    supplier: str
    number: str
    their_number: str | None
    sku: str
    quantity: int
    total: str
    currency: str  # of the order
    state: AttemptState
    said: str
    words: str
    made_at: datetime
    next_at: datetime | None
    asks: int
    not_bought_says: int  # people who said that it wasn't bought
    do: list[str]


class Desk(msgspec.Struct, frozen=True):
    """All money in doubt, in ours, and its orders: those that are left to people first."""

    total: str
    orders: list[DeskRow]
    currency: str = CURRENCY


class Decided(msgspec.Struct, frozen=True):
    """How an order stands after somebody asked or decided. `is_final`: its outcome is known."""

    id: UUID
    number: str
    state: AttemptState
    said: str
    received: int
    turned_away: int
    is_final: bool


@click.command("desk", cls=Command)
@click.option("--mine", is_flag=True, help="只看待人工判定的。 Only what is left to people.")
@tenant_option
@json_option
def desk(*, mine: bool, tenant: str | None, as_json: bool) -> None:
    """结果不明的供应商订单：多少钱存疑，每笔该怎么办。

    Orders at suppliers whose outcome isn't known: the money in doubt, and what to do about each.

    kashu purchase desk
    kashu purchase desk --mine --json
    """

    async def run() -> tuple[Desk, str]:
        async with (
            open_shop(tenant) as shop,
            shop.database.transaction(shop.tenant.id) as tx,
        ):
            doubts = await in_doubt(tx, shop.tenant.id)
            live = await live_attempts(tx, shop.tenant.id, limit=LISTED_MAX)
            if mine:
                live = [each for each in live if each.state is AttemptState.MANUAL]
            rows = await _rows(tx, shop.tenant.id, live)
            total_e4 = sum(each.amount_e4 for each in doubts)
            return Desk(format_amount(total_e4), rows), shop.tenant.timezone

    found, timezone = asyncio.run(run())
    show(found, lambda: _picture(found, timezone) if found.orders else None, as_json=as_json)
    if not found.orders:
        say("没有结果不明的订单。", "No order's outcome is unknown.")


@click.command("ask", cls=Command)
@click.argument("attempt_id", metavar="ID", type=click.UUID)
@tenant_option
@json_option
def ask_now(*, attempt_id: UUID, tenant: str | None, as_json: bool) -> None:
    """立即向供应商查询一笔订单的结果；不会重复下单。

    Ask a supplier now how an order stands. Nothing is ordered by it.

    kashu purchase ask 01a2…
    """

    async def run() -> Decided:
        async with open_shop(tenant) as shop, _buyer(shop) as buyer:
            return _decided(await ask(buyer, attempt_id))

    _show(asyncio.run(run()), as_json=as_json)


@click.command("decide", cls=Command)
@click.argument("attempt_id", metavar="ID", type=click.UUID)
@click.argument("verdict", metavar="bought|not-bought", type=click.Choice([BOUGHT, NOT_BOUGHT]))
@click.option("--reason", metavar="TEXT", help="没有买到的原因。 Why it wasn't bought.")
@click.option(
    "--evidence", metavar="TEXT", help="凭据：客服答复、对账单行。 What proves it: their words."
)
@click.option("--cards", metavar="FILE", help="买到的卡密文件，- 为粘贴。 Its cards; - to paste.")
@click.option("--their-number", default="", metavar="NUMBER", help="对方单号。 Their number.")
@click.option("--charged", metavar="AMOUNT", help="实收总额（订单币种），默认按下单。 In all.")
@click.option("--receipt", default="", metavar="TEXT", help="直充凭证。 A top-up's receipt.")
@click.option("--as-it-is", is_flag=True, help="缺少的向供应商追回。 What is missing is missing.")
@tenant_option
@json_option
def decide(
    *,
    attempt_id: UUID,
    verdict: str,
    reason: str | None,
    evidence: str | None,
    cards: str | None,
    their_number: str,
    charged: str | None,
    receipt: str,
    as_it_is: bool,
    tenant: str | None,
    as_json: bool,
) -> None:
    """判定一笔待人工的订单：买到了，或没有买到。先向供应商核实，再判定。

    Decide about an order that is left to people, after you have asked the supplier's people.

    not-bought 须写原因和凭据；钱退回，采购改向别家下单。超过审批额须第二人确认。
    not-bought needs a reason and what proves it; its money comes back and it is ordered elsewhere.
    Above the merchant's limit somebody else says so, too, before anything happens.

    bought 须交出买到的东西：卡密文件，或直充的对方单号与凭证。
    bought needs what came: a file of cards, or a top-up's number and receipt.

    kashu purchase decide 01a2… not-bought --reason "no such order" --evidence "chat, June 3, 14:20"
    kashu purchase decide 01a2… bought --cards cards.csv --charged 39.60
    kashu purchase decide 01a2… bought --their-number T88 --receipt R123
    """
    said = _Said(
        reason or "",
        evidence or "",
        cards,
        Bought((), their_number, None if charged is None else read_amount(charged), receipt),
        as_it_is,
    )
    _check(verdict, said)

    async def run() -> Decided:
        async with open_shop(tenant) as shop:
            return _decided(await _decide(shop, attempt_id, verdict, said))

    decided = asyncio.run(run())
    _show(decided, as_json=as_json)
    if not decided.is_final:
        say(
            "已记下；超过审批额，须另一位有权限的同事也这样判定，钱才退回。",
            "Noted. It is above the limit: its money is back once somebody else says so, too.",
        )


@dataclass(frozen=True, slots=True)
class _Said:
    """What goes with a verdict. `bought` is without its cards, which are in a file."""

    reason: str
    evidence: str
    cards: str | None
    bought: Bought
    as_it_is: bool


def _check(verdict: str, said: _Said) -> None:
    """See that all goes together. Raises: Misused."""
    if verdict == BOUGHT:
        if said.reason or said.evidence:
            raise Misused(
                "--reason 和 --evidence 只用于 not-bought。",
                "--reason and --evidence are of not-bought only.",
            )
        return
    if not (said.reason.strip() and said.evidence.strip()):
        raise Misused(
            "not-bought 须写 --reason 和 --evidence。", "not-bought needs --reason and --evidence."
        )
    if said.cards or said.bought != Bought():
        raise Misused(
            "没有买到就没有卡密、金额或凭证：请去掉这些选项。",
            "What wasn't bought has no cards, charge or receipt: leave these options out.",
        )


async def _decide(shop: Shop, attempt_id: UUID, verdict: str, said: _Said) -> Attempt:
    occasion = Occasion(shop.tenant.id, ACTOR, now(), shop.tenant.timezone, shop.keyrings, RULES)
    if verdict == BOUGHT and said.cards is not None:
        handed = Handed(said.bought.charged_e4, said.as_it_is)
        return await _receive(shop, occasion, attempt_id, said.cards, handed)
    async with shop.database.transaction(shop.tenant.id) as tx:
        if verdict == BOUGHT:
            return await was_bought(tx, occasion, attempt_id, said.bought)
        return await was_not_bought(
            tx, occasion, attempt_id, reason=said.reason, evidence=said.evidence
        )


async def _receive(
    shop: Shop, occasion: Occasion, attempt_id: UUID, path: str, handed: Handed
) -> Attempt:
    """Take a file of cards as what was bought."""
    async with shop.database.transaction(shop.tenant.id) as tx:
        expected = await expect(tx, occasion, attempt_id)
    source: Source = await asyncio.to_thread(
        lambda: open_pasted(sys.stdin.read()) if path == TYPED else open_file(Path(path))
    )
    found = await find_cards(expected, source)
    async with shop.database.transaction(shop.tenant.id) as tx:
        return await receive_file(tx, occasion, expected, found, handed)


@asynccontextmanager
async def _buyer(shop: Shop) -> AsyncIterator[Buyer]:
    outside = make_outside(shop.settings, shop.keyrings)
    try:
        upstreams = make_upstreams(shop.settings, outside)
        yield Buyer(shop.database, shop.tenant.id, shop.tenant.timezone, upstreams, ACTOR)
    finally:
        await outside.http.close()


async def _rows(tx: Tx, tenant_id: int, live: Sequence[Attempt]) -> list[DeskRow]:
    suppliers = await suppliers_by_id(tx, tenant_id, {each.supplier_id for each in live})
    purchases = await purchases_by_id(tx, tenant_id, {each.purchase_id for each in live})
    skus = await skus_by_id(tx, tenant_id, {each.sku_id for each in purchases.values()})
    rows = []
    for each in sorted(live, key=lambda each: each.state is not AttemptState.MANUAL):
        left = each.state is AttemptState.MANUAL
        said = await verdicts_of(tx, tenant_id, each.id) if left else []
        rows.append(
            DeskRow(
                id=each.id,
                supplier=suppliers[each.supplier_id].code,
                number=each.number,
                their_number=each.their_number,
                sku=skus[purchases[each.purchase_id].sku_id].code,
                quantity=each.quantity * each.units,
                total=format_amount(each.total_e4),
                currency=each.currency,
                state=each.state,
                said=each.said,
                words=words_for(each.said, language()),
                made_at=each.made_at,
                next_at=None if left else each.next_at,
                asks=each.asks,
                not_bought_says=sum(not verdict.bought for verdict in said),
                do=_do(each),
            )
        )
    return rows


def _do(attempt: Attempt) -> list[str]:
    """The commands that help now."""
    if attempt.state is AttemptState.SENDING:
        return []
    asking = f"kashu purchase ask {attempt.id}"
    if attempt.state is not AttemptState.MANUAL:
        return [asking]
    deciding = f"kashu purchase decide {attempt.id}"
    return [asking, f"{deciding} bought", f"{deciding} not-bought"]


def _decided(attempt: Attempt) -> Decided:
    return Decided(
        attempt.id,
        attempt.number,
        attempt.state,
        attempt.said,
        attempt.received_count,
        attempt.turned_away_count,
        not attempt.live,
    )


def _show(decided: Decided, *, as_json: bool) -> None:
    titles: Sequence[Words] = (
        ("我方单号", "Our number"),
        ("状态", "State"),
        ("说明", "Said"),
        ("已收", "Here"),
        ("不收", "Turned away"),
    )
    row = (
        decided.number,
        word(STATES, decided.state),
        words_for(decided.said, language()),
        decided.received,
        decided.turned_away,
    )
    show(decided, lambda: table("", titles, [row]), as_json=as_json)


def _picture(found: Desk, timezone: str) -> RenderableType:
    titles: Sequence[Words] = (
        ("编号", "Id"),
        ("供应商", "Supplier"),
        ("我方单号", "Our number"),
        ("规格", "SKU"),
        ("数量", "Count"),
        ("金额", "Amount"),
        ("状态", "State"),
        ("下单", "Since"),
        ("怎么办", "What to do"),
    )
    zh = language() == "zh"
    rows = [
        (
            each.id,
            each.supplier,
            each.number,
            each.sku,
            each.quantity,
            with_currency(each.total, each.currency),
            word(STATES, each.state),
            on_the_clock(each.made_at, timezone),
            _TO_DO[each.state][0 if zh else 1],
        )
        for each in found.orders
    ]
    title = (f"存疑 ¥{found.total}", f"¥{found.total} in doubt")
    hint = (
        "立即查询：kashu purchase ask 编号；判定：kashu purchase decide 编号 bought|not-bought",
        "Ask now: kashu purchase ask ID; decide: kashu purchase decide ID bought|not-bought",
    )
    return stacked([table(title, titles, rows), hint[0 if zh else 1]])
