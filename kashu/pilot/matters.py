"""Matters of a pilot: days on which the old way did something that nobody can explain."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on

from kashu.core.matters import Matter, facts, matters
from kashu.pilot.tables import comparisons


def pilot_matters(tenant_id: int) -> Select[Any]:
    """Stores whose latest compared day, as it was last compared, has lines to be explained."""
    last = (
        select(comparisons)
        .ext(distinct_on(comparisons.c.store_id))
        .where(comparisons.c.tenant_id == tenant_id)
        .order_by(
            comparisons.c.store_id, comparisons.c.day.desc(), comparisons.c.compared_at.desc()
        )
        .subquery("last")
    )
    return matters(
        Matter.PILOT_UNEXPLAINED,
        last.c.store_id,
        last.c.compared_at,
        store_id=last.c.store_id,
        quantity=last.c.unexplained,
        facts=facts(day=last.c.day),
    ).where(last.c.unexplained > 0)
