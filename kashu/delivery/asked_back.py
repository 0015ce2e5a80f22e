"""Asked back: nobody tops up what a refund is asked for, or was paid."""

from kashu.channels.channel import ShopOrder, ShopRefundState
from kashu.channels.kinds import Step
from kashu.channels.shop_orders import KnownOrder
from kashu.channels.shop_refunds import refunds_of
from kashu.core.db import Tx
from kashu.delivery.errors import RefundAskedFor

OPEN_OR_DONE = frozenset({ShopRefundState.ASKED, ShopRefundState.DONE})


async def refunds_against(
    tx: Tx, tenant_id: int, order: KnownOrder, told: ShopOrder | None = None
) -> frozenset[ShopRefundState]:
    """Say whether refunds of an order are open or done, by what we know and what was just told."""
    known = await refunds_of(tx, tenant_id, order.store_id, order.number)
    just_told = set() if told is None else {line.refund for line in told.lines}
    return OPEN_OR_DONE & ({each.state for each in known} | just_told)


async def refuse_asked_back(tx: Tx, tenant_id: int, order: KnownOrder) -> None:
    """Let nobody act for an order that isn't over, and whose buyer wants money back, or has it.

    Raises: RefundAskedFor.
    """
    if order.step is Step.TROUBLE and await refunds_against(tx, tenant_id, order):
        raise RefundAskedFor(order=order.number)


def refuse_told_back(told: ShopOrder) -> None:
    """Do so by what its platform tells at this moment. Raises: RefundAskedFor."""
    if any(line.refund in OPEN_OR_DONE for line in told.lines):
        raise RefundAskedFor(order=told.order_id)
