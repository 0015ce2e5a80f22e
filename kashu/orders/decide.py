"""Decide: a second person lets what waits happen, or refuses it; who asked may take it back."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import func, select, update

from kashu.access.actors import is_person
from kashu.access.keyring import Keyrings
from kashu.channels.shop_refunds import refund_in_trouble
from kashu.core.clock import day_of
from kashu.core.db import Tx, on_violation
from kashu.core.errors import KashuError
from kashu.core.events import Event, record
from kashu.core.money import format_amount
from kashu.orders.answers import OrdersAnswer
from kashu.orders.ask_for import with_accounts, without_people
from kashu.orders.bodies import OrderBody, OrdersBody
from kashu.orders.errors_held import (
    ApprovalDecided,
    NotTheirs,
    NumbersTaken,
    OrderApproverNotAPerson,
    OwnRequest,
    RefundChanged,
)
from kashu.orders.held import Held, held_by_id
from kashu.orders.promises import check_reservations, name_reservations
from kashu.orders.reads import order_by_id
from kashu.orders.refund import NewRefund, Wanted, refund
from kashu.orders.refund_by_hand import settle_booked
from kashu.orders.tables import HeldKind, HeldState, held
from kashu.orders.write import Answered, Submission, write

on_violation("held_is_approved_by_another", OwnRequest)

_DONE: Final = {
    HeldState.APPROVED: ("批准", "approved"),
    HeldState.REFUSED: ("驳回", "refused"),
    HeldState.CANCELLED: ("撤回", "taken back"),
}


async def approve_held(
    tx: Tx,
    tenant_id: int,
    actor: str,
    held_id: UUID,
    *,
    keyrings: Keyrings,
    timezone: str,
    at: datetime,
) -> Held:
    """Let orders be placed, or money go back, that somebody else asked for: in this transaction.

    What is wrong with it by now, such as a SKU that isn't sold any more, is said, and it waits on.
    Locks: the row, a platform's refund that was booked so, then as write() or refund().
    Raises: UnknownApproval, OrderApproverNotAPerson, OwnRequest, ApprovalDecided, OrderWrong,
    RefundChanged, and what refund() raises.
    """
    if not is_person(actor):
        raise OrderApproverNotAPerson
    waits = await _waiting(tx, tenant_id, held_id, "批准", "approved")
    if waits.asked_by == actor:
        raise OwnRequest
    if waits.kind is HeldKind.ORDERS:
        happened = await _place(tx, tenant_id, waits, keyrings, timezone=timezone, at=at)
        kind = "order.approved"
    else:
        happened = [await _give_back(tx, tenant_id, waits, timezone=timezone, at=at)]
        kind = "order.refund_approved"
    await _move(tx, tenant_id, waits, state=HeldState.APPROVED, approved_by=actor, approved_at=at)
    facts = {"asked_by": waits.asked_by, "approval_id": str(held_id)}
    events = [Event(kind, order_id, facts) for order_id in happened]
    events.append(Event("approval.approved", held_id, waits.facts | {"asked_by": waits.asked_by}))
    await record(tx, tenant_id, actor, events)
    return await held_by_id(tx, tenant_id, held_id)


async def refuse_held(tx: Tx, tenant_id: int, actor: str, held_id: UUID, *, because: str) -> Held:
    """Don't let what somebody else asked for happen: it ends.

    Locks: the row. Raises: UnknownApproval, OwnRequest, ApprovalDecided.
    """
    waits = await _waiting(tx, tenant_id, held_id, "驳回", "refused")
    if waits.asked_by == actor:
        raise OwnRequest
    return await _end(tx, tenant_id, actor, waits, HeldState.REFUSED, because=because)


async def take_back_held(
    tx: Tx, tenant_id: int, actor: str, held_id: UUID, *, because: str
) -> Held:
    """Take back what oneself asked for.

    Locks: the row. Raises: UnknownApproval, NotTheirs, ApprovalDecided.
    """
    waits = await _waiting(tx, tenant_id, held_id, "撤回", "taken back")
    if waits.asked_by != actor:
        raise NotTheirs
    return await _end(tx, tenant_id, actor, waits, HeldState.CANCELLED, because=because)


async def _end(
    tx: Tx, tenant_id: int, actor: str, waits: Held, state: HeldState, *, because: str
) -> Held:
    await _move(
        tx,
        tenant_id,
        waits,
        state=state,
        ended_by=actor,
        ended_at=func.now(),
        ended_because=because,
    )
    facts = waits.facts | {"asked_by": waits.asked_by, "because": because}
    kind = "approval.refused" if state is HeldState.REFUSED else "approval.taken_back"
    await record(tx, tenant_id, actor, [Event(kind, waits.id, facts)])
    return await held_by_id(tx, tenant_id, waits.id)


async def _waiting(tx: Tx, tenant_id: int, held_id: UUID, what: str, doing: str) -> Held:
    """Lock one that waits, and read it."""
    await tx.execute(
        select(held.c.id)
        .where(held.c.tenant_id == tenant_id, held.c.id == held_id)
        .with_for_update()
    )
    found = await held_by_id(tx, tenant_id, held_id)
    if found.state is not HeldState.ASKED:
        zh, en = _DONE[found.state]
        raise ApprovalDecided(state=zh, what=what, done=en, doing=doing)
    return found


async def _move(tx: Tx, tenant_id: int, waits: Held, **values: Any) -> None:  # noqa: ANN401
    """Note that it was decided. No buyer stays, nor an account's mask: orders have their own."""
    if waits.kind is HeldKind.ORDERS:
        values["wanted"] = without_people(waits.wanted)
    await tx.execute(
        update(held)
        .where(held.c.tenant_id == tenant_id, held.c.id == waits.id)
        .where(held.c.state == HeldState.ASKED)
        .values(sealed_accounts=None, key_version=None, **values)
    )


