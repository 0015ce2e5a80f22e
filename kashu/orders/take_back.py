"""Take back: refunds that platforms have paid become refunds in our books."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from kashu.channels.kinds import Mode, RefundStep, Step
from kashu.channels.modes import modes_of
from kashu.channels.shop_orders import KnownOrder, move, orders_by_number
from kashu.channels.shop_refunds import (
    KnownRefund,
    due_refunds,
    lock_refund,
    move_refund,
    refunds_of,
)
from kashu.core.clock import Clock, day_of, now
from kashu.core.db import Database, Tx
from kashu.core.errors import Conflict, Invalid
from kashu.orders.bundles import split_price
from kashu.orders.errors import NothingLeftToRefund
from kashu.orders.reads import Line, order_by_id
from kashu.orders.refund import NewRefund, Wanted, WantedLine, refund
from kashu.orders.take_in import foreseen_places, wait_for_mapping

BATCH: Final = 100  # refunds in a step
WAIT: Final = timedelta(seconds=30)  # for the order of a refund that came first

# Why a refund can't be booked by itself.
LINE_UNKNOWN: Final = "refund_line_unknown"
MANY_LINES: Final = "refund_of_many_lines"  # part of an order's money, of no line in particular
IN_PART: Final = "refunded_in_part"  # before anything was given, or nobody says how much went back

NOTHING: Final = "nothing_to_book"  # a person said so of a refund

ALL_UNITS: Final = 1_000_000_000  # of a line, however many of ours it will be
NO_MONEY: Final = Wanted((WantedLine(1, 0, 0),))  # there is nothing to be booked


async def take_back(database: Database, tenant_id: int, timezone: str, clock: Clock = now) -> bool:
    """Book a batch of refunds, each by itself: one that can't be doesn't hold up the others."""
    at = clock()
    async with database.transaction(tenant_id) as tx:
        due = await due_refunds(tx, tenant_id, at, most=BATCH)
    for each in due:
        try:
            async with database.transaction(tenant_id) as tx:
                if await lock_refund(tx, tenant_id, each.id):
                    await _book(tx, tenant_id, each, day_of(at, timezone), clock)
        except (Conflict, Invalid) as error:  # our books say that it can't be: a person looks
            gone = isinstance(error, NothingLeftToRefund)  # booked before, by hand or as a refusal
            step = RefundStep.SETTLED if gone else RefundStep.TROUBLE
            async with database.transaction(tenant_id) as tx:
                if await lock_refund(tx, tenant_id, each.id):
                    await move_refund(tx, tenant_id, each.id, step, said=error.code)
                    await end_where_nothing_is_left(tx, tenant_id, each)
    return len(due) == BATCH


async def _book(tx: Tx, tenant_id: int, told: KnownRefund, today: date, clock: Clock) -> None:
    """Locks: the refund, its platform's order, then as refund()."""
    known = await orders_by_number(tx, tenant_id, told.store_id, [told.order_number])
    order = known.get(told.order_number)
    if order is None or not (order.complete or order.order_id):
        # News overtake each other; the order will be told of, or read in full.
        await move_refund(tx, tenant_id, told.id, RefundStep.DUE, next_at=clock() + WAIT)
        return
    if order.order_id is None and order.step is Step.ENDED:  # nothing was given for it
        await move_refund(tx, tenant_id, told.id, RefundStep.SETTLED)
        return
    if order.order_id is None and await _in_shadow(tx, tenant_id, order):
        if _is_whole(told, order):
            await move(tx, tenant_id, order.id, Step.ENDED, said="")
        await move_refund(tx, tenant_id, told.id, RefundStep.SETTLED)
        return
    if order.order_id is None:
        places = await foreseen_places(tx, tenant_id, order)
        if places is None and not _is_whole(told, order):
            # Which lines of ours it will be of isn't known before its listings are mapped.
            if order.step is Step.DUE:  # nobody else takes it in before its refund is booked
                await wait_for_mapping(tx, tenant_id, [order])
            await move_refund(tx, tenant_id, told.id, RefundStep.DUE, next_at=clock() + WAIT)
            return
        wanted, said = _before_taken(told, order, places or ())
    else:
        wanted, said = await _wanted(tx, tenant_id, told, order)
        places = None
    await _write(tx, tenant_id, told, order, wanted, said=said, today=today, places=places)


async def _write(
    tx: Tx,
    tenant_id: int,
    told: KnownRefund,
    order: KnownOrder,
    wanted: Wanted | None,
    *,
    said: str,
    today: date,
    places: Sequence[int] | None,
) -> None:
    """Write down a refund in our words, or why it can't be.

    `places`: of an order that isn't ours yet; its lines must be those that were foretold.
    """
    if wanted is None:
        await move_refund(tx, tenant_id, told.id, RefundStep.TROUBLE, said=said)
        if order.order_id is None:
            await move(tx, tenant_id, order.id, Step.TROUBLE, said=said)
        return
    if order.order_id is None and not wanted.lines:
        await move(tx, tenant_id, order.id, Step.ENDED, said="")
    elif wanted != NO_MONEY:
        new = NewRefund(f"store:{told.store_id}", told.number, told.order_number, wanted)
        await refund(tx, tenant_id, "system", new, today)
        if places is not None:
            await move(tx, tenant_id, order.id, places=list(places))
    await move_refund(tx, tenant_id, told.id, RefundStep.SETTLED)
    await end_where_nothing_is_left(tx, tenant_id, told)


