"""The desk: money in doubt, for people to see; and what only people can decide.

What asking doesn't clear up is never decided by a timer. That it was bought is proved by the goods;
that it wasn't, by somebody's word: with a reason and what proves it, and above a limit by two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select

from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.core.money import E4, exchanged, format_amount
from kashu.purchases.errors import (
    AttemptNotYours,
    AttemptSettled,
    CardsUnreadable,
    EvidenceMissing,
    NothingToTake,
    PurchaseUnderWay,
    SecondPersonNeeded,
)
from kashu.purchases.four_eyes import people_behind
from kashu.purchases.in_ours import in_ours
from kashu.purchases.kinds import LIVE, AttemptState
from kashu.purchases.moves import Case, Occasion, open_case
from kashu.purchases.reads import Attempt, attempt_of, purchase_of
from kashu.purchases.receive_cards import readable
from kashu.purchases.rules import Scope, rules_in_force
from kashu.purchases.settle import Source, end_without, settle
from kashu.purchases.tables import attempts, verdicts
from kashu.stock.recognise_cells import Refused
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import BoughtCard, OrderState, Standing

ONE_PERSON_MAX_E4: Final = 500 * E4  # where the merchant has set no limit of its own
TEXT_MAX: Final = 2_000  # characters of a reason and of what proves it
BY_HAND: Final = "by_hand"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Our money at one supplier whose outcome isn't known, in our currency as it was ordered."""

    supplier_id: UUID
    amount_e4: int
    attempts: int
    left_to_people: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody said of an attempt."""

    bought: bool
    reason: str
    evidence: str
    said_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Bought:
    """What a person has in hand that was bought: the cards, or a top-up's number and receipt."""

    cards: Sequence[BoughtCard] = ()
    their_number: str = ""
    charged_e4: int | None = None
    receipt: str = ""


async def in_doubt(tx: Tx, tenant_id: int) -> list[Doubt]:
    """Read our money in doubt by supplier, the most of it first."""
    ours = func.sum(in_ours(attempts.c.total_e4))
    left: ColumnElement[bool] = attempts.c.state == AttemptState.MANUAL.value
    wanted = (
        select(
            attempts.c.supplier_id,
            ours.label("amount_e4"),
            func.count().label("attempts"),
            func.count().filter(left).label("left_to_people"),
            func.min(attempts.c.made_at).label("oldest_at"),
        )
        .where(attempts.c.tenant_id == tenant_id)
        .where(attempts.c.state.in_([state.value for state in LIVE]))
        .group_by(attempts.c.supplier_id)
        .order_by(ours.desc(), attempts.c.supplier_id)
    )
    return [
        Doubt(row.supplier_id, int(row.amount_e4), row.attempts, row.left_to_people, row.oldest_at)
        for row in await tx.execute(wanted)
    ]


async def verdicts_of(tx: Tx, tenant_id: int, attempt_id: UUID) -> list[Verdict]:
    """Read what people said of an attempt, oldest first."""
    wanted = (
        select(
            verdicts.c.bought,
            verdicts.c.reason,
            verdicts.c.evidence,
            verdicts.c.said_by,
            verdicts.c.at,
        )
        .where(verdicts.c.tenant_id == tenant_id, verdicts.c.attempt_id == attempt_id)
        .order_by(verdicts.c.at, verdicts.c.id)
    )
    return [Verdict(*row) for row in await tx.execute(wanted)]


