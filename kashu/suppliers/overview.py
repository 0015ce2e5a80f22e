"""Overview: each supplier on a line: can it be bought from, how it did, what needs somebody."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from kashu.core.clock import day_of
from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.suppliers.papers_due import STEPS

DUE: Final = timedelta(days=STEPS[0])  # before a paper's last day it is told of


class Footing(StrEnum):
    """How we stand with a supplier: the first of these that holds."""

    NOT_CONNECTED = "not_connected"
    LOCKED_OUT = "locked_out"  # it doesn't accept our login
    FROZEN = "frozen"  # people froze it, or its quality did
    STOPPED = "stopped"
    BROKEN = "broken"  # the breaker is open …
    TRYING = "trying"  # … or one order tries
    UNREAD = "unread"  # its prices couldn't be read the last time
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Overview:
    """A supplier on one line. Shares in parts per million; None: nothing was bought there."""

    id: UUID
    code: str
    name: str
    tier: int
    added_at: datetime
    settlement: str
    frozen_because: str | None
    protocol: str | None  # None: not connected
    link_state: str | None
    prices_ok_at: datetime | None
    prices_failures: int
    prices_said: str
    breaks: int
    broken_until: datetime | None
    broken_because: str
    attempts: int | None
    success_ppm: int | None
    p95_ms: int | None
    invalid_ppm: int | None
    price_changes: int | None
    mapped: int  # offers that stand for a SKU
    unmapped: int
    held: int
    papers_due: int
    paper_expires_on: date | None
    currency: str

    def footing(self, at: datetime) -> Footing:
        """How we stand with it then."""
        broken = self.broken_until is not None and self.broken_until > at
        found = {
            Footing.NOT_CONNECTED: self.link_state is None,
            Footing.LOCKED_OUT: self.link_state == "locked_out",
            Footing.FROZEN: self.frozen_because is not None,
            Footing.STOPPED: self.link_state == "stopped",
            Footing.BROKEN: broken,
            Footing.TRYING: self.breaks > 0,
            Footing.UNREAD: self.prices_failures > 0,
        }
        return next((footing for footing, holds in found.items() if holds), Footing.OPEN)


_overview = Statement(__file__, "overview.sql", Overview)


async def overview_of(
    tx: Tx, tenant_id: int, supplier_ids: Collection[UUID], at: datetime, timezone: str
) -> list[Overview]:
    """Read some suppliers, each on its line, by code."""
    due_by = day_of(at, timezone) + DUE
    return await _overview(tx, tenant=tenant_id, suppliers=list(supplier_ids), due_by=due_by)
