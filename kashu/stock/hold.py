"""Hold: the one lock of stock, a row for each (tenant, SKU), taken in order of SKU."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class _Held:
    sku_id: UUID


_hold = Statement(__file__, "hold.sql", _Held)
_begin = Statement(__file__, "hold_begin.sql", _Held)


async def hold(tx: Tx, tenant_id: int, sku_ids: Iterable[UUID]) -> None:
    """Wait until nobody else moves cards of these SKUs, and keep it so until `tx` ends.

    A statement of its own: what is read after it was committed before it.
    Locks: the levels of the SKUs, in order of sku_id. Call it once a transaction, with all SKUs.
    """
    wanted = sorted(set(sku_ids))
    held = await _hold(tx, tenant=tenant_id, skus=wanted)
    if len(held) < len(wanted):
        await _begin(tx, tenant=tenant_id, skus=wanted)
        await _hold(tx, tenant=tenant_id, skus=wanted)
