"""By hand: what people do about orders of platforms that don't go on by themselves."""

from uuid import UUID

from kashu.channels.kinds import Step
from kashu.channels.shop_orders import KnownOrder, locked_order, move
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.jobs import wake
from kashu.delivery.errors import NotDelivered, NotInTrouble
from kashu.orders.reads import order_by_id
from kashu.orders.sweeps import TAKEN_IN


async def try_again(tx: Tx, tenant_id: int, actor: str, known_id: UUID) -> KnownOrder:
    """Let an order that is in trouble go on from where it was.

    Locks: the platform's order. Raises: UnknownShopOrder, NotInTrouble.
    """
    order = await locked_order(tx, tenant_id, known_id)
    if order.step is not Step.TROUBLE:
        raise NotInTrouble(order=order.number, step=order.step.value)
    step = Step.DUE if order.order_id is None else Step.SENT if order.sent else Step.TAKEN
    await move(tx, tenant_id, order.id, step, said="", next_at=now(), attempts=0)
    await record(tx, tenant_id, actor, [Event("shop_order.tried_again", order.id, {})])
    await wake(tx, tenant_id, TAKEN_IN)
    return await locked_order(tx, tenant_id, known_id)


async def hand_over(tx: Tx, tenant_id: int, actor: str, known_id: UUID) -> KnownOrder:
    """Note that a person gave the buyer the cards, so that only the platform is still to be told.

    Also of one that is in trouble: a person who put it right at the platform says so.
    Locks: the platform's order. Raises: UnknownShopOrder, NotDelivered.
    """
    order = await locked_order(tx, tenant_id, known_id)
    if order.step not in {Step.TAKEN, Step.TROUBLE} or order.order_id is None:
        raise NotDelivered(order=order.number)
    _, lines = await order_by_id(tx, tenant_id, order.order_id)
    if any(line.waiting for line in lines) or not any(line.delivered for line in lines):
        raise NotDelivered(order=order.number)
    at = now()
    await move(tx, tenant_id, order.id, Step.SENT, said="", next_at=at, sent_at=at, attempts=0)
    await record(tx, tenant_id, actor, [Event("order.handed_over", order.order_id, {})])
    await wake(tx, tenant_id, TAKEN_IN)
    return await locked_order(tx, tenant_id, known_id)
