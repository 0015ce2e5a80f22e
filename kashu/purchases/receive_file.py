"""Receive a file: the cards of one order that came by mail or chat, handed in by a person.

The rows are recognised as an import's are, and looked at before: what doesn't read as a card, and
another number of cards than was ordered, is refused with its rows named, unless the person says
that it is as it is. Then it is settled as if the supplier had answered: the cards, their exact
cost, what is asked back, in one transaction, once.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.access.keyring import Keyrings
from kashu.catalog.reads import card_format_of, skus_by_id
from kashu.core.db import Tx
from kashu.core.errors import Conflict, Invalid, Problem
from kashu.core.events import Event, record
from kashu.core.money import format_amount
from kashu.purchases.errors import AttemptSettled, UnknownAttempt
from kashu.purchases.kinds import AttemptState
from kashu.purchases.moves import Occasion
from kashu.purchases.reads import Attempt, Purchase, attempt_of, attempt_row, purchase_of
from kashu.purchases.settle import Source as Learnt
from kashu.purchases.settle import settle
from kashu.purchases.tables import attempts
from kashu.stock.hold import hold
from kashu.stock.imports import preview
from kashu.stock.imports_errors import TooManyRows
from kashu.stock.imports_intake import Intake
from kashu.stock.imports_reading import Source, outcomes_of
from kashu.stock.imports_report import ImportReport
from kashu.stock.kinds import BULK_MAX
from kashu.stock.receive import Terms
from kashu.stock.recognise import Candidate, Reject, detect_columns
from kashu.suppliers.connections import connections_by_supplier
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, OrderState, Repeats, Rules, Standing

ROWS_MAX: Final = 2 * BULK_MAX
PROBLEMS_MAX: Final = 50
SAID: Final = "received_by_file"
# Only of these may a person hand in the cards while we still ask: whose protocol asks nobody, or
# what asking was given up on.
BY_HAND: Final = "file"  # the protocol
RULES: Final = Rules(goods=frozenset(Goods), repeats=Repeats.UNKNOWN)  # nobody is asked here

_ENDED_WELL: Final = frozenset({AttemptState.SUCCEEDED, AttemptState.REFUNDED})


class AttemptNotByHand(Conflict):
    """Its supplier is asked over its interface, and will tell the cards itself."""

    code = "attempt_not_by_hand"
    zh = "订单 {number} 由系统向供应商查询，卡密会自动收回，没有改动。转为“人工”后才能上传文件。"
    en = (
        "We ask the supplier about order {number} and fetch its cards ourselves; nothing was "
        "changed. Hand a file in once it is left to people."
    )


class AttemptTakesNoCards(Conflict):
    """What was bought isn't cards."""

    code = "attempt_takes_no_cards"
    zh = "订单 {number} 是直充，没有卡密可收，没有改动。请在采购单里登记充值结果。"
    en = "Order {number} is a top-up and brings no cards; nothing was changed. Decide it there."


class FileNotWhole(Invalid):
    """Rows that are no cards, or another number of cards than was ordered."""

    code = "received_file_not_whole"
    zh = (
        "文件与订单 {number} 不符：订购 {ordered} 张，文件里有 {cards} 张卡，{wrong} 行读不出，"
        "没有写入。请改好文件；若供应商只给了这些，请选“按文件收货”，缺少的会向供应商追回。"
    )
    en = (
        "The file doesn't fit order {number}: {ordered} were ordered, it has {cards} cards and "
        "{wrong} unreadable rows. Nothing was written. Correct it; or, if that is all the supplier "
        "gave, take it as it is: what is missing is asked back."
    )


class NoCardsInFile(Invalid):
    """Nothing in it is a card."""

    code = "no_cards_in_file"
    zh = "文件里没有能识别的卡密，没有写入。请确认是订单 {number} 的卡密文件。"
    en = "Nothing in the file reads as a card; nothing was written. Is it that of order {number}?"


