"""Limits: above which what somebody asks for by hand waits for a second person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.money import format_amount
from kashu.orders.tables import limits


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be asked for without a second person, money in ten-thousandths; None: anything.

    Of orders: all that are entered at once, by form or by file.
    """

    order_above_e4: int | None = None
    order_units_above: int | None = None
    refund_above_e4: int | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None

    @property
    def let_all_orders_by(self) -> bool:
        """Whether there is no limit to orders."""
        return self.order_above_e4 is None and self.order_units_above is None

    def why_ask(self, amount_e4: int, units: int) -> str:
        """Say which limits some orders are above, as a code; empty: none."""
        much = self.order_above_e4 is not None and amount_e4 > self.order_above_e4
        many = self.order_units_above is not None and units > self.order_units_above
        if much and many:
            return "above_both"
        return "above_amount" if much else "above_units" if many else ""


async def limits_of(tx: Tx, tenant_id: int) -> Limits:
    """Read the shop's limits."""
    found = await tx.execute(
        select(
            limits.c.order_above_e4,
            limits.c.order_units_above,
            limits.c.refund_above_e4,
            limits.c.changed_by,
            limits.c.changed_at,
        ).where(limits.c.tenant_id == tenant_id)
    )
    row = found.one_or_none()
    return Limits() if row is None else Limits(*row)


async def set_limits(tx: Tx, tenant_id: int, actor: str, wanted: Limits) -> Limits:
    """Set the shop's limits, all of them. What waits already goes on waiting."""
    values: dict[str, Any] = {
        "order_above_e4": wanted.order_above_e4,
        "order_units_above": wanted.order_units_above,
        "refund_above_e4": wanted.refund_above_e4,
        "changed_by": actor,
    }
    await tx.execute(
        insert(limits)
        .values(tenant_id=tenant_id, **values)
        .on_conflict_do_update(
            index_elements=[limits.c.tenant_id], set_={**values, "changed_at": func.now()}
        )
    )
    facts = {
        "order_above": _written(wanted.order_above_e4),
        "order_units_above": wanted.order_units_above,
        "refund_above": _written(wanted.refund_above_e4),
    }
    await record(tx, tenant_id, actor, [Event("order_limits.set", new_id(), facts)])
    return await limits_of(tx, tenant_id)


def _written(amount_e4: int | None) -> str | None:
    return None if amount_e4 is None else format_amount(amount_e4)
