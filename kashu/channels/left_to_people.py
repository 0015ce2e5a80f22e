"""Left to people: paid orders that wait because of a mode, and are looked at again with it."""

from typing import Final
from uuid import UUID

from sqlalchemy import case, func, update

from kashu.channels.in_order import locked_in_order
from kashu.channels.kinds import Step
from kashu.channels.tables import shop_orders
from kashu.core.db import Tx

# Why an order is held, or waits, for the mode it is of; the exception desk says what to do.
TO_BE_RELEASED: Final = "to_be_released"  # assisted: a person says that it may go on
PAID_BEFORE: Final = "paid_before"  # while the old way delivered: has the buyer got it already?
LISTING_STOPPED: Final = "listing_stopped"
NOT_ACTING: Final = "not_acting"  # it has its cards, and we don't act for it any more

BY_MODE: Final = frozenset({TO_BE_RELEASED, PAID_BEFORE, LISTING_STOPPED})


async def look_again(tx: Tx, tenant_id: int, store_id: UUID) -> None:
    """Have a store's orders that wait because of a mode looked at again: it has changed.

    Whoever takes orders in, and whoever delivers, is to be woken then.
    Locks: the orders, in order of id.
    """
    step, said = shop_orders.c.step, shop_orders.c.said
    is_held = (step == Step.HELD) & said.in_(BY_MODE)
    has_cards = step.in_([Step.TAKEN, Step.SENT]) & (said == NOT_ACTING)
    waiting = (shop_orders.c.store_id == store_id) & (is_held | has_cards)
    await tx.execute(
        update(shop_orders)
        .where(locked_in_order(tenant_id, waiting))
        .values(
            step=case((is_held, Step.DUE.value), else_=step),
            said="",
            next_at=case((is_held, shop_orders.c.next_at), else_=func.now()),
        )
    )
