"""Buyer: a merchant that buys: its database rows, its day, and the way to its suppliers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from kashu.core.db import Database, Tx
from kashu.purchases.moves import Occasion
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.upstream import Rules

WRITERS_MAX: Final = 6  # transactions side by side, however many calls are under way


@dataclass(frozen=True, slots=True)
class Buyer:
    """On whose behalf something is ordered or asked about, and who says so."""

    database: Database
    tenant_id: int
    timezone: str
    upstreams: Upstreams
    actor: str = "system"
    _room: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(WRITERS_MAX), init=False, compare=False
    )

    def now(self) -> datetime:
        """The moment."""
        return self.upstreams.now()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Open a transaction of this merchant's, when there is room. Not one within another."""
        async with self._room, self.database.transaction(self.tenant_id) as tx:
            yield tx

    def occasion(self, rules: Rules) -> Occasion:
        """This moment, at a supplier with such rules."""
        return Occasion(
            self.tenant_id,
            self.actor,
            self.now(),
            self.timezone,
            self.upstreams.keyrings,
            rules,
        )
