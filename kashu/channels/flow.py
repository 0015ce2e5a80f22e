"""Flow: how far the orders of platforms have come, by store, and where people must act."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from kashu.channels.kinds import Step
from kashu.channels.matters import OF_LINES, SHORT, TO_DO, kind_of_order, linked
from kashu.channels.tables import connections, shop_orders, stores
from kashu.channels.topups import TOPPING_UP
from kashu.core.db import Tx
from kashu.core.matters import Matter


class Reached(StrEnum):
    """How far an order has come."""

    TOLD = "told"  # paid; we haven't taken it in
    ACCEPTED = "accepted"  # ours; it has no goods yet
    ALLOCATED = "allocated"  # its goods are chosen
    DELIVERED = "delivered"  # the buyer has them
    CONFIRMED = "confirmed"  # and the platform was told
    WATCHED = "watched"  # shadow mode: the old way delivers
    ENDED = "ended"  # closed, given back, or delivered elsewhere


@dataclass(frozen=True, slots=True)
class Stage:
    """So many orders of a store stand there. `stuck`: a person must act; None: they move on."""

    code: str
    name: str
    step: str
    reached: str
    stuck: str | None
    orders: int


async def flow(
    tx: Tx,
    tenant_id: int,
    since: datetime,
    at: datetime,
    *,
    waiting: Mapping[Matter, Select[Any]],
) -> list[Stage]:
    """Read where the orders stand that were first seen since then, or before and aren't through.

    What is stuck is what the exception desk has: one row there for each, and of those that lack
    stock or a top-up one for each line. `waiting`: the ids of the orders of ours whose lines it
    has, by what as; others that lack stock are being bought for, and move on.
    """
    reached, stuck = _reached().label("reached"), _stuck(at, waiting).label("stuck")
    known = shop_orders.c
    found = await tx.execute(
        select(stores.c.code, stores.c.name, known.step, reached, stuck, func.count())
        .select_from(shop_orders)
        .join(stores, and_(stores.c.tenant_id == tenant_id, stores.c.id == known.store_id))
        .join(connections, linked(tenant_id), isouter=True)
        .where(known.tenant_id == tenant_id)
        .where(or_(known.first_seen_at >= since, known.step.in_(TO_DO)))
        .where(known.step != Step.SEEN)
        .group_by(stores.c.code, stores.c.name, known.step, reached, stuck)
        .order_by(stores.c.code, known.step, reached)
    )
    return [Stage(*row) for row in found]


def _reached() -> ColumnElement[Any]:
    step, said = shop_orders.c.step, shop_orders.c.said
    return case(
        (step == Step.ENDED, Reached.ENDED),
        (step == Step.SHADOWED, Reached.WATCHED),
        (step == Step.CONFIRMED, Reached.CONFIRMED),
        (or_(step == Step.SENT, shop_orders.c.sent_at.is_not(None)), Reached.DELIVERED),
        (shop_orders.c.order_id.is_(None), Reached.TOLD),
        (said.in_([SHORT, TOPPING_UP, *OF_LINES]), Reached.ACCEPTED),
        else_=Reached.ALLOCATED,
    )


def _stuck(at: datetime, waiting: Mapping[Matter, Select[Any]]) -> ColumnElement[Any]:
    """Say what its desk's kind is; of those whose lines are on the desk, theirs."""
    step, said = shop_orders.c.step, shop_orders.c.said
    short = and_(step == Step.TAKEN, said == SHORT)
    no_topup = and_(step == Step.TROUBLE, said.in_(OF_LINES))
    lacks = or_(short, no_topup)
    known = [(and_(lacks, shop_orders.c.order_id.in_(ids)), kind) for kind, ids in waiting.items()]
    of_lines = case(*known, (no_topup, Matter.TOPUP_FAILED), else_=None)
    waits = step.in_(TO_DO)
    return case((waits, func.coalesce(kind_of_order(at), of_lines)), else_=None)
