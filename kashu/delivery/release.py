"""Release: a person lets paid orders go on that wait for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from kashu.channels.kinds import Mode, RefundStep, Step
from kashu.channels.left_to_people import PAID_BEFORE, TO_BE_RELEASED
from kashu.channels.modes import modes_of, release
from kashu.channels.shop_orders import KnownOrder, locked_orders
from kashu.channels.shop_refunds import refunds_of
from kashu.core.db import Tx
from kashu.core.events import Event, record

MOST: Final = 500  # in one go
STORE_STOPPED: Final = "store_stopped"  # why what would go on by itself waits


class Obstacle(StrEnum):
    """Why an order isn't released."""

    UNKNOWN = "unknown_shop_order"
    NOT_WAITING = "not_waiting"  # for a person's word; or somebody gave it already
    TO_BE_TAKEN_OVER = "to_be_taken_over"  # the old way may have delivered it: say so explicitly
    NOT_ACTING = "not_acting"  # its store or listing is stopped, or in shadow
    REFUNDED = "refunded"  # money went back: give it by hand, or leave it


@dataclass(frozen=True, slots=True)
class Released:
    """What became of one order; `obstacle` is None where it goes on."""

    id: UUID
    obstacle: Obstacle | None


async def release_orders(
    tx: Tx,
    tenant_id: int,
    actor: str,
    ids: Sequence[UUID],
    *,
    take_over: bool = False,
    only_store: UUID | None = None,
) -> list[Released]:
    """Let orders go on as if their store were automatic; return what became of each, in order.

    Orders that the old way was to deliver go on only with `take_over`: whoever asks has seen that
    their buyers have nothing yet. The platform is read once more before a card leaves.
    Locks: the platforms' orders, in order of id.
    """
    found = {each.id: each for each in await locked_orders(tx, tenant_id, sorted(set(ids)))}
    if only_store is not None:
        found = {id_: each for id_, each in found.items() if each.store_id == only_store}
    modes = await modes_of(tx, tenant_id, list(found.values()))
    outcomes: list[Released] = []
    going: list[KnownOrder] = []
    for id_ in ids:
        order = found.pop(id_, None)
        if order is None:
            twice = any(each.id == id_ for each in outcomes)
            outcomes.append(Released(id_, Obstacle.NOT_WAITING if twice else Obstacle.UNKNOWN))
            continue
        obstacle = _obstacle(order, take_over=take_over)
        if obstacle is None and not modes[id_].acts:
            obstacle = Obstacle.NOT_ACTING
        if obstacle is None and await _refunded(tx, tenant_id, order):
            obstacle = Obstacle.REFUNDED
        if obstacle is None:
            going.append(order)
        outcomes.append(Released(id_, obstacle))
    if going:
        await release(tx, tenant_id, [each.id for each in going])
        events = [Event("shop_order.released", each.id, _facts(each)) for each in going]
        await record(tx, tenant_id, actor, events)
    return outcomes


def is_old_ways(order: KnownOrder) -> bool:
    """Whether the old way was to deliver an order."""
    held = order.step is Step.HELD and order.said == PAID_BEFORE
    return order.step is Step.SHADOWED or held


def is_to_be_released(order: KnownOrder) -> bool:
    """Whether an order waits for a person's word only."""
    return order.step is Step.HELD and order.said == TO_BE_RELEASED


def waits_for(order: KnownOrder, mode: Mode) -> str:
    """Say why an order waits: what would go on by itself, were its store not stopped, too."""
    would_go = order.step in {Step.DUE, Step.TAKEN, Step.SENT} and not order.said
    return STORE_STOPPED if would_go and mode is Mode.STOPPED else order.said


def _obstacle(order: KnownOrder, *, take_over: bool) -> Obstacle | None:
    if is_to_be_released(order):
        return None
    if not is_old_ways(order):
        return Obstacle.NOT_WAITING
    return None if take_over else Obstacle.TO_BE_TAKEN_OVER


async def _refunded(tx: Tx, tenant_id: int, order: KnownOrder) -> bool:
    """Whether money went back while the old way had the order: our books know nothing of it."""
    refunds = await refunds_of(tx, tenant_id, order.store_id, order.number)
    return is_old_ways(order) and any(each.step is not RefundStep.SEEN for each in refunds)


def _facts(order: KnownOrder) -> dict[str, str]:
    return {"number": order.number, "was": order.said or order.step.value}
