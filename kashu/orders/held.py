"""Held: what people asked for above a limit of the shop's, as it stands."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, null, select, tuple_

from kashu.core.db import Tx
from kashu.core.money import format_amount
from kashu.orders.errors_held import UnknownApproval
from kashu.orders.tables import HeldKind, HeldState, held, orders


@dataclass(frozen=True, slots=True)
class Held:
    """Something that was asked for, what it comes to, and who decided. Money in ten-thousandths."""

    id: UUID
    kind: HeldKind
    state: HeldState
    asked_by: str
    asked_at: datetime
    request_key: str
    request_hash: bytes = field(repr=False)
    order_id: UUID | None  # of a refund
    orders_count: int
    units: int
    amount_e4: int
    said: str
    wanted: Any = field(repr=False)
    sealed_accounts: bytes | None = field(repr=False)
    key_version: int | None
    file_name: str
    part: int
    parts: int
    approved_by: str | None
    approved_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    ended_because: str | None
    order_number: str | None  # of a refund's order

    @property
    def facts(self) -> dict[str, Any]:
        """What an event tells of it."""
        told: dict[str, Any] = {
            "kind": self.kind.value,
            "amount": format_amount(self.amount_e4),
            "units": self.units,
            "orders": self.orders_count,
            "said": self.said,
        }
        return told | ({"order_id": str(self.order_id)} if self.order_id else {})


async def held_by_id(tx: Tx, tenant_id: int, held_id: UUID) -> Held:
    """Read one. Raises: UnknownApproval."""
    found = await tx.execute(_selected(tenant_id).where(held.c.id == held_id))
    row = found.one_or_none()
    if row is None:
        raise UnknownApproval(approval=held_id)
    return held_row(row)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which are asked for; None: any."""

    state: HeldState | None = None
    order_id: UUID | None = None  # refunds of that order


async def held_list(
    tx: Tx, tenant_id: int, wanted: Wanted, *, before: UUID | None, limit: int
) -> list[Held]:
    """Read some, the newest first; `before`: those that were asked for before that one."""
    asked = _such(_selected(tenant_id, in_short=True), wanted)
    if before is not None:
        last = await tx.execute(
            select(held.c.asked_at, held.c.id).where(
                held.c.tenant_id == tenant_id, held.c.id == before
            )
        )
        place = last.one_or_none()
        if place is None:
            return []
        asked = asked.where(tuple_(held.c.asked_at, held.c.id) < tuple_(*place))
    asked = asked.order_by(held.c.asked_at.desc(), held.c.id.desc()).limit(limit)
    return [held_row(row) for row in await tx.execute(asked)]


async def count_held(tx: Tx, tenant_id: int, wanted: Wanted) -> int:
    """Count them."""
    asked = select(func.count()).select_from(held).where(held.c.tenant_id == tenant_id)
    return int((await tx.execute(_such(asked, wanted))).scalar_one())


async def held_request(tx: Tx, tenant_id: int, asked_by: str, key: str) -> Held | None:
    """Find what became of orders that somebody asked for under a key; None: they never waited."""
    found = await tx.execute(
        _selected(tenant_id)
        .where(held.c.kind == HeldKind.ORDERS)
        .where(held.c.asked_by == asked_by, held.c.request_key == key)
        .order_by(held.c.asked_at.desc(), held.c.id.desc())
        .limit(1)
    )
    row = found.one_or_none()
    return None if row is None else held_row(row)


def held_row(row: Any) -> Held:  # noqa: ANN401  (a row of SQLAlchemy's)
    """Read a row of _selected()."""
    told = row._asdict()
    told["kind"], told["state"] = HeldKind(told["kind"]), HeldState(told["state"])
    return Held(**told)


def _selected(tenant_id: int, *, in_short: bool = False) -> Select[Any]:
    """`in_short`: without what orders are in: ten thousand lines each, which no list shows."""
    kept: list[Any] = [column for column in held.c if column.name != "tenant_id"]
    if in_short:
        of_orders = held.c.kind == HeldKind.ORDERS.value
        left_out = {"wanted": case((of_orders, null()), else_=held.c.wanted).label("wanted")}
        kept = [left_out.get(column.name, column) for column in kept]
    its_order = and_(orders.c.tenant_id == tenant_id, orders.c.id == held.c.order_id)
    return (
        select(*kept, orders.c.external_id.label("order_number"))
        .select_from(held)
        .join(orders, its_order, isouter=True)
        .where(held.c.tenant_id == tenant_id)
    )


def _such(asked: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.state is not None:
        asked = asked.where(held.c.state == wanted.state)
    if wanted.order_id is not None:
        asked = asked.where(held.c.order_id == wanted.order_id)
    return asked
