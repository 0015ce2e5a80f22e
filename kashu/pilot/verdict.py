"""Verdict: what Kashu decided or did about an order, as one cause or none. Pure."""

from typing import Final

from kashu.channels.channel import ShopState
from kashu.channels.kinds import Step
from kashu.channels.left_to_people import LISTING_STOPPED, PAID_BEFORE, TO_BE_RELEASED
from kashu.channels.paid_orders import ToldOrder
from kashu.channels.shop_orders import (
    NUMBERS_WRONG,
    PLATFORM_HOLDS,
    REFUND_ASKED,
    KnownOrder,
)
from kashu.core.clock import day_of
from kashu.pilot.causes import Cause
from kashu.pilot.facts import Facts

_SAID: Final = {
    "": None,
    "short": Cause.SHORT,
    "listing_not_mapped": Cause.UNMAPPED,
    "not_from_stock": Cause.NOT_FROM_STOCK,
    "account_wanted": Cause.NOT_FROM_STOCK,
    "to_be_topped_up": Cause.NOT_FROM_STOCK,
    "too_many_units": Cause.TOO_MANY_UNITS,
}
_HELD: Final = {
    REFUND_ASKED: Cause.REFUNDED,
    PLATFORM_HOLDS: Cause.PLATFORM_HOLDS,
    NUMBERS_WRONG: Cause.NUMBERS_WRONG,
    TO_BE_RELEASED: Cause.NOT_RELEASED,
    PAID_BEFORE: Cause.BEFORE_THE_PILOT,
    LISTING_STOPPED: Cause.STOPPED,
}
_SHIPPED: Final = frozenset({ShopState.SHIPPED, ShopState.FINISHED})
_DONE: Final = frozenset({Step.TAKEN, Step.SENT, Step.CONFIRMED})


def why_not(facts: Facts, told: ToldOrder) -> Cause | None:
    """Say why an order would not have gone out, or didn't; None: it would have, or did."""
    known = told.known
    if known.step is Step.TROUBLE:
        return Cause.IN_TROUBLE
    if known.order_id is not None:
        return Cause.SHORT if known.said == "short" else None
    decision = facts.decisions.get(known.id)
    if decision is not None:
        return _SAID.get(decision.said, Cause.IN_TROUBLE)
    return _undecided(facts, known)


def _undecided(facts: Facts, known: KnownOrder) -> Cause:
    if known.step is Step.HELD:
        return _HELD.get(known.said, Cause.IN_TROUBLE)
    too_early = known.paid_at and facts.shadow_from and known.paid_at < facts.shadow_from
    wrong = sum(line.paid_e4 for line in known.lines) != known.paid_e4
    because = (
        (known.step is Step.UNMAPPED, Cause.UNMAPPED),
        (known.number in facts.refunded, Cause.REFUNDED),
        (known.state is ShopState.CLOSED, Cause.CLOSED),
        (known.paid_at is None or known.state is ShopState.UNPAID, Cause.NOT_PAID),
        (too_early, Cause.BEFORE_THE_PILOT),
        (wrong, Cause.NUMBERS_WRONG),
        (known.step is Step.SEEN, Cause.NOT_YET),
    )
    return next((cause for is_so, cause in because if is_so), Cause.STOPPED)


def why_only_ours(facts: Facts, told: ToldOrder, *, on_another_day: bool) -> Cause:
    """Say why the sheet hasn't an order that would have gone out, or did."""
    known = told.known
    if known.order_id is not None and known.step in _DONE:
        return Cause.DONE_BY_KASHU
    if on_another_day:
        return Cause.ANOTHER_DAY
    if known.number in facts.refunded:
        return Cause.REFUNDED
    if known.state is ShopState.CLOSED:
        return Cause.CLOSED
    if known.state not in _SHIPPED:
        return Cause.NOT_DELIVERED_THERE
    changed_on = day_of(told.changed_at, facts.timezone)
    late = known.state is ShopState.SHIPPED and changed_on > facts.day
    return Cause.ANOTHER_DAY if late else Cause.NOT_IN_SHEET
