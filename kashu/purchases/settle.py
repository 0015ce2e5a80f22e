"""Settle: what was learnt of an order becomes its state and its money. The one place where it does.

Placing, asking, notices (which only have us ask) and people's verdicts all come here. What is
learnt twice changes nothing the second time; what contradicts what we know changes nothing either,
and is told to people. A refusal of the question is not a refusal of the order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy import func, select

from kashu.core.db import Tx
from kashu.core.errors import OutsideError, Refused, Unavailable, Unclear
from kashu.core.sql import Statement
from kashu.purchases import books
from kashu.purchases.breaker import Noted, note_all
from kashu.purchases.give import give_all
from kashu.purchases.kinds import AttemptState, Placing, PurchaseState
from kashu.purchases.moves import (
    Case,
    Judged,
    Occasion,
    amounts,
    clean,
    close_cases,
    open_cases,
    write_cases,
)
from kashu.purchases.reads import Attempt
from kashu.purchases.schedule import first_ask, next_ask, proves_absence
from kashu.purchases.settle_success import (
    Brought,
    bill_of,
    settle_refund_after,
    settle_success,
    take_deliveries,
)
from kashu.purchases.tables import attempts
from kashu.purchases.take_note import take_note
from kashu.purchases.why import said_of
from kashu.suppliers.errors import (
    AccountRefused,
    AnswerLost,
    InputMissing,
    InputRefused,
    LoginRefused,
    NoSuchPurchase,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import OrderState, Standing

Learnt: TypeAlias = Standing | OutsideError

INPUTS_REFUSED_MAX: Final = 2  # suppliers that find an account wrong: then it is


class Source(StrEnum):
    """How something was learnt."""

    PLACED = "placed"  # the answer to the order itself
    ASKED = "asked"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class _Why:
    said: str
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class _Numbered:
    id: UUID
    supplier_id: UUID
    their_number: str


Bound: TypeAlias = dict[tuple[UUID, str], UUID]  # attempts by supplier and the supplier's number
_numbers = Statement(__file__, "settle_numbers.sql", _Numbered)

_UNSETTLED: Final = frozenset({AttemptState.SENDING, AttemptState.UNCLEAR})


@dataclass(frozen=True, slots=True)
class Answer:
    """What was learnt of one attempt."""

    occasion: Occasion
    attempt_id: UUID
    learnt: Learnt
    source: Source


async def settle(
    tx: Tx, occasion: Occasion, attempt_id: UUID, learnt: Learnt, *, source: Source
) -> Attempt:
    """Write down what was learnt of an attempt; return it as it is then.

    Locks: as settle_all(). Raises: UnknownAttempt.
    """
    [attempt] = await settle_all(tx, [Answer(occasion, attempt_id, learnt, source)])
    return attempt


async def settle_all(tx: Tx, answers: Sequence[Answer]) -> list[Attempt]:
    """Write down what was learnt of some attempts of different purchases of a merchant, together.

    Cards that were bought for somebody who waits are given at once: nobody else can take them.
    Returns the attempts as they are then, in order.
    Locks: the levels of the SKUs whose cards came, the purchases, the attempts, each in order.
    Post nothing before in `tx`. Raises: UnknownAttempt.
    """
    wanted = [(each.occasion, each.attempt_id) for each in answers]
    came = [each.attempt_id for each in answers if _brings_cards(each.learnt)]
    cases = await open_cases(tx, wanted, holding=came)
    bound = await _bound(tx, cases, answers)
    deliveries: list[Brought] = []
    for case, answer in zip(cases, answers, strict=True):
        if case.attempt.answered_at is None:
            case.note(answered_at=answer.occasion.at)
        if isinstance(answer.learnt, Standing):
            deliveries += await _told(case, answer.learnt, bound)
        elif answer.source is Source.PLACED:
            await _not_placed(case, answer.learnt)
        else:
            await _not_told(case, answer.learnt)
    await _tell_breakers(tx, cases)
    arrived = await take_deliveries(tx, deliveries)
    await write_cases(tx, cases)
    given = await give_all(tx, cases[0].occasion, arrived)
    await close_cases(tx, cases, transfers=given.transfers, happened=given.happened)
    return [case.attempt for case in cases]


def _brings_cards(learnt: Learnt) -> bool:
    return isinstance(learnt, Standing) and bool(learnt.cards)


async def _tell_breakers(tx: Tx, cases: Sequence[Case]) -> None:
    noted = [
        Noted(case.attempt.supplier_id, case.judged.placing, case.judged.took_ms)
        for case in cases
        if case.judged is not None
    ]
    await note_all(tx, cases[0].occasion.tenant_id, noted, at=cases[0].occasion.at)


async def end_without(
    case: Case, state: AttemptState, said: str, *, reason: str = "purchase_refused"
) -> None:
    """It brought nothing: all of its money comes back, and the rest is ordered elsewhere."""
    case.transfer(books.returned(case.attempt, case.attempt.total_e4, reason))
    case.move(state, said=said, refunded_e4=0)
    case.happened(f"attempt.{state.value}", said=case.attempt.said)
    case.let_go(said=said, tries=await _tries(case))


async def _not_placed(case: Case, error: OutsideError) -> None:
    """How placing failed. Only what the protocol's closed table says was refused was refused."""
    if case.attempt.state not in _UNSETTLED:
        return  # asking found out more meanwhile
    if isinstance(error, Unclear | NoSuchPurchase):
        if isinstance(error, AnswerLost):
            case.leave_to_people(error.code)
        else:
            _unclear(case, error.code)
        placing = Placing.UNCLEAR
    elif isinstance(error, Refused | Unavailable):
        await end_without(case, AttemptState.REFUSED, said_of(error))
        await take_note(case, error)
        await _give_up_on_input(case, error)
        placing = Placing.UNAVAILABLE if isinstance(error, Unavailable) else Placing.REFUSED
    else:
        raise AssertionError(error)  # noqa: TRY004  (a kind of error nobody declared)
    _note(case, placing)


