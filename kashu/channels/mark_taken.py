"""Mark taken: platforms' orders have become ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kashu.channels.shop_orders import KnownOrder
from kashu.core.db import Tx
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class _Moved:
    id: UUID


_taken = Statement(__file__, "mark_taken.sql", _Moved)


async def mark_taken(tx: Tx, tenant_id: int, ours: Sequence[tuple[KnownOrder, UUID]]) -> None:
    """Say that due orders are ours, with our ids; `places` is kept where it isn't one for one."""
    several = [
        known.places is not None and known.places != tuple(range(len(known.lines)))
        for known, _ in ours
    ]
    await _taken(
        tx,
        tenant=tenant_id,
        ids=[known.id for known, _ in ours],
        order_ids=[order_id for _, order_id in ours],
        places=[
            str(list(known.places or ())) if kept else None
            for (known, _), kept in zip(ours, several, strict=True)
        ],
    )
