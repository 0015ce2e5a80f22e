"""Moves: many orders of platforms at once, by people."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import case, update

from kashu.channels.kinds import Step
from kashu.channels.tables import shop_orders
from kashu.core.db import Tx


async def move_all(tx: Tx, tenant_id: int, known_ids: Sequence[UUID], **values: object) -> None:
    """Set the same of some orders, which the caller holds."""
    if known_ids:
        await tx.execute(
            update(shop_orders)
            .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.id.in_(known_ids))
            .values(**values)
        )


def step_before() -> Any:  # noqa: ANN401  (an expression of SQLAlchemy's)
    """Where an order that stopped goes on from: not taken in yet, not sent yet, or sent.

    Of one that was given up, its platform is to be told, and nothing is given.
    """
    return case(
        (shop_orders.c.failed.is_not(None), Step.TAKEN.value),
        (shop_orders.c.sent_at.is_not(None), Step.SENT.value),
        (shop_orders.c.order_id.is_(None), Step.DUE.value),
        else_=Step.TAKEN.value,
    )
