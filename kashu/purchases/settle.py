"""Settle: what was learnt of an order becomes its state and its money. The one place where it does.

Placing, asking, notices (which only have us ask) and people's verdicts all come here. What is
learnt twice changes nothing the second time; what contradicts what we know changes nothing either,
and is told to people. A refusal of the question is not a refusal of the order.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy import func, select

from kashu.core.db import Tx
from kashu.core.errors import OutsideError, Refused, Unavailable, Unclear
from kashu.purchases import books
from kashu.purchases.breaker import note
from kashu.purchases.kinds import AttemptState, Placing, PurchaseState
from kashu.purchases.moves import Case, Occasion, amounts, clean, open_case
from kashu.purchases.reads import Attempt, attempt_of, purchase_of
from kashu.purchases.schedule import first_ask, next_ask, proves_absence
from kashu.purchases.settle_success import bill_of, settle_refund_after, settle_success
from kashu.purchases.tables import attempts
from kashu.purchases.take_note import take_note
from kashu.stock.hold import hold
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


_UNSETTLED: Final = frozenset({AttemptState.SENDING, AttemptState.UNCLEAR})


async def settle(
    tx: Tx, occasion: Occasion, attempt_id: UUID, learnt: Learnt, *, source: Source
) -> Attempt:
    """Write down what was learnt of an attempt; return it as it is then.

    Locks: the SKU's level where cards came, the purchase, the attempt, in that order.
    Raises: UnknownAttempt.
    """
    tenant_id = occasion.tenant_id
    if isinstance(learnt, Standing) and learnt.cards:
        seen = await attempt_of(tx, tenant_id, attempt_id)
        sku_id = (await purchase_of(tx, tenant_id, seen.purchase_id)).sku_id
        await hold(tx, tenant_id, [sku_id])
    case = await open_case(tx, occasion, attempt_id)
    if case.attempt.answered_at is None:
        case.put(answered_at=occasion.at)
    if isinstance(learnt, Standing):
        await _told(case, learnt)
    elif source is Source.PLACED:
        await _not_placed(case, learnt)
    else:
        await _not_told(case, learnt)
    await case.close()
    return case.attempt


async def end_without(
    case: Case, state: AttemptState, said: str, *, reason: str = "purchase_refused"
) -> None:
    """It brought nothing: all of its money comes back, and the rest is ordered elsewhere."""
    case.transfer(books.returned(case.attempt, case.attempt.total_e4, reason))
    await case.move(state, said=said, refunded_e4=0)
    case.happened(f"attempt.{state.value}", said=case.attempt.said)
    await case.let_go(said=said, tries=await _tries(case))


async def _not_placed(case: Case, error: OutsideError) -> None:
    """How placing failed. Only what the protocol's closed table says was refused was refused."""
    if case.attempt.state not in _UNSETTLED:
        return  # asking found out more meanwhile
    if isinstance(error, Unclear | NoSuchPurchase):
        if isinstance(error, AnswerLost):
            await case.leave_to_people(error.code)
        else:
            await _unclear(case, error.code)
        placing = Placing.UNCLEAR
    elif isinstance(error, Refused | Unavailable):
        await end_without(case, AttemptState.REFUSED, error.code)
        await take_note(case, error)
        await _give_up_on_input(case, error)
        placing = Placing.UNAVAILABLE if isinstance(error, Unavailable) else Placing.REFUSED
    else:
        raise AssertionError(error)  # noqa: TRY004  (a kind of error nobody declared)
    await _note(case, placing)


async def _not_told(case: Case, error: OutsideError) -> None:
    """How asking failed. Only "no such order", twice, late and apart, says something of it."""
    attempt, occasion = case.attempt, case.occasion
    if not attempt.live:
        await case.note(again_at=None)
        return
    if isinstance(error, AnswerLost):
        await case.leave_to_people(error.code)
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
        await case.note(missing_count=attempt.missing_count + 1, missing_at=occasion.at)
    await _ask_on(case, error.code)


async def _ask_on(case: Case, said: str) -> None:
    attempt, occasion = case.attempt, case.occasion
    again = next_ask(occasion.rules, asks=attempt.asks, made_at=attempt.made_at, at=occasion.at)
    if attempt.state is AttemptState.MANUAL:
        await case.note(said=said)
    elif again is None:
        await case.leave_to_people(said)
    else:
        await case.note(said=said, next_at=again)


async def _unclear(case: Case, said: str) -> None:
    new = case.attempt.state is AttemptState.SENDING
    again = first_ask(case.occasion.rules, case.occasion.at)
    await case.move(AttemptState.UNCLEAR, said=said, next_at=again)
    if new:
        case.happened("attempt.unclear", said=case.attempt.said)


