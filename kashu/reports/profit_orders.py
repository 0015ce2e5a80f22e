"""Profit by order: the orders behind a part of the profit report, adding up to it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.ledger.kinds import PROFIT_KINDS
from kashu.reports.dimensions import Dimension
from kashu.reports.errors import SpanBackwards
from kashu.reports.profit import Filters, meaning

# What the books may not say of a posting: the store of a card that expired, say.
UNSAID: Final = (Dimension.SKU, Dimension.STORE, Dimension.SUPPLIER, Dimension.CUSTOMER)
_FIRST: Final = date(2000, 1, 1)
_LAST: Final = date(9000, 1, 1)


@dataclass(frozen=True, slots=True)
class OrderProfit:
    """What an order did to profit in some days; None: what is of no order.

    `all_…` are of everything that was found in its currency, `found` how many rows there are.
    """

    order_id: UUID | None
    number: str | None
    store_name: str | None
    at: datetime
    currency: str
    units: int
    revenue_e4: int
    cost_e4: int
    profit_e4: int
    found: int
    all_units: int
    all_revenue_e4: int
    all_cost_e4: int
    all_profit_e4: int


_orders = Statement(__file__, "profit_orders.sql", OrderProfit)


async def profit_orders(
    tx: Tx,
    tenant_id: int,
    *,
    since: date | None,
    until: date | None,
    filters: Filters,
    unsaid: Collection[Dimension] = (),
    behind: int = 0,
    limit: int,
) -> Sequence[OrderProfit]:
    """Read what orders did to the profit of the merchant's days [since, until], the latest first.

    Filtered as profit(); `unsaid`: where the books don't name these. All rows add up to that
    report's, to the unit: both are of the same postings.
    Raises: SpanBackwards, UnknownFilterValue.
    """
    if since is not None and until is not None and until < since:
        raise SpanBackwards(since=since, until=until)
    chosen = await meaning(tx, tenant_id, filters)
    return await _orders(
        tx,
        tenant_id=tenant_id,
        since=max(since or _FIRST, _FIRST),
        until=min(until or _LAST, _LAST - timedelta(days=9)),
        profit_kinds=sorted(PROFIT_KINDS),
        behind=behind,
        limit=limit,
        **{f"no_{each.value}": each in unsaid for each in UNSAID},
        **chosen,
    )