@dataclass(frozen=True, slots=True)
class Expected:
    """The order whose cards are handed in, and how its rows are read."""

    attempt: Attempt
    purchase: Purchase
    intake: Intake

    @property
    def ordered(self) -> int:
        """How many cards were ordered."""
        return self.attempt.quantity * self.attempt.units


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds. Its cards are clear text, and printed by nothing."""

    sha256: bytes
    cards: tuple[BoughtCard, ...] = field(repr=False)
    wrong: tuple[Problem, ...]
    wrong_count: int


@dataclass(frozen=True, slots=True)
class Handed:
    """What is said along with a file."""

    charged_e4: int | None = None  # in all; None: as it was ordered
    as_it_is: bool = False  # what is missing is missing


async def expect(tx: Tx, occasion: Occasion, named: str | UUID) -> Expected:
    """Find an order by our number of it, or by its id; check that its cards may be handed in.

    Raises: UnknownAttempt, AttemptSettled, AttemptNotByHand, AttemptTakesNoCards.
    """
    tenant_id = occasion.tenant_id
    wanted = select(attempts).where(attempts.c.tenant_id == tenant_id)
    column = attempts.c.number if isinstance(named, str) else attempts.c.id
    row = (await tx.execute(wanted.where(column == named))).one_or_none()
    if row is None:
        raise UnknownAttempt(attempt=str(named)[:40])
    attempt = attempt_row(row)
    await _check(tx, tenant_id, attempt)
    purchase = await purchase_of(tx, tenant_id, attempt.purchase_id)
    if purchase.goods is Goods.TOPUP or purchase.warehouse_id is None:
        raise AttemptTakesNoCards(number=attempt.number)
    [sku] = (await skus_by_id(tx, tenant_id, [purchase.sku_id])).values()
    unit_cost_e4 = attempt.total_e4 // (attempt.quantity * attempt.units)
    terms = Terms(sku.id, purchase.warehouse_id, attempt.supplier_id, unit_cost_e4)
    card_format = await card_format_of(tx, tenant_id, sku.id)
    return Expected(attempt, purchase, Intake(sku, terms, card_format, None, occasion.today))


async def _check(tx: Tx, tenant_id: int, attempt: Attempt) -> None:
    if attempt.state in _ENDED_WELL:
        raise AttemptSettled(state=attempt.state.value)
    if not attempt.live or attempt.state is AttemptState.MANUAL:
        return
    found = await connections_by_supplier(tx, tenant_id, [attempt.supplier_id])
    connection = found.get(attempt.supplier_id)
    if connection is not None and connection.protocol != BY_HAND:
        raise AttemptNotByHand(number=attempt.number)


async def foresee(
    tx: Tx, tenant_id: int, expected: Expected, source: Source, *, keyrings: Keyrings
) -> ImportReport:
    """Tell what the file's rows are, by class, as an import's preview does. Writes nothing."""
    outcome = await preview(tx, tenant_id, expected.intake, source, keyrings=keyrings)
    return outcome.report


async def find_cards(expected: Expected, source: Source) -> Found:
    """Recognise a file's rows, in a thread. Raises: TooManyRows, what `sheet.rows()` raises."""
    return await asyncio.to_thread(_found, expected.intake, source)


def _found(intake: Intake, source: Source) -> Found:
    cards: list[BoughtCard] = []
    wrong: list[Problem] = []
    count = 0
    columns = detect_columns(source.sheet)
    for place, outcome in enumerate(outcomes_of(source, intake, columns)):
        if place >= ROWS_MAX:
            raise TooManyRows(most=ROWS_MAX)
        if isinstance(outcome, Candidate):
            cards.append(_card(outcome))
        elif outcome.reason.needs_correction:
            count += 1
            if len(wrong) < PROBLEMS_MAX:
                wrong.append(_problem(outcome))
    return Found(source.sha256, tuple(cards), tuple(wrong), count)


def _card(read: Candidate) -> BoughtCard:
    return BoughtCard(read.number or "", read.password or "", read.url or "", read.expires_on)


def _problem(reject: Reject) -> Problem:
    reason = reject.reason
    return Problem(f"row {reject.row}", reason.value, reason.text("zh"), reason.text("en"))


async def receive_file(
    tx: Tx, occasion: Occasion, expected: Expected, found: Found, handed: Handed
) -> Attempt:
    """Take the cards of a file as those of an order, once; say how the order stands then.

    Locks and raises what settle() does; raises also: NoCardsInFile, FileNotWhole, AttemptSettled.
    """
    attempt = expected.attempt
    if not found.cards:
        raise NoCardsInFile(number=attempt.number)
    fits = not found.wrong_count and len(found.cards) == expected.ordered
    if not fits and not handed.as_it_is:
        raise FileNotWhole(
            problems=found.wrong,
            number=attempt.number,
            ordered=expected.ordered,
            cards=len(found.cards),
            wrong=found.wrong_count,
        )
    told = Standing(
        OrderState.SUCCEEDED,
        number=attempt.number,
        their_number=attempt.their_number or "",
        said=SAID,
        quantity=attempt.quantity,
        charged_e4=handed.charged_e4,
        cards=found.cards,
    )
    facts = {
        "attempt_id": str(attempt.id),
        "sha256": found.sha256.hex(),
        "cards": len(found.cards),
        "unreadable": found.wrong_count,
        "charged": None if handed.charged_e4 is None else format_amount(handed.charged_e4),
    }
    # What settle() locks first: from here on nobody else can hand in cards for it.
    await hold(tx, occasion.tenant_id, [expected.purchase.sku_id])
    meanwhile = await attempt_of(tx, occasion.tenant_id, attempt.id)
    if meanwhile.state in _ENDED_WELL:
        raise AttemptSettled(state=meanwhile.state.value)
    settled = await settle(tx, occasion, attempt.id, told, source=Learnt.PERSON)
    event = Event("attempt.file_received", attempt.purchase_id, facts)
    await record(tx, occasion.tenant_id, occasion.actor, [event])
    return settled
