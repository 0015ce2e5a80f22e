"""Count orders of platforms: how many a list has on all its pages."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from kashu.channels.kinds import Step
from kashu.channels.tables import shop_orders
from kashu.core.db import Tx


async def count_shop_orders(
    tx: Tx,
    tenant_id: int,
    *,
    step: Step | None,
    number: str | None,
    said: str | None = None,
    only_store: UUID | None,
    most: int,
) -> int:
    """Say how many orders those are, no further than `most`."""
    wanted = select(shop_orders.c.id).where(*those(tenant_id, step, number, said, only_store))
    counted = select(func.count()).select_from(wanted.limit(most).subquery("those"))
    return (await tx.execute(counted)).scalar_one()


def those(
    tenant_id: int, step: Step | None, number: str | None, said: str | None, only_store: UUID | None
) -> list[ColumnElement[bool]]:
    """Orders at one step, with one number, waiting for one cause, of one store."""
    asked = {
        shop_orders.c.tenant_id: tenant_id,
        shop_orders.c.step: step,
        shop_orders.c.number: number,
        shop_orders.c.said: said,
        shop_orders.c.store_id: only_store,
    }
    return [column == value for column, value in asked.items() if value is not None]