async def _not_told(case: Case, error: OutsideError) -> None:
    """How asking failed. Only "no such order", twice, late and apart, says something of it."""
    attempt, occasion = case.attempt, case.occasion
    if not attempt.live:
        case.note(again_at=None)
        return
    if isinstance(error, AnswerLost):
        case.leave_to_people(error.code)
        return
    if isinstance(error, LoginRefused):
        await take_note(case, error)
    if isinstance(error, NoSuchPurchase) and attempt.state in _UNSETTLED:
        if proves_absence(
            occasion.rules,
            count=attempt.missing_count,
            last_at=attempt.missing_at,
            made_at=attempt.made_at,
            at=occasion.at,
        ):
            await end_without(case, AttemptState.REFUSED, error.code)
            return
        case.note(missing_count=attempt.missing_count + 1, missing_at=occasion.at)
    _ask_on(case, error.code)


def _ask_on(case: Case, said: str) -> None:
    attempt, occasion = case.attempt, case.occasion
    again = next_ask(occasion.rules, asks=attempt.asks, made_at=attempt.made_at, at=occasion.at)
    if attempt.state is AttemptState.MANUAL:
        case.note(said=said)
    elif again is None:
        case.leave_to_people(said)
    else:
        case.note(said=said, next_at=again)


def _unclear(case: Case, said: str) -> None:
    new = case.attempt.state is AttemptState.SENDING
    again = first_ask(case.occasion.rules, case.occasion.at)
    case.move(AttemptState.UNCLEAR, said=said, next_at=again)
    if new:
        case.happened("attempt.unclear", said=case.attempt.said)


async def _told(case: Case, told: Standing, bound: Bound) -> list[Brought]:
    """An order stands as the supplier says, if it is this one. Returns what came with it."""
    why = _not_this(case, told, bound)
    told = replace(told, said=clean(told.said), receipt=clean(told.receipt))
    if why is not None:
        case.happened("attempt.answer_not_ours", said=why)
        if case.attempt.state is AttemptState.SENDING:
            _unclear(case, why)
        elif case.attempt.live:
            _ask_on(case, why)
        return []
    first = case.attempt.state in _UNSETTLED
    case.note(missing_count=0, missing_at=None, again_at=None)
    if told.their_number:
        case.note(their_number=told.their_number)
        bound[case.attempt.supplier_id, told.their_number] = case.attempt.id
    live = case.attempt.live
    _judge(case, told, first=first)
    if told.state is OrderState.REFUNDED:
        return await _refunded(case, told)
    if told.state is OrderState.SUCCEEDED and _is_here(case, told):
        return await settle_success(case, told)
    if live and told.cards and told.state is OrderState.FAILED:
        case.leave_to_people("failed_with_cards")  # both can't be: people see which is true
    elif live and told.state is OrderState.FAILED:
        await _failed_there(case, told)
    elif live:  # under way, or done and the goods aren't to be had yet
        _processing(case, _Why(told.said, unknown=not told.known))
    return []


def _is_here(case: Case, told: Standing) -> bool:
    """Whether what was bought came with the answer. An empty list of cards is none yet."""
    return case.purchase.goods is Goods.TOPUP or bool(told.cards)


def _judge(case: Case, told: Standing, *, first: bool) -> None:
    """Tell the breaker how the order went, once when it was taken and once when it failed."""
    failed = case.attempt.live and told.state is OrderState.FAILED
    if not first and not failed:
        return
    placing = Placing.FAILED if told.state is OrderState.FAILED else Placing.TAKEN
    _note(case, placing)


def _note(case: Case, placing: Placing) -> None:
    attempt, at = case.attempt, case.occasion.at
    took_ms = round(((attempt.answered_at or at) - attempt.made_at).total_seconds() * 1_000)
    case.judged = Judged(placing, took_ms)


