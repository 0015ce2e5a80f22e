"""Ask for: what lies above a limit of the shop's is written down for a second person instead."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import func, insert, select

from kashu.access.actors import is_person
from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.core.clock import now
from kashu.core.db import Tx, one_at_a_time
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.orders.account_rule import mask_account
from kashu.orders.bodies import OrderBody, OrdersBody, read_orders
from kashu.orders.bring_in import checked
from kashu.orders.buyer import mask_buyer
from kashu.orders.errors import KeyReused
from kashu.orders.errors_held import AskedOtherwise
from kashu.orders.held import Held, Wanted, held_by_id, held_list, held_request
from kashu.orders.intake import Intake
from kashu.orders.limits import limits_of
from kashu.orders.reads import outcomes_of
from kashu.orders.refund import NewRefund, RefundOutcome, refund
from kashu.orders.requests import remembered
from kashu.orders.tables import HeldKind, HeldState, held, lines
from kashu.orders.write import Answered, Submission, known_to

_ENDED: Final = frozenset({HeldState.REFUSED, HeldState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Size:
    """What some new orders come to."""

    orders: int
    units: int
    amount_e4: int
    counted_e4: int  # against the limit: what it is worth where the price is next to nothing


async def bring_in_or_ask(
    intake: Intake,
    keyrings: Keyrings,
    caller: Caller,
    key: str,
    *,
    content: bytes,
    body: OrdersBody,
) -> Answered | Held:
    """Take a person's request for orders, or write it down where it is above a limit.

    A program's orders are never above one. Raises: as bring_in(), OrderWrong.
    """
    submission = await checked(intake, caller, key, content, body)
    if is_person(caller.actor):
        async with intake.database.transaction(caller.tenant_id) as tx:
            waits = await ask_where_above(tx, caller, keyrings, [submission])
        if waits:
            return waits[0]
    return await intake.submit(caller.tenant_id, submission, caller.timezone)


async def ask_where_above(
    tx: Tx,
    caller: Caller,
    keyrings: Keyrings,
    submissions: Sequence[Submission],
    *,
    file_name: str = "",
) -> list[Held]:
    """Write requests down that are above a limit together; those that aren't here may go on.

    What was asked for before under a request's key still waits, or stays refused: but a file may be
    asked for again. What was taken in before counts for nothing.
    Locks: what this person asks for, one at a time.
    Raises: OrderWrong, KeyReused.
    """
    tenant_id, at = caller.tenant_id, now()
    await one_at_a_time(tx, f"ask for {tenant_id} {caller.actor}")
    limits = await limits_of(tx, tenant_id)
    waits: list[Held] = []
    fresh: dict[int, Size] = {}
    said = ""
    for part, submission in enumerate(submissions, start=1):
        earlier = await held_request(tx, tenant_id, submission.caller, submission.key)
        if earlier is not None and earlier.request_hash != submission.body_hash:
            raise KeyReused
        if earlier is None and limits.let_all_orders_by:
            continue
        if earlier is None or (earlier.state in _ENDED and file_name):
            fresh[part] = await size_of(tx, tenant_id, submission, at)
            said = said or (earlier.said if earlier is not None else "")
        elif earlier.state is not HeldState.APPROVED:
            waits.append(earlier)
    counted_e4 = sum(size.counted_e4 for size in fresh.values())
    said = limits.why_ask(counted_e4, sum(size.units for size in fresh.values())) or said
    for part, size in fresh.items():
        if said and size.orders:
            of = {"said": said, "file_name": file_name, "part": part, "parts": len(submissions)}
            submission = submissions[part - 1]
            waits.append(await _write_down(tx, tenant_id, keyrings, submission, size=size, of=of))
    return waits


async def size_of(tx: Tx, tenant_id: int, submission: Submission, at: datetime) -> Size:
    """Say what the orders of a request come to that aren't there yet. Raises: OrderWrong.

    A line for less than a third of its face value counts as that: the price is what they type.
    """
    name = (submission.caller, submission.key)
    if name in await remembered(tx, tenant_id, [name]):
        return Size(0, 0, 0, 0)
    known = await known_to(tx, tenant_id, [submission], at)
    bodies = submission.body.orders
    read = read_orders(bodies, known, actor=submission.caller, at=at, own=submission.own)
    there = await outcomes_of(tx, tenant_id, [(each.source, each.external_id) for each in read])
    new = [each for each in read if (each.source, each.external_id) not in there]
    wanted = [line for each in new for line in each.lines]
    worth = {sku.id: sku.face_value_e4 or 0 for sku in known.every_sku}
    counted_e4 = 0
    for line in wanted:
        worth_e4 = line.quantity * worth.get(line.sku_id, 0)
        counted_e4 += line.price_e4 if 3 * line.price_e4 >= worth_e4 else worth_e4
    amount_e4 = sum(line.price_e4 for line in wanted)
    return Size(len(new), sum(line.quantity for line in wanted), amount_e4, counted_e4)


async def refund_or_ask(
    tx: Tx, caller: Caller, order_id: UUID, wanted: NewRefund, today: date
) -> RefundOutcome | Held:
    """Give back what a person asks for, or write it down where it is above the limit.

    It is given back on trial, and taken back again: so what it comes to is what it would.
    Raises: as refund(), AskedOtherwise.
    """
    tenant_id = caller.tenant_id
    limits = await limits_of(tx, tenant_id)
    if limits.refund_above_e4 is None or not is_person(caller.actor):
        return await refund(tx, tenant_id, caller.actor, wanted, today)
    await one_at_a_time(tx, f"ask for {tenant_id} {order_id}")
    waiting = await _waiting_refunds(tx, tenant_id, order_id)
    trial = await tx.begin_nested()
    outcome = await refund(tx, tenant_id, caller.actor, wanted, today)
    back_e4 = await _given_back(tx, tenant_id, order_id)  # in parts, too, it is so much
    if not outcome.new or (not waiting and back_e4 <= limits.refund_above_e4):
        await trial.commit()
        return outcome
    await trial.rollback()
    return await _ask_refund(tx, caller, order_id, wanted, outcome, waiting=waiting)


async def is_above_limit(
    tx: Tx, tenant_id: int, actor: str, order_id: UUID, outcome: RefundOutcome
) -> bool:
    """Whether what a person has just given back is more than one gives back alone.

    With all that went back of its order before: in parts, too, it is so much.
    """
    limit_e4 = (await limits_of(tx, tenant_id)).refund_above_e4
    if limit_e4 is None or not is_person(actor) or not outcome.new or not outcome.amount_e4:
        return False
    return await _given_back(tx, tenant_id, order_id) > limit_e4


async def _given_back(tx: Tx, tenant_id: int, order_id: UUID) -> int:
    whole = select(func.coalesce(func.sum(lines.c.refunded_e4), 0)).where(
        lines.c.tenant_id == tenant_id, lines.c.order_id == order_id
    )
    return int((await tx.execute(whole)).scalar_one())


async def _waiting_refunds(tx: Tx, tenant_id: int, order_id: UUID) -> list[Held]:
    such = Wanted(HeldState.ASKED, order_id)
    return await held_list(tx, tenant_id, such, before=None, limit=100)


async def _ask_refund(
    tx: Tx,
    caller: Caller,
    order_id: UUID,
    wanted: NewRefund,
    outcome: RefundOutcome,
    *,
    waiting: Sequence[Held],
) -> Held:
    tenant_id = caller.tenant_id
    content = msgspec.json.encode(wanted.wanted)
    digest = hashlib.sha256(content).digest()
    for each in waiting:
        if each.request_key == wanted.external_id:
            if each.request_hash != digest:
                raise AskedOtherwise(refund=wanted.external_id)
            return each
    kind = HeldKind.CANCELLATION if wanted.wanted.unseen_only else HeldKind.REFUND
    values = {
        "id": new_id(),
        "kind": kind,
        "asked_by": caller.actor,
        "request_key": wanted.external_id,
        "request_hash": digest,
        "order_id": order_id,
        "orders_count": 1,
        "units": sum(each["units"] for each in outcome.effect),
        "amount_e4": outcome.amount_e4,
        "said": "above_amount",
        "wanted": json.loads(content),
    }
    return await _written(tx, tenant_id, values)


async def _write_down(
    tx: Tx,
    tenant_id: int,
    keyrings: Keyrings,
    submission: Submission,
    *,
    size: Size,
    of: dict[str, object],
) -> Held:
    held_id = new_id()
    typed = list(accounts_of(submission.body))
    sealed: dict[str, object] = {}
    if typed:
        keyring = await keyrings.of(tx, tenant_id)
        clear = msgspec.json.encode(typed).decode()
        sealed["sealed_accounts"] = keyring.seal(clear, kind=held_id, owner=held_id)
        sealed["key_version"] = keyring.version
    values = {
        "id": held_id,
        "kind": HeldKind.ORDERS,
        "asked_by": submission.caller,
        "request_key": submission.key,
        "request_hash": submission.body_hash,
        "orders_count": size.orders,
        "units": size.units,
        "amount_e4": size.amount_e4,
        "wanted": msgspec.to_builtins([_masked(order) for order in submission.body.orders]),
        **of,
        **sealed,
    }
    return await _written(tx, tenant_id, values)


async def _written(tx: Tx, tenant_id: int, values: dict[str, object]) -> Held:
    await tx.execute(insert(held).values(tenant_id=tenant_id, **values))
    waits = await held_by_id(tx, tenant_id, UUID(str(values["id"])))
    await record(tx, tenant_id, waits.asked_by, [Event("approval.asked", waits.id, waits.facts)])
    return waits


def accounts_of(body: OrdersBody) -> Iterator[str]:
    """The accounts that are to be topped up, line by line."""
    for order in body.orders:
        for line in order.lines:
            if line.account is not None:
                yield line.account


def _masked(order: OrderBody) -> OrderBody:
    masked = tuple(
        line
        if line.account is None
        else msgspec.structs.replace(line, account=mask_account(line.account))
        for line in order.lines
    )
    buyer = None if order.buyer is None else mask_buyer(order.buyer)
    return msgspec.structs.replace(order, lines=masked, buyer=buyer)


def without_people(wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave buyers and the masks of accounts out of orders as they are kept."""
    return [
        order | {"buyer": None, "lines": [line | {"account": None} for line in order["lines"]]}
        for order in wanted
    ]


def with_accounts(orders: Sequence[OrderBody], typed: Sequence[str]) -> tuple[OrderBody, ...]:
    """Put accounts back in the places of their masks."""
    left = iter(typed)
    return tuple(
        msgspec.structs.replace(
            order,
            lines=tuple(
                line if line.account is None else msgspec.structs.replace(line, account=next(left))
                for line in order.lines
            ),
        )
        for order in orders
    )
