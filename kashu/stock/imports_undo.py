"""Undo: take an import back as if it had never been, while all of its cards are still there."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import update

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.sql import Statement
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post_each
from kashu.stock.hold import hold
from kashu.stock.imports_errors import ImportInUse, ImportNotDone
from kashu.stock.imports_state import ImportRow, import_of
from kashu.stock.tables import ImportState, imports


@dataclass(frozen=True, slots=True)
class _Lot:
    lot_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    unit_cost_e4: int
    currency: str
    units: int
    cards: int
    left_count: int


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_left = Statement(__file__, "imports_undo_left.sql", _Lot)
_undo = Statement(__file__, "imports_undo.sql", _Nothing)


async def undo(
    tx: Tx, tenant_id: int, actor: str, import_id: UUID, *, posted_on: date
) -> ImportRow:
    """Delete an import's cards and lots, and post its cost back.

    The cards are forgotten: the same file can be imported again. Refused as soon as one card was
    given out, seen or moved, even if it came back.
    Locks: the SKU's level until `tx` ends, at some 20 µs a card.
    Raises: UnknownImport, ImportNotDone, ImportInUse.
    """
    undone = await import_of(tx, tenant_id, import_id)
    await hold(tx, tenant_id, [undone.sku_id])
    moved = await tx.execute(
        update(imports)
        .where(
            imports.c.tenant_id == tenant_id,
            imports.c.id == import_id,
            imports.c.state == ImportState.DONE,
        )
        .values(state=ImportState.UNDONE)
        .returning(imports.c.id)
    )
    if moved.one_or_none() is None:
        state = (await import_of(tx, tenant_id, import_id)).state
        raise ImportNotDone(state=state)
    lots = await _left(tx, tenant=tenant_id, import_id=import_id)
    total, left = sum(lot.cards for lot in lots), sum(lot.left_count for lot in lots)
    if left:
        raise ImportInUse(total=total, left=left)
    await _undo(tx, tenant=tenant_id, lots=[lot.lot_id for lot in lots])
    by_currency: defaultdict[str, list[Transfer]] = defaultdict(list)
    for lot in lots:
        if lot.units * lot.unit_cost_e4:
            by_currency[lot.currency].append(_back(lot, undone.sku_id))
    await post_each(tx, tenant_id, by_currency, posted_on=posted_on)
    facts = {"cards": total, "lots": len(lots)}
    await record(tx, tenant_id, actor, [Event("import.undone", import_id, facts)])
    return await import_of(tx, tenant_id, import_id)


def _back(lot: _Lot, sku_id: UUID) -> Transfer:
    """What receive() posted, mirrored."""
    return Transfer(
        debit=Account(AccountKind.PAYABLE, lot.supplier_id),
        credit=Account(AccountKind.INVENTORY, lot.warehouse_id),
        amount_e4=lot.units * lot.unit_cost_e4,
        quantity=-lot.units,
        reason="import_undone",
        subject_id=lot.lot_id,
        sku_id=sku_id,
        supplier_id=lot.supplier_id,
    )