async def was_bought(tx: Tx, occasion: Occasion, attempt_id: UUID, bought: Bought) -> Attempt:
    """It was bought: here is what came. Also after it was given up; then it is surplus.

    The goods are checked as if the supplier's system had handed them over.
    Raises: UnknownAttempt, PurchaseUnderWay, AttemptSettled, NothingToTake, CardsUnreadable.
    """
    tenant_id = occasion.tenant_id
    attempt = await attempt_of(tx, tenant_id, attempt_id)
    if attempt.state is AttemptState.SENDING:
        raise PurchaseUnderWay(purchase=attempt.purchase_id)
    if attempt.state is AttemptState.SUCCEEDED:
        raise AttemptSettled(state=attempt.state.value)
    purchase = await purchase_of(tx, tenant_id, attempt.purchase_id)
    if purchase.goods is not Goods.TOPUP and not bought.cards:
        raise NothingToTake
    for place, card in enumerate(bought.cards, start=1):
        try:
            readable(card)
        except Refused as refused:
            raise CardsUnreadable(place=place, why=refused.reason.value) from refused
    told = Standing(
        OrderState.SUCCEEDED,
        attempt.number,
        bought.their_number,
        BY_HAND,
        charged_e4=bought.charged_e4,
        cards=tuple(bought.cards) or None,
        receipt=bought.receipt,
    )
    settled = await settle(tx, occasion, attempt_id, told, source=Source.PERSON)
    if settled.state is not AttemptState.SUCCEEDED:  # their number is another order's
        raise AttemptSettled(state=settled.said)
    await _say(tx, occasion, attempt_id, bought=True, reason=BY_HAND, evidence="")
    return settled


async def was_not_bought(
    tx: Tx, occasion: Occasion, attempt_id: UUID, *, reason: str, evidence: str
) -> Attempt:
    """It wasn't bought: its money comes back, and it is ordered elsewhere.

    Above the merchant's limit for purchases (or ONE_PERSON_MAX_E4) nothing changes until somebody
    else says so, too: the attempt is returned as it was.
    Raises: UnknownAttempt, EvidenceMissing, AttemptSettled, AttemptNotYours, SecondPersonNeeded.
    """
    reason, evidence = reason.strip()[:TEXT_MAX], evidence.strip()[:TEXT_MAX]
    if not reason or not evidence:
        raise EvidenceMissing
    case = await open_case(tx, occasion, attempt_id)
    if not case.attempt.live:
        raise AttemptSettled(state=case.attempt.state.value)
    if case.attempt.state is not AttemptState.MANUAL:
        raise AttemptNotYours(state=case.attempt.state.value)
    limit_e4 = await _limit(case)
    at_stake_e4 = exchanged(case.attempt.total_e4, case.attempt.rate_e6)
    others = set()
    if at_stake_e4 > limit_e4:
        others = {
            each.said_by
            for each in await verdicts_of(tx, occasion.tenant_id, attempt_id)
            if not each.bought
        }
        mine = await people_behind(tx, occasion.tenant_id, occasion.actor)
        before: set[str] = set()
        for each in others:
            before |= await people_behind(tx, occasion.tenant_id, each)
        if others and not before - mine:
            raise SecondPersonNeeded(limit=format_amount(limit_e4))
    await _say(tx, occasion, attempt_id, bought=False, reason=reason, evidence=evidence)
    case.happened("attempt.said_not_bought", reason=reason, evidence=evidence)
    if others or at_stake_e4 <= limit_e4:
        await end_without(case, AttemptState.REFUSED, "said_by_people")
    await case.close()
    return case.attempt


async def _limit(case: Case) -> int:
    purchase = case.purchase
    scope = Scope(purchase.sku_id, purchase.store_id, purchase.customer_id)
    rules = await rules_in_force(case.tx, case.occasion.tenant_id, scope)
    above_e4 = rules.limits.approval_above_e4
    return ONE_PERSON_MAX_E4 if above_e4 is None else above_e4


async def _say(
    tx: Tx, occasion: Occasion, attempt_id: UUID, *, bought: bool, reason: str, evidence: str
) -> None:
    await tx.execute(
        insert(verdicts).values(
            tenant_id=occasion.tenant_id,
            id=new_id(),
            attempt_id=attempt_id,
            bought=bought,
            reason=reason,
            evidence=evidence,
            said_by=occasion.actor,
            at=occasion.at,
        )
    )
