"""Untold: what somebody outside wants to hear of, from the moment it happens until it is passed on.

Written by the transaction in which it happens (events_record.sql), so nothing is missed however
late that commits, and nothing is told that was rolled back. Whoever takes it passes it on in the
transaction that takes it.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Column, Text, delete, select
from sqlalchemy.dialects.postgresql import insert

from kashu.core.db import Tx, one_at_a_time
from kashu.core.events import Recorded
from kashu.core.schema import belongs_to, of_a_tenant, tenant_table
from kashu.core.sql import Statement

# The kinds that somebody wants to hear of. Of the others nothing is noted.
wanted_kinds: Final = tenant_table(
    "core",
    "wanted_kinds",
    Column("kind", Text(), nullable=False),
    of_a_tenant("wanted_kind_knows_its_tenant"),
    key=("kind",),
)

untold: Final = tenant_table(
    "core",
    "untold",
    belongs_to("id", "core.events", "untold_event_happened"),
)

_take = Statement(__file__, "untold_take.sql", Recorded)


async def want_kinds(tx: Tx, tenant_id: int, kinds: Collection[str]) -> None:
    """Have events of these kinds noted from now on, and of no others.

    Locks: one who says so at a time, for a tenant.
    """
    await one_at_a_time(tx, f"wanted kinds {tenant_id}")
    ours = wanted_kinds.c.tenant_id == tenant_id
    known = set((await tx.execute(select(wanted_kinds.c.kind).where(ours))).scalars())
    if gone := known - set(kinds):
        await tx.execute(delete(wanted_kinds).where(ours, wanted_kinds.c.kind.in_(gone)))
    if new := set(kinds) - known:
        rows = [{"tenant_id": tenant_id, "kind": kind} for kind in sorted(new)]
        await tx.execute(insert(wanted_kinds).values(rows))


async def take_untold(tx: Tx, tenant_id: int, most: int) -> list[Recorded]:
    """Take up to `most` events that are to be passed on in `tx`, the oldest first.

    Locks: their notes, until `tx` ends; those that another holds are passed over.
    """
    return await _take(tx, tenant=tenant_id, most=most)
