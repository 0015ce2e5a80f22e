"""What the demo has come to, counted by its client and read from the books."""

import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from sqlalchemy import text

from kashu.access.tenants import Tenant
from kashu.core.db import Database
from kashu.core.money import format_amount
from kashu.orders.answers import OrdersAnswer
from kashu.reports.profit import profit
from kashu.reports.verify import Verified, verify


@dataclass(slots=True)
class Seen:
    """The client's own list: every answer it got, and which order each card came for."""

    began_at: float = field(default_factory=time.perf_counter)
    orders: set[UUID] = field(default_factory=set)
    delivered: Counter[UUID] = field(default_factory=Counter)  # units by order
    short: Counter[UUID] = field(default_factory=Counter)
    owner_of: dict[UUID, UUID] = field(default_factory=dict)  # card → order
    given: set[str] = field(default_factory=set, repr=False)  # the cards, as buyers read them
    duplicates: int = 0
    ended_at: float | None = None

    def note(self, content: bytes) -> None:
        """Take an answer down. A card that another order got already is a duplicate."""
        for order in msgspec.json.decode(content, type=OrdersAnswer).orders:
            self.orders.add(order.order_id)
            self.delivered[order.order_id] = sum(line.delivered for line in order.lines)
            self.short[order.order_id] = sum(line.waiting for line in order.lines)
            for line in order.lines:
                for card in line.cards:
                    owner = self.owner_of.setdefault(card.card_id, order.order_id)
                    self.duplicates += owner != order.order_id
                    self.given.add(" ".join(filter(None, (card.number, card.password, card.url))))

    @property
    def orders_per_s(self) -> float:
        """How fast they were answered, from the first to the last."""
        took_s = (self.ended_at or time.perf_counter()) - self.began_at
        return round(len(self.orders) / max(took_s, 1e-9), 1)


async def duplicates_in(database: Database, tenant: Tenant) -> int:
    """Cards that belong to two lines at once. The database forbids it; this looks."""
    async with database.transaction(tenant.id) as tx:
        found = await tx.execute(
            text(
                "SELECT count(*) FROM (SELECT 1 FROM stock.allocations"
                " WHERE tenant_id = :tenant AND released_at IS NULL"
                " GROUP BY card_id, use_number HAVING count(*) > 1) AS twice"
            ),
            {"tenant": tenant.id},
        )
        return int(found.scalar_one())


async def profit_of(database: Database, tenant: Tenant) -> str:
    """The books' profit so far, in yuan."""
    async with database.transaction(tenant.id) as tx:
        report = await profit(tx, tenant.id)
    return format_amount(sum(total.figures.profit_e4 for total in report.totals))


async def verified(database: Database, tenant: Tenant) -> Verified:
    """Prove the invariants on what the demo has written."""
    async with database.transaction(tenant.id) as tx:
        return await verify(tx, tenant.id)
