"""Give up: a person has a platform that asked us for an order told that it failed for good."""

from datetime import date
from typing import Final
from uuid import UUID

from kashu.channels.asking import Failure
from kashu.channels.kinds import Step
from kashu.channels.shop_orders import KnownOrder, locked_order, move
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.jobs import wake
from kashu.core.money import format_amount
from kashu.delivery.asked import our_lines
from kashu.delivery.errors import GiveUpAboveLimit, NotToBeGivenUp
from kashu.orders.ask_for import is_above_limit
from kashu.orders.refund import CANCEL, NewRefund, refund
from kashu.orders.sweeps import TAKEN_IN
from kashu.orders.topups_waiting import topups_under_way

_OVER: Final = frozenset({Step.SENT, Step.CONFIRMED, Step.ENDED})


def may_give_up(order: KnownOrder) -> bool:
    """Whether the platform waits for our word, and nothing may have left for the buyer."""
    waits = order.ticket is not None and order.failed is None and order.step not in _OVER
    return waits and not order.doubt and not order.sent


async def give_up(
    tx: Tx, tenant_id: int, actor: str, known_id: UUID, why: Failure, *, today: date
) -> KnownOrder:
    """Say that an order failed: the platform is told, and refunds its buyer.

    Our order is cancelled first: cards that nobody saw are stock again. Where somebody saw one, or
    a supplier may be topping an account up, nothing is done. What is above the shop's limit is
    cancelled first by itself, which another person approves.
    Locks: the platform's order, then as refund().
    Raises: UnknownShopOrder, NotToBeGivenUp, GiveUpAboveLimit.
    """
    order = await locked_order(tx, tenant_id, known_id)
    if not may_give_up(order):
        raise NotToBeGivenUp(order=order.number)
    if order.order_id is not None:
        source = f"store:{order.store_id}"
        wanted = NewRefund(source, f"{order.number}:failed", order.number, CANCEL)
        outcome = await refund(tx, tenant_id, actor, wanted, today)
        if await is_above_limit(tx, tenant_id, actor, order.order_id, outcome):
            raise GiveUpAboveLimit(order=order.number, amount=format_amount(outcome.amount_e4))
        lines = await our_lines(tx, tenant_id, order)
        under_way = await topups_under_way(tx, tenant_id, [line.line_id for line in lines])
        if under_way or any(line.delivered or line.waiting for line in lines):
            raise NotToBeGivenUp(order=order.number)
    await move(
        tx,
        tenant_id,
        order.id,
        Step.TAKEN,
        failed=why.value,
        said="",
        next_at=now(),
        attempts=0,
    )
    await record(tx, tenant_id, actor, [Event("shop_order.given_up", order.id, {"why": why.value})])
    await wake(tx, tenant_id, TAKEN_IN)
    return await locked_order(tx, tenant_id, known_id)
