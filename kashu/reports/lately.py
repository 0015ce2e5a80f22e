"""Lately: what people did and which cards they looked at, the newest first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class Done:
    """Something that somebody did."""

    id: UUID
    kind: str
    at: datetime
    actor: str
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class Revealed:
    """A card that somebody looked at, why and for whom; never the card itself."""

    id: UUID
    at: datetime
    actor: str
    reason: str
    sku: str
    tail: str
    order_id: UUID | None
    order: str | None  # its source's number


@dataclass(frozen=True, slots=True)
class _Count:
    count: int


_done = Statement(__file__, "lately_done.sql", Done)
_revealed = Statement(__file__, "lately_revealed.sql", Revealed)
_reveals = Statement(__file__, "lately_reveals.sql", _Count)


async def done_lately(
    tx: Tx, tenant_id: int, actors: Collection[str], limit: int
) -> Sequence[Done]:
    """Read what some people did last; each is looked up alone, as programs do far more."""
    return await _done(tx, tenant_id=tenant_id, actors=sorted(actors), limit=limit)


async def revealed_lately(
    tx: Tx, tenant_id: int, actors: Collection[str], limit: int
) -> Sequence[Revealed]:
    """Read which cards some people looked at last."""
    return await _revealed(tx, tenant_id=tenant_id, actors=sorted(actors), limit=limit)


async def reveals_since(tx: Tx, tenant_id: int, actors: Collection[str], since: datetime) -> int:
    """Count the cards that some people looked at since a moment."""
    [found] = await _reveals(tx, tenant_id=tenant_id, actors=sorted(actors), since=since)
    return found.count
