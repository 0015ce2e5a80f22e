"""Profit by order: the orders behind a part of the profit report, adding up to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.ledger.kinds import PROFIT_KINDS
from kashu.reports.dimensions import UNSAID, Dimension
from kashu.reports.errors import SpanBackwards
from kashu.reports.profit import Filters, meaning

_FIRST: Final = date(2000, 1, 1)
_LAST: Final = date(9000, 1, 1)
_SLACK: Final = timedelta(days=2)  # between a merchant's day and UTC's, and of clocks


@dataclass(frozen=True, slots=True)
class OrderProfit:
    """What an order did to profit in some days, or what is of no order: a lot that expired, say."""

    key: UUID  # of the order, or of what it is about
    order_id: UUID | None
    lot_id: UUID | None  # where it is of no order, and of a lot
    number: str | None
    store_name: str | None
    at: datetime
    currency: str
    units: int
    revenue_e4: int
    cost_e4: int
    profit_e4: int

    @property
    def mark(self) -> "Mark":
        """Where it stands among the others."""
        return Mark(self.at, self.key, self.currency)


class Mark(NamedTuple):
    """Where one stands: the latest posting first."""

    at: datetime
    key: UUID
    currency: str


_orders = Statement(__file__, "profit_orders.sql", OrderProfit)
_page = Statement(__file__, "profit_orders_page.sql", OrderProfit)


async def profit_orders(
    tx: Tx,
    tenant_id: int,
    *,
    since: date | None,
    until: date | None,
    filters: Filters,
    unsaid: Collection[Dimension] = (),
    after: Mark | None = None,
    limit: int,
) -> Sequence[OrderProfit]:
    """Read what orders did to the profit of the merchant's days [since, until], the latest first.

    Filtered as profit(). All rows add up to that report's, to the unit: both are of the same
    postings. `after`: the mark of the last one read.
    Raises: SpanBackwards, UnknownFilterValue.
    """
    part = await _part(tx, tenant_id, since=since, until=until, filters=filters, unsaid=unsaid)
    # What isn't asked for must cost nothing: plan for what is, not for whatever might be.
    await tx.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")
    at, key, currency = after or (None, None, None)
    return await _page(tx, **part, after_at=at, after_key=key, after_currency=currency, limit=limit)


async def all_profit_orders(
    tx: Tx,
    tenant_id: int,
    *,
    since: date | None,
    until: date | None,
    filters: Filters,
    unsaid: Collection[Dimension] = (),
    limit: int,
) -> Sequence[OrderProfit]:
    """Read as profit_orders() all of them at once, for a file: what that costs grows with the days.

    Raises: SpanBackwards, UnknownFilterValue.
    """
    part = await _part(tx, tenant_id, since=since, until=until, filters=filters, unsaid=unsaid)
    return await _orders(tx, **part, limit=limit)


async def _part(
    tx: Tx,
    tenant_id: int,
    *,
    since: date | None,
    until: date | None,
    filters: Filters,
    unsaid: Collection[Dimension],
) -> dict[str, Any]:
    if since is not None and until is not None and until < since:
        raise SpanBackwards(since=since, until=until)
    first, last = max(since or _FIRST, _FIRST), min(until or _LAST, _LAST)
    return {
        "tenant_id": tenant_id,
        "since": first,
        "until": last,
        "begins_at": datetime.combine(first - _SLACK, time.min, UTC),
        "ends_at": datetime.combine(last + _SLACK, time.max, UTC),
        "profit_kinds": sorted(PROFIT_KINDS),
        **{f"no_{each.value}": each in unsaid for each in UNSAID},
        **await meaning(tx, tenant_id, filters),
    }