async def _in_shadow(tx: Tx, tenant_id: int, order: KnownOrder) -> bool:
    """Whether the old way delivers it: our books know nothing of it."""
    return (await modes_of(tx, tenant_id, [order]))[order.id].mode is Mode.SHADOW


def _is_whole(told: KnownRefund, order: KnownOrder) -> bool:
    """Whether all of an order's money went back."""
    return told.amount_e4 is not None and told.amount_e4 >= order.paid_e4


def _before_taken(
    told: KnownRefund, order: KnownOrder, places: Sequence[int]
) -> tuple[Wanted | None, str]:
    """Say what is never to be given, of an order that we haven't taken in: whole lines only."""
    if told.amount_e4 is None:
        return None, IN_PART
    if _is_whole(told, order):
        return Wanted(), ""
    place = next((n for n, line in enumerate(order.lines) if line.line_id == told.line), None)
    if place is None or told.amount_e4 < order.lines[place].paid_e4:
        return None, IN_PART
    ours = [number for number, each in enumerate(places, start=1) if each == place]
    if not ours:  # a bundle without parts; no lines would stand for all of the order
        return None, IN_PART
    amount_e4 = told.amount_e4 if len(ours) == 1 else None  # of a bundle's parts: all there is
    return Wanted(tuple(WantedLine(number, ALL_UNITS, amount_e4) for number in ours)), ""


async def _wanted(
    tx: Tx, tenant_id: int, told: KnownRefund, order: KnownOrder
) -> tuple[Wanted | None, str]:
    """Say in our words what went back: whole lines with their cards, or only money.

    The last part of a line's money takes its cards back, as all of it at once would. What the
    platform doesn't say is for a person to say.
    """
    if told.amount_e4 is None:
        return None, IN_PART
    if told.amount_e4 >= order.paid_e4:
        return Wanted(), ""
    place = place_of_refund(told, order)
    if place is None:
        return None, LINE_UNKNOWN if told.line else MANY_LINES
    assert order.order_id is not None, "it was looked at"
    _, lines = await order_by_id(tx, tenant_id, order.order_id)
    ours = [line for line in lines if order.place_of(line.number) == place]
    left_e4 = [line.price_e4 - line.refunded_e4 for line in ours]
    amount_e4 = told.amount_e4
    if any(left_e4):
        amount_e4 -= min(await refused_before(tx, tenant_id, told, ours), amount_e4)
        if not amount_e4:
            return NO_MONEY, ""
    whole = amount_e4 >= min(sum(left_e4), order.lines[place].paid_e4)
    shares = left_e4
    if amount_e4 != sum(left_e4):
        shares = split_price(amount_e4, left_e4 if any(left_e4) else [1] * len(ours))
    wanted = [
        WantedLine(line.number, line.waiting + line.delivered if whole else 0, share_e4)
        for line, share_e4 in zip(ours, shares, strict=True)
    ]
    some = tuple(each for each in wanted if each.quantity or each.amount_e4)
    return Wanted(some or tuple(wanted)), ""  # none would stand for all of the order


def place_of_refund(told: KnownRefund, order: KnownOrder) -> int | None:
    """Say which of an order's lines a refund is of; None: of none in particular."""
    place = next((n for n, line in enumerate(order.lines) if line.line_id == told.line), None)
    return 0 if place is None and len(order.lines) == 1 else place


async def refused_before(tx: Tx, tenant_id: int, told: KnownRefund, lines: Sequence[Line]) -> int:
    """Say how much our books gave back of lines whose units they refused, before it was told.

    Refusing gives the money back in our books at once; the platform pays it back some day, alone or
    with the rest of its line. Only what it hasn't told of yet counts.
    """
    if not any(line.refused for line in lines):
        return 0
    earlier = [
        each.amount_e4 or 0
        for each in await refunds_of(tx, tenant_id, told.store_id, told.order_number)
        if each.id != told.id and each.step is RefundStep.SETTLED and each.said != NOTHING
        if not told.line or each.line in {told.line, ""}
    ]
    return max(sum(line.refunded_e4 for line in lines) - sum(earlier), 0)


async def end_where_nothing_is_left(tx: Tx, tenant_id: int, told: KnownRefund) -> None:
    """An order in trouble whose buyer has nothing, and is owed nothing, needs nobody any more."""
    known = await orders_by_number(tx, tenant_id, told.store_id, [told.order_number])
    order = known.get(told.order_number)
    if order is None or order.order_id is None or order.sent or order.step is not Step.TROUBLE:
        return
    _, lines = await order_by_id(tx, tenant_id, order.order_id)
    if not any(line.waiting or line.delivered for line in lines):
        await move(tx, tenant_id, order.id, Step.ENDED, said="")