async def _told(case: Case, told: Standing) -> None:
    """An order stands as the supplier says, if it is this one."""
    why = await _not_this(case, told)
    told = replace(told, said=clean(told.said), receipt=clean(told.receipt))
    if why is not None:
        case.happened("attempt.answer_not_ours", said=why)
        if case.attempt.state is AttemptState.SENDING:
            await _unclear(case, why)
        elif case.attempt.live:
            await _ask_on(case, why)
        return
    first = case.attempt.state in _UNSETTLED
    known: dict[str, object] = {"missing_count": 0, "missing_at": None, "again_at": None}
    if told.their_number:
        known["their_number"] = told.their_number
    case.put(**known)
    live = case.attempt.live
    await _judge(case, told, first=first)
    if told.state is OrderState.REFUNDED:
        await _refunded(case, told)
    elif told.state is OrderState.SUCCEEDED and _is_here(case, told):
        await settle_success(case, told)
    elif live and told.state is OrderState.FAILED:
        await _failed_there(case, told)
    elif live:  # under way, or done and the goods aren't to be had yet
        await _processing(case, _Why(told.said, unknown=not told.known))


def _is_here(case: Case, told: Standing) -> bool:
    """Whether what was bought came with the answer. An empty list of cards is none yet."""
    return case.purchase.goods is Goods.TOPUP or bool(told.cards)


async def _judge(case: Case, told: Standing, *, first: bool) -> None:
    """Tell the breaker how the order went, once when it was taken and once when it failed."""
    failed = case.attempt.live and told.state is OrderState.FAILED
    if not first and not failed:
        return
    placing = Placing.FAILED if told.state is OrderState.FAILED else Placing.TAKEN
    await _note(case, placing)


async def _note(case: Case, placing: Placing) -> None:
    attempt, at = case.attempt, case.occasion.at
    took_ms = round(((attempt.answered_at or at) - attempt.made_at).total_seconds() * 1_000)
    await note(case.tx, case.occasion.tenant_id, attempt.supplier_id, placing, took_ms, at=at)


async def _processing(case: Case, why: _Why) -> None:
    attempt, occasion = case.attempt, case.occasion
    if why.unknown and not attempt.word_unknown:
        case.happened("attempt.word_unknown", said=why.said[:40])
    unknown = why.unknown or attempt.word_unknown
    if attempt.state is AttemptState.MANUAL:  # a person looks at it already
        await case.note(said=why.said, word_unknown=unknown)
        return
    if attempt.state is not AttemptState.PROCESSING:
        again = first_ask(occasion.rules, occasion.at) if not attempt.asks else attempt.next_at
        await case.move(AttemptState.PROCESSING, said=why.said, word_unknown=unknown, next_at=again)
        case.happened("attempt.processing", said=case.attempt.said)
    else:
        await case.note(word_unknown=unknown)
    if attempt.asks:
        await _ask_on(case, why.said)


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
        await case.move(
            AttemptState.FAILED,
            said=told.said,
            charged_e4=bill.charged_e4,
            refunded_e4=told.refunded_e4,
        )
        case.happened("attempt.failed", said=case.attempt.said, **amounts(kept=kept_e4))
        await case.let_go(said=told.said, tries=await _tries(case))
        return
    await end_without(case, AttemptState.FAILED, told.said, reason="purchase_failed")


async def _refunded(case: Case, told: Standing) -> None:
    """It had been paid, and all or part of the money is back."""
    attempt = case.attempt
    if attempt.state is AttemptState.SUCCEEDED:
        await settle_refund_after(case, told)
    elif told.cards:
        await settle_success(case, told)
    elif attempt.live:
        whole = attempt.total_e4 if told.charged_e4 is None else told.charged_e4
        if told.refunded_e4 >= whole:
            await end_without(case, AttemptState.REFUNDED, told.said, reason="purchase_refunded")
        else:  # how much of what is there nobody tells
            await case.leave_to_people("refunded_in_part")


async def _not_this(case: Case, told: Standing) -> str | None:
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
    bound = await case.tx.execute(
        select(attempts.c.id)
        .where(attempts.c.tenant_id == case.occasion.tenant_id)
        .where(attempts.c.supplier_id == attempt.supplier_id)
        .where(attempts.c.their_number == told.their_number)
    )
    return "their_number_of_another" if bound.first() else None


async def _tries(case: Case) -> int:
    """How many of a purchase's attempts brought nothing."""
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
    found = await case.tx.execute(
        select(func.count(attempts.c.supplier_id.distinct()))
        .where(attempts.c.tenant_id == case.occasion.tenant_id)
        .where(attempts.c.purchase_id == case.purchase.id)
        .where(attempts.c.said == error.code)
    )
    if isinstance(error, AccountRefused) or found.scalar_one() >= INPUTS_REFUSED_MAX:
        await case.move_purchase(PurchaseState.ENDED, said=error.code)
        case.happened("purchase.ended", said=error.code)
