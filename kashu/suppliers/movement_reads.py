"""Questions about movements of money with suppliers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from kashu.core.db import Tx
from kashu.core.secrets import MasterKeys
from kashu.suppliers.errors_prepaid import NoFileKept, UnknownMovement
from kashu.suppliers.files import Attached, open_file
from kashu.suppliers.kinds_prepaid import CashMethod, MovementKind, MovementState
from kashu.suppliers.tables_prepaid import movements


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement of money as it stands."""

    id: UUID
    supplier_id: UUID
    kind: MovementKind
    amount_e4: int
    currency: str
    method: CashMethod | None
    reason: str
    state: MovementState
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    paid_by: str | None
    paid_at: datetime | None
    reference: str
    evidence_name: str | None
    posted_by: str | None
    posted_at: datetime | None
    transfer_id: UUID | None
    ended_by: str | None
    ended_at: datetime | None
    ended_because: str | None


async def movement_of(tx: Tx, tenant_id: int, movement_id: UUID) -> Movement:
    """Read one. Raises: UnknownMovement."""
    row = (await tx.execute(selected(tenant_id).where(movements.c.id == movement_id))).one_or_none()
    if row is None:
        raise UnknownMovement(movement_id=movement_id)
    return as_movement(row)


def selected(tenant_id: int) -> Select[Any]:
    """All but what is sealed."""
    names = [each for each in Movement.__dataclass_fields__ if each in movements.c]
    return select(*(movements.c[name] for name in names)).where(movements.c.tenant_id == tenant_id)


def as_movement(row: Any) -> Movement:  # noqa: ANN401  (a row of SQLAlchemy's)
    """Read a row of selected()."""
    values = row._asdict()
    values["kind"] = MovementKind(values["kind"])
    values["state"] = MovementState(values["state"])
    values["method"] = values["method"] and CashMethod(values["method"])
    return Movement(**values)


async def movement_list(
    tx: Tx,
    tenant_id: int,
    *,
    supplier_id: UUID | None = None,
    state: MovementState | None = None,
    kind: MovementKind | None = None,
    before: UUID | None = None,
    limit: int = 100,
) -> list[Movement]:
    """Read movements, the latest first, those asked for before `before` was."""
    wanted = selected(tenant_id).order_by(movements.c.id.desc()).limit(limit)
    wanted = wanted.where(*_narrowed(supplier_id, state, kind))
    if before is not None:
        wanted = wanted.where(movements.c.id < before)
    return [as_movement(row) for row in await tx.execute(wanted)]


async def movement_count(
    tx: Tx,
    tenant_id: int,
    *,
    supplier_id: UUID | None = None,
    state: MovementState | None = None,
    kind: MovementKind | None = None,
) -> int:
    """Count movements."""
    wanted = select(func.count()).where(movements.c.tenant_id == tenant_id)
    found = await tx.execute(wanted.where(*_narrowed(supplier_id, state, kind)))
    return int(found.scalar_one())


def _narrowed(
    supplier_id: UUID | None, state: MovementState | None, kind: MovementKind | None
) -> list[ColumnElement[bool]]:
    asked = {"supplier_id": supplier_id, "state": state, "kind": kind}
    return [movements.c[name] == value for name, value in asked.items() if value is not None]


async def evidence_of(tx: Tx, tenant_id: int, movement_id: UUID, masters: MasterKeys) -> Attached:
    """Open the file that shows a payment. Raises: UnknownMovement, NoFileKept."""
    movement = await movement_of(tx, tenant_id, movement_id)
    kept = await tx.execute(
        select(movements.c.sealed_evidence).where(
            movements.c.tenant_id == tenant_id, movements.c.id == movement_id
        )
    )
    sealed = kept.scalar_one()
    if sealed is None or movement.evidence_name is None:
        raise NoFileKept
    content = open_file(masters, sealed, tenant_id=tenant_id, owner=movement_id)
    return Attached(movement.evidence_name, content)
