"""Goods: what agents may be sold at all, and how much of it is kept from them."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.customers.tables import goods

BUFFER_MAX: Final = 1_000_000
_NUMBERS: Final = range(1_000, 2**31)  # a number that tells nothing, and fits everywhere


@dataclass(frozen=True, slots=True)
class Good:
    """A SKU that agents may be sold, or were once. `number`: what dialects call it."""

    sku_id: UUID
    number: int
    on_sale: bool
    buffer: int


@dataclass(frozen=True, slots=True)
class WantedGood:
    """Put a SKU on sale to agents, or take it off; `buffer` units are kept from them."""

    sku_id: UUID
    on_sale: bool
    buffer: int


async def set_goods(tx: Tx, tenant_id: int, actor: str, wanted: Sequence[WantedGood]) -> None:
    """Say of SKUs whether agents may be sold them. A number, once given, stays.

    Locks: the goods, in order.
    """
    for each in sorted(wanted, key=lambda one: one.sku_id):
        assert 0 <= each.buffer <= BUFFER_MAX, "whoever calls has checked"
        before = (await goods_of(tx, tenant_id, [each.sku_id])).get(each.sku_id)
        await tx.execute(
            insert(goods)
            .values(
                tenant_id=tenant_id,
                sku_id=each.sku_id,
                number=secrets.choice(_NUMBERS),
                on_sale=each.on_sale,
                buffer=each.buffer,
            )
            .on_conflict_do_update(
                index_elements=[goods.c.tenant_id, goods.c.sku_id],
                set_={"on_sale": each.on_sale, "buffer": each.buffer},
            )
        )
        if before is None or (before.on_sale, before.buffer) != (each.on_sale, each.buffer):
            facts = {"on_sale": each.on_sale, "buffer": each.buffer}
            await record(tx, tenant_id, actor, [Event("good.set", each.sku_id, facts)])


async def goods_of(
    tx: Tx, tenant_id: int, sku_ids: Collection[UUID] | None = None
) -> dict[UUID, Good]:
    """Read what agents may be sold: of some SKUs, or of all."""
    wanted = select(goods.c.sku_id, goods.c.number, goods.c.on_sale, goods.c.buffer).where(
        goods.c.tenant_id == tenant_id
    )
    if sku_ids is not None:
        wanted = wanted.where(goods.c.sku_id.in_(sku_ids))
    return {row.sku_id: Good(*row) for row in await tx.execute(wanted)}


async def sku_of_good(tx: Tx, tenant_id: int, number: int) -> UUID | None:
    """Say which SKU a number stands for."""
    found = await tx.execute(
        select(goods.c.sku_id).where(goods.c.tenant_id == tenant_id, goods.c.number == number)
    )
    return found.scalar_one_or_none()
