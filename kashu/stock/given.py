"""Given: which cards some lines got, from which lots and why, and who saw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class Given:
    """Cards of one lot that a line got at once, and why that lot. `facts`: see because()."""

    line_id: UUID
    lot_id: UUID
    supplier_id: UUID
    warehouse_code: str
    warehouse_name: str
    expires_on: date | None
    unit_cost_e4: int
    currency: str
    at: datetime
    facts: dict[str, Any]
    count: int
    released: int  # of these


@dataclass(frozen=True, slots=True)
class Seen:
    """Cards of a line that somebody saw at once."""

    line_id: UUID
    at: datetime
    actor: str
    reason: str
    recipient: str
    count: int


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Cards of a line that it gave back at once."""

    line_id: UUID
    lot_id: UUID
    at: datetime
    because: str
    count: int


_given = Statement(__file__, "given.sql", Given)
_seen = Statement(__file__, "given_seen.sql", Seen)
_taken_back = Statement(__file__, "given_back.sql", TakenBack)


async def given_to(tx: Tx, tenant_id: int, line_ids: Sequence[UUID]) -> list[Given]:
    """Say from which lots some lines got their cards, and why, oldest first."""
    return await _given(tx, tenant=tenant_id, lines=list(line_ids))


async def seen_of(tx: Tx, tenant_id: int, line_ids: Sequence[UUID]) -> list[Seen]:
    """Say who saw the cards that some lines hold or held, oldest first."""
    return await _seen(tx, tenant=tenant_id, lines=list(line_ids))


async def taken_back_from(tx: Tx, tenant_id: int, line_ids: Sequence[UUID]) -> list[TakenBack]:
    """Say which cards some lines gave back, oldest first."""
    return await _taken_back(tx, tenant=tenant_id, lines=list(line_ids))
