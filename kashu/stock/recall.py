"""Recall: who holds cards of bad lots, and so is to be warned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.stock.tables import allocations, cards, lots

PAGE_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Holder:
    """A line that has a card of a lot, or a use of one, and whether somebody has seen it.

    `id`: of the allocation; the next page begins behind it.
    """

    id: UUID
    line_id: UUID
    lot_id: UUID
    card_id: UUID
    allocated_at: datetime
    revealed_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Behind which card, and which use of it, a page begins."""

    lot_id: UUID
    position: int
    card_id: UUID
    use_number: int


_FRONT: Final = _Place(UUID(int=0), -(2**63), UUID(int=0), 0)
_recall = Statement(__file__, "recall.sql", Holder)


async def recall(
    tx: Tx,
    tenant_id: int,
    *,
    lot_ids: Sequence[UUID] = (),
    supplier_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = PAGE_MAX,
) -> list[Holder]:
    """Say who holds cards of some lots, or of all we ever had of a supplier; by lot and card.

    `after` is the id of the last holder of the page before. Freeze first: from a frozen lot
    nothing more is given, so that pages miss nobody.
    """
    assert bool(lot_ids) != (supplier_id is not None), "either lots or a supplier"
    place = await _place_of(tx, tenant_id, after) if after is not None else _FRONT
    found: list[Holder] = []
    given = lots.c.allocated + lots.c.revealed + lots.c.redeemed
    ours = (
        select(lots.c.id, lots.c.shared, given.label("given"))
        .where(lots.c.tenant_id == tenant_id, lots.c.id >= place.lot_id, given > 0)
        .order_by(lots.c.id)
    )
    if supplier_id is None:
        ours = ours.where(lots.c.id.in_(lot_ids))
    else:
        ours = ours.where(lots.c.supplier_id == supplier_id)
    for lot in (await tx.execute(ours)).all():
        at = place if lot.id == place.lot_id else _FRONT
        found += await _recall(
            tx,
            tenant=tenant_id,
            lot=lot.id,
            shared=lot.shared,
            position=at.position,
            card=at.card_id,
            use=at.use_number,
            count=min(limit - len(found), lot.given),  # with all of them found, no card is left
        )
        if len(found) == limit:
            break
    return found


async def _place_of(tx: Tx, tenant_id: int, allocation_id: UUID) -> _Place:
    """Find where a page ended; an id that isn't one of ours begins at the front."""
    row = (
        await tx.execute(
            select(cards.c.lot_id, cards.c.position, cards.c.id, allocations.c.use_number)
            .join(cards, (cards.c.tenant_id == tenant_id) & (cards.c.id == allocations.c.card_id))
            .where(allocations.c.tenant_id == tenant_id, allocations.c.id == allocation_id)
        )
    ).one_or_none()
    return _FRONT if row is None else _Place(*row)
