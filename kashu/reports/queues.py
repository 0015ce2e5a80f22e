"""Queues: what waits to be done, how much of it, and since when."""

from dataclasses import dataclass
from datetime import datetime

from kashu.core.db import Tx
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class Queue:
    """`oldest_at`: since when its first waits; None where nothing does."""

    name: str
    due: int
    oldest_at: datetime | None


_queues = Statement(__file__, "queues.sql", Queue)


async def read_queues(tx: Tx, tenant_id: int) -> list[Queue]:
    """Count what is due in each queue."""
    return await _queues(tx, tenant=tenant_id)