def _processing(case: Case, why: _Why) -> None:
    attempt, occasion = case.attempt, case.occasion
    if why.unknown and not attempt.word_unknown:
        case.happened("attempt.word_unknown", said=why.said[:40])
    unknown = why.unknown or attempt.word_unknown
    if attempt.state is AttemptState.MANUAL:  # a person looks at it already
        case.note(said=why.said, word_unknown=unknown)
        return
    if attempt.state is not AttemptState.PROCESSING:
        again = first_ask(occasion.rules, occasion.at) if not attempt.asks else attempt.next_at
        case.move(AttemptState.PROCESSING, said=why.said, word_unknown=unknown, next_at=again)
        case.happened("attempt.processing", said=case.attempt.said)
    else:
        case.note(word_unknown=unknown)
    if attempt.asks:
        _ask_on(case, why.said)


async def _failed_there(case: Case, told: Standing) -> None:
    """It ended without success. What isn't told of the money comes back, as it must."""
    bill = bill_of(case, told)
    kept_e4 = min(bill.kept_e4, case.attempt.total_e4)
    if told.charged_e4 and told.refunded_e4 > 0 and kept_e4 > 0:  # they say that they keep some
        attempt = case.attempt
        case.transfer(
            books.returned(attempt, attempt.total_e4 - kept_e4, "purchase_failed"),
            books.asked_back(attempt, kept_e4, "purchase_failed_in_part"),
        )
        case.move(
            AttemptState.FAILED,
            said=told.said,
            charged_e4=bill.charged_e4,
            refunded_e4=told.refunded_e4,
        )
        case.happened("attempt.failed", said=case.attempt.said, **amounts(kept=kept_e4))
        case.let_go(said=told.said, tries=await _tries(case))
        return
    await end_without(case, AttemptState.FAILED, told.said, reason="purchase_failed")


async def _refunded(case: Case, told: Standing) -> list[Brought]:
    """It had been paid, and all or part of the money is back."""
    attempt = case.attempt
    if attempt.state is AttemptState.SUCCEEDED:
        settle_refund_after(case, told)
    elif told.cards:
        return await settle_success(case, told)
    elif attempt.live:
        whole = told.charged_e4 or attempt.total_e4  # it was paid: so it wasn't for nothing
        if told.refunded_e4 >= whole:
            await end_without(case, AttemptState.REFUNDED, told.said, reason="purchase_refunded")
        else:  # how much of what is there nobody tells
            case.leave_to_people("refunded_in_part")
    return []


async def _bound(tx: Tx, cases: Sequence[Case], answers: Sequence[Answer]) -> Bound:
    """Which attempts the numbers that suppliers tell are bound to already."""
    told = [
        (case.attempt.supplier_id, answer.learnt.their_number)
        for case, answer in zip(cases, answers, strict=True)
        if isinstance(answer.learnt, Standing)
        and case.attempt.their_number is None
        and clean(answer.learnt.their_number) == answer.learnt.their_number != ""
    ]
    if not told:
        return {}
    rows = await _numbers(
        tx,
        tenant=cases[0].occasion.tenant_id,
        suppliers=[supplier_id for supplier_id, _ in told],
        numbers=[number for _, number in told],
    )
    return {(row.supplier_id, row.their_number): row.id for row in rows}


def _not_this(case: Case, told: Standing, bound: Bound) -> str | None:
    """Say why what is told isn't of this order; None: it is."""
    attempt = case.attempt
    if told.number and told.number != attempt.number:
        return "other_number"
    if not told.their_number:
        return None
    if clean(told.their_number) != told.their_number:
        return "their_number_unreadable"
    if attempt.their_number is not None:
        return None if told.their_number == attempt.their_number else "other_their_number"
    of = bound.get((attempt.supplier_id, told.their_number), attempt.id)
    return None if of == attempt.id else "their_number_of_another"


async def _tries(case: Case) -> int:
    """How many of a purchase's attempts brought nothing."""
    await case.write()
    found = await case.tx.execute(
        select(func.count())
        .select_from(attempts)
        .where(attempts.c.tenant_id == case.occasion.tenant_id)
        .where(attempts.c.purchase_id == case.purchase.id)
        .where(attempts.c.state.in_([AttemptState.REFUSED, AttemptState.FAILED]))
    )
    return int(found.scalar_one())


async def _give_up_on_input(case: Case, error: OutsideError) -> None:
    """An account that two suppliers find wrong is wrong, or one that was asked: nothing is bought.

    That a product wants more than an account says nothing of the account.
    """
    if not isinstance(error, InputRefused) or case.purchase.goods is not Goods.TOPUP:
        return
    if isinstance(error, InputMissing):
        return
    await case.write()
    found = await case.tx.execute(
        select(func.count(attempts.c.supplier_id.distinct()))
        .where(attempts.c.tenant_id == case.occasion.tenant_id)
        .where(attempts.c.purchase_id == case.purchase.id)
        .where(attempts.c.said == error.code)
    )
    if isinstance(error, AccountRefused) or found.scalar_one() >= INPUTS_REFUSED_MAX:
        case.move_purchase(PurchaseState.ENDED, said=error.code)
        case.happened("purchase.ended", said=error.code)
