"""By hand: what people do about orders of platforms that don't go on by themselves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from kashu.channels.errors import UnknownShopOrder
from kashu.channels.kinds import Step
from kashu.channels.moves import move_all, step_before
from kashu.channels.shop_orders import KnownOrder, locked_orders
from kashu.channels.tickets import is_done_by_hand
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.errors import KashuError
from kashu.core.events import Event, record
from kashu.core.jobs import wake
from kashu.delivery.errors import NotDelivered, NotInTrouble
from kashu.orders.reads import lines_of_orders
from kashu.orders.sweeps import TAKEN_IN


@dataclass(frozen=True, slots=True)
class ByHand:
    """What came of an order that a person wanted to go on: how it stands, or why it was refused."""

    order: KnownOrder | None = None
    refused: KashuError | None = None


async def try_again(tx: Tx, tenant_id: int, actor: str, known_id: UUID) -> KnownOrder:
    """Let an order that is in trouble go on from where it was.

    Locks: the platform's order. Raises: UnknownShopOrder, NotInTrouble.
    """
    return _only(await try_all_again(tx, tenant_id, actor, [known_id]))


async def hand_over(tx: Tx, tenant_id: int, actor: str, known_id: UUID) -> KnownOrder:
    """Note that a person gave the buyer the cards, so that only the platform is still to be told.

    Locks: the platform's order. Raises: UnknownShopOrder, NotDelivered.
    """
    return _only(await hand_all_over(tx, tenant_id, actor, [known_id]))


async def try_all_again(
    tx: Tx,
    tenant_id: int,
    actor: str,
    known_ids: Sequence[UUID],
    *,
    only_store: UUID | None = None,
) -> list[ByHand]:
    """Let those of some orders that are in trouble go on from where they were.

    Returns what came of each, in order; one that is refused doesn't hold up the others.
    Locks: the platforms' orders, in order of id.
    """

    def refusal(order: KnownOrder) -> KashuError | None:
        if order.step is Step.TROUBLE:
            return None
        return NotInTrouble(order=order.number, step=order.step.value)

    found = await _locked(tx, tenant_id, known_ids, only_store)
    willing, refused = _sorted_out(found, refusal)
    await move_all(
        tx,
        tenant_id,
        [order.id for order in willing],
        step=step_before(),
        said="",
        next_at=now(),
        attempts=0,
    )
    happened = [Event("shop_order.tried_again", order.id, {}) for order in willing]
    await record(tx, tenant_id, actor, happened)
    return await _outcomes(tx, tenant_id, known_ids, willing, refused)


async def hand_all_over(
    tx: Tx,
    tenant_id: int,
    actor: str,
    known_ids: Sequence[UUID],
    *,
    only_store: UUID | None = None,
) -> list[ByHand]:
    """Note that a person gave some buyers the cards, so that only the platforms are to be told.

    Also of those in trouble: a person who put one right at the platform says so.
    Returns what came of each, in order; one that is refused doesn't hold up the others.
    Locks: the platforms' orders, in order of id.
    """
    found = await _locked(tx, tenant_id, known_ids, only_store)
    ours = [order.order_id for order in found.values() if order.order_id is not None]
    lines = await lines_of_orders(tx, tenant_id, ours)

    def refusal(order: KnownOrder) -> KashuError | None:
        given = lines[order.order_id] if order.order_id is not None else []
        there = any(line.delivered for line in given) and not any(line.waiting for line in given)
        if there and order.step in {Step.TAKEN, Step.TROUBLE}:
            return None
        if order.step is Step.TROUBLE and is_done_by_hand(order):
            return None
        return NotDelivered(order=order.number)

    willing, refused = _sorted_out(found, refusal)
    at = now()
    await move_all(
        tx,
        tenant_id,
        [order.id for order in willing],
        step=Step.SENT,
        said="",
        next_at=at,
        sent_at=at,
        attempts=0,
    )
    happened = [Event("order.handed_over", order.order_id or order.id, {}) for order in willing]
    await record(tx, tenant_id, actor, happened)
    return await _outcomes(tx, tenant_id, known_ids, willing, refused)


async def _locked(
    tx: Tx, tenant_id: int, known_ids: Sequence[UUID], only_store: UUID | None
) -> dict[UUID, KnownOrder]:
    found = await locked_orders(tx, tenant_id, known_ids)
    return {order.id: order for order in found if only_store in {None, order.store_id}}


def _sorted_out(
    found: dict[UUID, KnownOrder], refusal: Callable[[KnownOrder], KashuError | None]
) -> tuple[list[KnownOrder], dict[UUID, KashuError]]:
    refused = {known_id: error for known_id, order in found.items() if (error := refusal(order))}
    return [order for known_id, order in found.items() if known_id not in refused], refused


async def _outcomes(
    tx: Tx,
    tenant_id: int,
    known_ids: Sequence[UUID],
    moved: Sequence[KnownOrder],
    refused: dict[UUID, KashuError],
) -> list[ByHand]:
    if moved:
        await wake(tx, tenant_id, TAKEN_IN)
    after = await locked_orders(tx, tenant_id, [order.id for order in moved])
    stand = {order.id: ByHand(order) for order in after}
    stand |= {known_id: ByHand(refused=error) for known_id, error in refused.items()}
    return [stand.get(known_id) or ByHand(refused=UnknownShopOrder()) for known_id in known_ids]


def _only(outcomes: Sequence[ByHand]) -> KnownOrder:
    """The one order, where one was asked for. Raises: why it was refused."""
    (outcome,) = outcomes
    if outcome.refused is not None:
        raise outcome.refused
    assert outcome.order is not None, "it went on, or was refused"
    return outcome.order
