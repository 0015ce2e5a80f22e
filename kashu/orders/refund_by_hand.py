"""Refund by hand: what people do about refunds of platforms that our books can't follow alone."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from kashu.access.actors import is_person
from kashu.access.caller import Caller
from kashu.channels.connections import SHOP_ORDERS_DUE
from kashu.channels.kinds import RefundStep, Step
from kashu.channels.shop_orders import KnownOrder, move, orders_by_number
from kashu.channels.shop_refunds import KnownRefund, locked_refund, move_refund
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.jobs import wake
from kashu.core.money import format_amount
from kashu.orders.ask_for import refund_or_ask
from kashu.orders.errors import (
    RefundLineUnknown,
    ShopRefundAmountMissing,
    ShopRefundDiffers,
    ShopRefundNotInTrouble,
)
from kashu.orders.errors_held import BookedAboveLimit
from kashu.orders.held import Held
from kashu.orders.limits import limits_of
from kashu.orders.reads import lines_of_orders
from kashu.orders.refund import NewRefund, Wanted, WantedLine, refund
from kashu.orders.take_back import (
    IN_PART,
    NOTHING,
    end_where_nothing_is_left,
    place_of_refund,
    refused_before,
)
from kashu.orders.take_in import foreseen_places


async def try_refund_again(tx: Tx, tenant_id: int, actor: str, refund_id: UUID) -> KnownRefund:
    """Let our books follow a refund once what was in its way is put right.

    Locks: the refund. Raises: UnknownShopRefund, ShopRefundNotInTrouble.
    """
    told = await _in_trouble(tx, tenant_id, refund_id)
    await move_refund(tx, tenant_id, told.id, RefundStep.DUE, said="", next_at=now())
    await record(tx, tenant_id, actor, [Event("shop_refund.tried_again", told.id, {})])
    await wake(tx, tenant_id, SHOP_ORDERS_DUE)
    return await locked_refund(tx, tenant_id, told.id)


async def book_refund(
    tx: Tx, caller: Caller, refund_id: UUID, lines: Sequence[WantedLine], *, today: date
) -> KnownRefund | Held:
    """Book a refund as a person says it was: so many units of these lines, and what each cost.

    The amounts add up to what the platform told, with or without what our books gave back before
    when they refused units; of a single line it may be left out. Above the shop's limit it waits
    for another person, whose approval books and settles it.
    Locks: the refund, its platform's order, then as refund().
    Raises: UnknownShopRefund, ShopRefundNotInTrouble, ShopRefundDiffers, ShopRefundAmountMissing,
    BookedAboveLimit, and as refund_or_ask().
    """
    tenant_id = caller.tenant_id
    told = await _in_trouble(tx, tenant_id, refund_id)
    order = await _order_of(tx, tenant_id, told)
    refused_e4 = 0
    if order is not None and order.order_id is not None:
        ours = (await lines_of_orders(tx, tenant_id, [order.order_id]))[order.order_id]
        place = place_of_refund(told, order)
        its = [line for line in ours if place in {None, order.place_of(line.number)}]
        refused_e4 = await refused_before(tx, tenant_id, told, its)
    wanted = Wanted(_with_amounts(told, lines, refused_e4))
    if order is not None and order.order_id is None:  # nobody checks it before it is taken in
        foreseen = await foreseen_places(tx, tenant_id, order)
        places = foreseen or tuple(range(len(order.lines)))
        for line in wanted.lines:
            if line.number > len(places):
                raise RefundLineUnknown(line=line.number)
        await move(tx, tenant_id, order.id, places=list(places))  # its lines must be those
    new = NewRefund(f"store:{told.store_id}", told.number, told.order_number, wanted)
    if order is None or order.order_id is None:
        await _check_limit(tx, caller, told, wanted)
        await refund(tx, tenant_id, caller.actor, new, today)
    else:
        outcome = await refund_or_ask(tx, caller, order.order_id, new, today)
        if isinstance(outcome, Held):
            return outcome
    await settle_booked(tx, tenant_id, caller.actor, told, wanted.lines)
    return await locked_refund(tx, tenant_id, told.id)


async def settle_booked(
    tx: Tx, tenant_id: int, actor: str, told: KnownRefund, lines: Sequence[WantedLine]
) -> None:
    """Note that a refund in trouble, which is locked, is in the books now."""
    order = await _order_of(tx, tenant_id, told)
    event = Event("shop_refund.booked", told.id, {"lines": msgspec.to_builtins(lines)})
    await _settled(tx, tenant_id, actor, told, order, event=event)
    await end_where_nothing_is_left(tx, tenant_id, told)


async def _check_limit(tx: Tx, caller: Caller, told: KnownRefund, wanted: Wanted) -> None:
    """Refuse what another person would have to approve, but has no order to look at yet."""
    limit_e4 = (await limits_of(tx, caller.tenant_id)).refund_above_e4
    amount_e4 = sum(line.amount_e4 or 0 for line in wanted.lines)
    if limit_e4 is not None and is_person(caller.actor) and amount_e4 > limit_e4:
        raise BookedAboveLimit(refund=told.number, limit=format_amount(limit_e4))


async def dismiss_refund(
    tx: Tx, tenant_id: int, actor: str, refund_id: UUID, reason: str
) -> KnownRefund:
    """Say that there is nothing to book of a refund, and why.

    Locks: the refund, its platform's order. Raises: UnknownShopRefund, ShopRefundNotInTrouble.
    """
    told = await _in_trouble(tx, tenant_id, refund_id)
    order = await _order_of(tx, tenant_id, told)
    event = Event("shop_refund.dismissed", told.id, {"reason": reason, "said": told.said})
    await _settled(tx, tenant_id, actor, told, order, event=event, said=NOTHING)
    return await locked_refund(tx, tenant_id, told.id)


async def _in_trouble(tx: Tx, tenant_id: int, refund_id: UUID) -> KnownRefund:
    told = await locked_refund(tx, tenant_id, refund_id)
    if told.step is not RefundStep.TROUBLE:
        raise ShopRefundNotInTrouble(refund=told.number, step=told.step.value)
    return told


async def _order_of(tx: Tx, tenant_id: int, told: KnownRefund) -> KnownOrder | None:
    known = await orders_by_number(tx, tenant_id, told.store_id, [told.order_number])
    return known.get(told.order_number)


def _with_amounts(
    told: KnownRefund, lines: Sequence[WantedLine], refused_e4: int
) -> tuple[WantedLine, ...]:
    rest_e4 = None if told.amount_e4 is None else max(told.amount_e4 - refused_e4, 0)
    if len(lines) == 1 and lines[0].amount_e4 is None and rest_e4 is not None:
        return (WantedLine(lines[0].number, lines[0].quantity, rest_e4),)
    amounts = [line.amount_e4 for line in lines if line.amount_e4 is not None]
    if len(amounts) < len(lines):
        raise ShopRefundAmountMissing
    if told.amount_e4 is not None and sum(amounts) not in {told.amount_e4, rest_e4}:
        raise ShopRefundDiffers(
            given=format_amount(sum(amounts)), told=format_amount(told.amount_e4)
        )
    return tuple(lines)


async def _settled(
    tx: Tx,
    tenant_id: int,
    actor: str,
    told: KnownRefund,
    order: KnownOrder | None,
    *,
    event: Event,
    said: str = "",
) -> None:
    """Note that a person settled it; an order that waited for that alone goes on."""
    await move_refund(tx, tenant_id, told.id, RefundStep.SETTLED, said=said)
    await record(tx, tenant_id, actor, [event])
    if order is None or order.order_id or (order.step, order.said) != (Step.TROUBLE, IN_PART):
        return
    await move(tx, tenant_id, order.id, Step.DUE, said="", next_at=now())
    await wake(tx, tenant_id, SHOP_ORDERS_DUE)
