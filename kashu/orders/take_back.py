"""Take back: refunds that platforms have paid become refunds in our books."""

from datetime import date, timedelta
from typing import Final

from kashu.channels.kinds import RefundStep, Step
from kashu.channels.shop_orders import KnownOrder, move, orders_by_number
from kashu.channels.shop_refunds import KnownRefund, due_refunds, lock_refund, move_refund
from kashu.core.clock import Clock, day_of, now
from kashu.core.db import Database, Tx
from kashu.core.errors import Conflict, Invalid
from kashu.orders.errors import NothingLeftToRefund
from kashu.orders.reads import order_by_id
from kashu.orders.refund import NewRefund, Wanted, WantedLine, refund

BATCH: Final = 100  # refunds in a step
WAIT: Final = timedelta(seconds=30)  # for the order of a refund that came first

# Why a refund can't be booked by itself.
LINE_UNKNOWN: Final = "refund_line_unknown"
MANY_LINES: Final = "refund_of_many_lines"  # part of an order's money, of no line in particular
IN_PART: Final = "refunded_in_part"  # before anything was given: how many are still wanted?

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
                    await _end_where_nothing_is_left(tx, tenant_id, each)
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
    if order.order_id is None:
        wanted, said = _before_taken(told, order)
    else:
        wanted, said = await _wanted(tx, tenant_id, told, order)
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
    await move_refund(tx, tenant_id, told.id, RefundStep.SETTLED)
    await _end_where_nothing_is_left(tx, tenant_id, told)


def _before_taken(told: KnownRefund, order: KnownOrder) -> tuple[Wanted | None, str]:
    """Say what is never to be given, of an order that we haven't taken in: whole lines only."""
    if told.amount_e4 >= order.paid_e4:
        return Wanted(), ""
    place = next((n for n, line in enumerate(order.lines) if line.line_id == told.line), None)
    if place is None or told.amount_e4 < order.lines[place].paid_e4:
        return None, IN_PART
    return Wanted((WantedLine(place + 1, ALL_UNITS, told.amount_e4),)), ""


async def _wanted(
    tx: Tx, tenant_id: int, told: KnownRefund, order: KnownOrder
) -> tuple[Wanted | None, str]:
    """Say in our words what went back: whole lines with their cards, or only money.

    The last part of a line's money takes its cards back, as all of it at once would.
    """
    if told.amount_e4 >= order.paid_e4:
        return Wanted(), ""
    place = next((n for n, line in enumerate(order.lines) if line.line_id == told.line), None)
    if place is None and len(order.lines) == 1:
        place = 0
    if place is None:
        return None, LINE_UNKNOWN if told.line else MANY_LINES
    assert order.order_id is not None, "it was looked at"
    _, lines = await order_by_id(tx, tenant_id, order.order_id)
    ours = lines[place]
    left_e4 = ours.price_e4 - ours.refunded_e4
    if not told.amount_e4 and left_e4:
        return NO_MONEY, ""
    whole = told.amount_e4 >= min(left_e4, order.lines[place].paid_e4)
    units = ours.waiting + ours.delivered if whole else 0
    return Wanted((WantedLine(ours.number, units, told.amount_e4),)), ""


async def _end_where_nothing_is_left(tx: Tx, tenant_id: int, told: KnownRefund) -> None:
    """An order in trouble whose buyer has nothing, and is owed nothing, needs nobody any more."""
    known = await orders_by_number(tx, tenant_id, told.store_id, [told.order_number])
    order = known.get(told.order_number)
    if order is None or order.order_id is None or order.sent or order.step is not Step.TROUBLE:
        return
    _, lines = await order_by_id(tx, tenant_id, order.order_id)
    if not any(line.waiting or line.delivered for line in lines):
        await move(tx, tenant_id, order.id, Step.ENDED, said="")
