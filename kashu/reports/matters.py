"""Matters of the books: invariants that the last self-check found broken."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, Select, Text, Uuid, cast, func, literal, select

from kashu.core.events import events
from kashu.core.matters import Matter, matters
from kashu.reports.health import DONE, SUBJECT, VIOLATED

_LATEST: Final = 1
_NEVER: Final = UUID(int=0)  # before every event


def broken_matters(tenant_id: int) -> Select[Any]:
    """Rules that the last proof found broken, each since the first proof that wasn't clean."""
    mine = (events.c.tenant_id == tenant_id) & (events.c.subject_id == SUBJECT)
    last = (
        select(events.c.kind, events.c.facts)
        .where(mine)
        .order_by(events.c.id.desc())
        .limit(_LATEST)
        .subquery("last")
    )
    clean = (
        select(events.c.id)
        .where(mine, events.c.kind == DONE)
        .order_by(events.c.id.desc())
        .limit(_LATEST)
        .scalar_subquery()
    )
    first = (
        select(func.min(events.c.at))
        .where(mine, events.c.kind == VIOLATED)
        .where(events.c.id > func.coalesce(clean, literal(_NEVER, Uuid())))
        .scalar_subquery()
    )
    rule = func.jsonb_each_text(last.c.facts["broken"]).table_valued("key", "value", name="rule")
    return (
        matters(
            Matter.INVARIANT_BROKEN,
            # A rule has no id: one that is always the same for it.
            cast(func.md5(literal("invariant ", Text()) + rule.c.key), Uuid()),
            first,
            said=rule.c.key,
            number=rule.c.key,
            quantity=cast(rule.c.value, Integer()),
        )
        .select_from(last)
        .join(rule, literal(value=True))
        .where(last.c.kind == VIOLATED)
    )