async def _place(
    tx: Tx, tenant_id: int, waits: Held, keyrings: Keyrings, *, timezone: str, at: datetime
) -> list[UUID]:
    """Place its orders under the request's own key: who repeats that gets their answer."""
    orders = msgspec.convert(waits.wanted, tuple[OrderBody, ...], strict=False)
    if waits.sealed_accounts is not None and waits.key_version is not None:
        keyring = await keyrings.of(tx, tenant_id, version=waits.key_version)
        opened = keyring.open(
            waits.sealed_accounts, waits.key_version, kind=waits.id, owner=waits.id
        )
        orders = with_accounts(orders, msgspec.json.decode(opened.clear, type=list[str]))
    orders = tuple(
        order
        if order.paid_at is not None
        else msgspec.structs.replace(order, paid_at=waits.asked_at)
        for order in orders
    )
    if name_reservations(orders):
        await check_reservations(tx, tenant_id, orders)
    submission = Submission(
        waits.asked_by,
        waits.request_key,
        waits.request_hash,
        OrdersBody(orders, "later", sure=True),
    )
    [answer] = await write(tx, tenant_id, [submission], keyrings=keyrings, timezone=timezone, at=at)
    if isinstance(answer, KashuError):
        raise answer
    content = answer.content if isinstance(answer, Answered) else answer.answer
    told = msgspec.json.decode(content, type=OrdersAnswer)
    taken = [order.external_id for order in told.orders if order.differs]
    if taken:  # somebody else used the number for another order: nothing would come of these
        raise NumbersTaken(numbers=", ".join(taken[:5]))
    return [order.order_id for order in told.orders if order.new]


async def _give_back(tx: Tx, tenant_id: int, waits: Held, *, timezone: str, at: datetime) -> UUID:
    assert waits.order_id is not None, "a refund is of an order"
    order, _ = await order_by_id(tx, tenant_id, waits.order_id)
    wanted = msgspec.convert(waits.wanted, Wanted)
    new = NewRefund(order.source, waits.request_key, order.external_id, wanted)
    told = None
    if order.store_id is not None:  # what a platform paid back and somebody booked by hand
        told = await refund_in_trouble(tx, tenant_id, order.store_id, waits.request_key)
    outcome = await refund(tx, tenant_id, waits.asked_by, new, day_of(at, timezone))
    units = sum(each["units"] for each in outcome.effect)
    if (units, outcome.amount_e4) != (waits.units, waits.amount_e4):
        raise RefundChanged(
            asked_units=waits.units,
            asked=format_amount(waits.amount_e4),
            units=units,
            amount=format_amount(outcome.amount_e4),
        )
    if told is not None and told.order_number == order.external_id:
        await settle_booked(tx, tenant_id, waits.asked_by, told, wanted.lines)
    return waits.order_id
