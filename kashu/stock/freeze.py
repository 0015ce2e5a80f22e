"""Freeze: nothing more is given from some lots until somebody unfreezes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from kashu.core.db import Tx
from kashu.core.errors import NotFound
from kashu.core.events import Event, record
from kashu.core.sql import Statement
from kashu.stock.hold import hold
from kashu.stock.replenish import mark_replenished
from kashu.stock.tables import lots


class UnknownLots(NotFound):
    """No such lots, or another merchant's."""

    code = "unknown_lots"
    zh = "没有找到这些批次，或者您无权查看。请刷新列表后再选。"
    en = "Those lots don't exist or aren't yours. Refresh the list and choose again."


@dataclass(frozen=True, slots=True)
class Changed:
    """A lot that was frozen or unfrozen, and how many units of it can't, or can, be given now.

    `given`: how many somebody has; recall() says who.
    """

    lot_id: UUID
    sku_id: UUID
    available: int
    given: int


_freeze = Statement(__file__, "freeze_lots.sql", Changed)
_unfreeze = Statement(__file__, "freeze_unfreeze.sql", Changed)


async def freeze(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    lot_ids: Sequence[UUID] = (),
    supplier_id: UUID | None = None,
    reason: str,
) -> list[Changed]:
    """Freeze some lots, or all that we have of a supplier; returns those that were open.

    Once `tx` is committed nothing is allocated from them. What is allocated or reserved already
    stays so, and what has been allocated can still be revealed: see recall().
    Locks: the lots' SKUs, until `tx` ends; no card is touched.
    Raises: UnknownLots.
    """
    skus = await _skus_of(tx, tenant_id, lot_ids, supplier_id)
    await hold(tx, tenant_id, skus)
    frozen = await _freeze(
        tx,
        tenant=tenant_id,
        skus=skus,
        lots=list(lot_ids),
        supplier=supplier_id,
        reason=reason,
    )
    await record(tx, tenant_id, actor, _events("lot.frozen", frozen, reason))
    return frozen


async def unfreeze(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    lot_ids: Sequence[UUID] = (),
    supplier_id: UUID | None = None,
    reason: str,
) -> list[Changed]:
    """Let some lots, or all of a supplier's, be given from again; returns those that were frozen.

    Lines that are short are tried again.
    Locks: the lots' SKUs, until `tx` ends.
    Raises: UnknownLots.
    """
    skus = await _skus_of(tx, tenant_id, lot_ids, supplier_id)
    await hold(tx, tenant_id, skus)
    opened = await _unfreeze(
        tx, tenant=tenant_id, skus=skus, lots=list(lot_ids), supplier=supplier_id
    )
    woken = {lot.sku_id for lot in opened if lot.available}
    if woken:
        await mark_replenished(tx, tenant_id, sorted(woken))
    await record(tx, tenant_id, actor, _events("lot.unfrozen", opened, reason))
    return opened


async def _skus_of(
    tx: Tx, tenant_id: int, lot_ids: Sequence[UUID], supplier_id: UUID | None
) -> list[UUID]:
    assert bool(lot_ids) != (supplier_id is not None), "either lots or a supplier"
    ours = select(lots.c.id, lots.c.sku_id).where(lots.c.tenant_id == tenant_id)
    if supplier_id is None:
        ours = ours.where(lots.c.id.in_(lot_ids))
    else:
        ours = ours.where(lots.c.supplier_id == supplier_id)
    found = (await tx.execute(ours)).all()
    if not found or len(found) < len(set(lot_ids)):
        raise UnknownLots
    return sorted({row.sku_id for row in found})


def _events(kind: str, changed: Iterable[Changed], reason: str) -> list[Event]:
    return [
        Event(kind, lot.lot_id, {"reason": reason, "available": lot.available, "given": lot.given})
        for lot in changed
    ]
