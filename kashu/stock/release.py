"""Release: take cards back from lines that don't get them after all."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from kashu.catalog.reads import skus_by_id
from kashu.core.db import Tx
from kashu.core.ids import new_ids
from kashu.core.sql import Statement
from kashu.stock.hold import hold
from kashu.stock.replenish import mark_replenished


@dataclass(frozen=True, slots=True)
class Released:
    """`count` units of one lot that a line no longer has.

    `returned_to_stock`: their cost is inventory again; else it is a loss of after-sales. A
    `revealed` unit never returns.
    """

    line_id: UUID
    lot_id: UUID
    sku_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    unit_cost_e4: int
    count: int
    revealed: bool
    returned_to_stock: bool


@dataclass(frozen=True, slots=True)
class _Wanted:
    sku_id: UUID


_wanted = Statement(__file__, "release_wanted.sql", _Wanted)
_release = Statement(__file__, "release.sql", Released)


async def release(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    line_units: Iterable[tuple[UUID, int]],
    because: str,
    unseen_first: bool = True,
    unseen_only: bool = False,
) -> list[Released]:
    """Take back that many units of each line, the latest given first; cards nobody saw before all.

    An unseen card becomes available again, in front of its lot, where its SKU is returnable, and
    wakes the lines that are short; any other is quarantined. An unseen use of a shared card is
    free again, whatever its SKU says: others see the same secret anyway.
    With `unseen_only`, what somebody has seen stays where it is.
    Returns what was taken back by line and lot, in order of line: at most what was asked for, and
    less where a line holds less.
    Locks: the cards' SKUs, until `tx` ends.
    """
    units = Counter[UUID]()
    for line_id, count in line_units:
        assert count > 0, "take back at least one"
        units[line_id] += count
    wanted = await _wanted(tx, tenant=tenant_id, lines=list(units))
    if not wanted:
        return []
    sku_ids = [row.sku_id for row in wanted]
    skus = await skus_by_id(tx, tenant_id, sku_ids)
    await hold(tx, tenant_id, sku_ids)
    released = await _release(
        tx,
        tenant=tenant_id,
        actor=actor,
        because=because,
        unseen_first=unseen_first,
        unseen_only=unseen_only,
        lines=list(units),
        counts=list(units.values()),
        skus=sku_ids,
        returnables=[skus[sku_id].returnable for sku_id in sku_ids],
        ids=new_ids(units.total()),
    )
    woken = {each.sku_id for each in released if each.returned_to_stock}
    if woken:
        await mark_replenished(tx, tenant_id, sorted(woken))
    return released
