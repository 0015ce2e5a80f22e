"""HTTP of what people did lately: for whoever looks whether all is in order."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import requires
from kashu.access.permissions import Permission
from kashu.access.staff import list_staff
from kashu.core.clock import day_bounds, day_of, now
from kashu.core.db import Database
from kashu.entry.event_words import event_words
from kashu.reports.lately import done_lately, revealed_lately, reveals_since


class DoneShown(msgspec.Struct, frozen=True):
    """Something that one of the staff did, in words."""

    id: UUID
    kind: str
    says: str
    at: datetime
    by: str
    subject_id: UUID


class RevealedShown(msgspec.Struct, frozen=True):
    """A card that one of the staff looked at, and why. `order`: as its source calls it."""

    id: UUID
    at: datetime
    by: str
    reason: str
    sku: str
    tail: str
    order_id: UUID | None
    order: str | None


class Lately(msgspec.Struct, frozen=True):
    """What the staff did last, and which cards they looked at: the newest first."""

    at: datetime
    done: list[DoneShown]
    revealed: list[RevealedShown]
    revealed_today: int


@get("/v1/events/lately", operation_id="readLately", guards=[requires(Permission.AUDIT_READ)])
async def read_lately(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    limit: Annotated[int, QueryParameter(ge=1, le=50)] = 8,
) -> Lately:
    """Read what the staff did lately, and which cards they looked at, today and before."""
    at = now()
    midnight = day_bounds(day_of(at, caller.timezone), caller.timezone)[0]
    chinese = caller.language.startswith("zh")
    async with database.transaction(caller.tenant_id) as tx:
        names = {f"staff:{each.id}": each.name for each in await list_staff(tx, caller.tenant_id)}
        done = await done_lately(tx, caller.tenant_id, names, limit)
        revealed = await revealed_lately(tx, caller.tenant_id, names, limit)
        today = await reveals_since(tx, caller.tenant_id, names, midnight)
    return Lately(
        at,
        [
            DoneShown(
                each.id,
                each.kind,
                event_words(each.kind, chinese=chinese),
                each.at,
                names[each.actor],
                each.subject_id,
            )
            for each in done
        ],
        [
            RevealedShown(
                each.id,
                each.at,
                names[each.actor],
                each.reason,
                each.sku,
                each.tail,
                each.order_id,
                each.order,
            )
            for each in revealed
        ],
        today,
    )


routes: Final = (read_lately,)
