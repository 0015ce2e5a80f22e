"""Place: which number of ours stands for which of an agent's orders. Written before the order."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from kashu.core.db import Tx
from kashu.customers.goods import sku_of_good
from kashu.downstream.errors import OrderedOtherwise
from kashu.downstream.tables import placed

# Numbers that tell nothing and can't be guessed; below 2^53, which JavaScript reads exactly.
_NUMBERS: Final = range(2**40, 2**53)


@dataclass(frozen=True, slots=True)
class Placed:
    """An agent's order as it was asked for. `number`: ours; `external_id`: theirs."""

    number: int
    external_id: str
    sku_number: int
    quantity: int
    placed_at: datetime
    sku_id: UUID


async def note_placed(
    tx: Tx,
    tenant_id: int,
    customer_id: UUID,
    external_id: str,
    sku_number: int,
    *,
    quantity: int,
) -> None:
    """Give an agent's order a number, once: who comes second leaves it as it is.

    Raises: OrderedOtherwise, where the first one asked for something else.
    """
    made = await tx.execute(
        insert(placed)
        .values(
            tenant_id=tenant_id,
            number=secrets.choice(_NUMBERS),
            customer_id=customer_id,
            external_id=external_id,
            sku_number=sku_number,
            quantity=quantity,
        )
        .on_conflict_do_nothing(
            index_elements=[placed.c.tenant_id, placed.c.customer_id, placed.c.external_id]
        )
        .returning(placed.c.number)
    )
    if made.one_or_none() is None:
        there = await placed_as(tx, tenant_id, customer_id, external_id)
        assert there is not None, "the row that we ran into"
        if (there.sku_number, there.quantity) != (sku_number, quantity):
            raise OrderedOtherwise


async def placed_as(tx: Tx, tenant_id: int, customer_id: UUID, external_id: str) -> Placed | None:
    """Read what an agent placed under a number of its own."""
    return await _one(tx, tenant_id, customer_id, placed.c.external_id == external_id)


async def placed_by_number(tx: Tx, tenant_id: int, customer_id: UUID, number: int) -> Placed | None:
    """Read what an agent placed, by our number; another's isn't there."""
    return await _one(tx, tenant_id, customer_id, placed.c.number == number)


async def _one(tx: Tx, tenant_id: int, customer_id: UUID, which: Any) -> Placed | None:  # noqa: ANN401
    found = await tx.execute(_placed(tenant_id, customer_id).where(which))
    row = found.one_or_none()
    if row is None:
        return None
    sku_id = await sku_of_good(tx, tenant_id, row.sku_number)
    assert sku_id is not None, "goods aren't deleted"
    return Placed(row[0], row[1], row[2], row[3], row[4], sku_id)


def _placed(tenant_id: int, customer_id: UUID) -> Select[Any]:
    return select(
        placed.c.number,
        placed.c.external_id,
        placed.c.sku_number,
        placed.c.quantity,
        placed.c.placed_at,
    ).where(placed.c.tenant_id == tenant_id, placed.c.customer_id == customer_id)
