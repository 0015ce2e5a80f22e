"""Questions about orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final
from uuid import UUID

from kashu.catalog.kinds import Fulfilment
from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.orders.errors import UnknownOrder
from kashu.orders.order import Asked, LineOutcome, OrderOutcome


@dataclass(frozen=True, slots=True)
class _KnownLine:
    source: str
    external_id: str
    order_id: UUID
    line_id: UUID
    delivered: int
    waiting: int
    refused: int
    refunded: int
    sku: str
    quantity: int
    price_e4: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it stands. Money in ten-thousandths."""

    order_id: UUID
    line_id: UUID
    number: int
    sku_id: UUID
    sku_code: str
    sku_name_zh: str
    sku_name_en: str
    state: str
    quantity: int
    delivered: int
    waiting: int
    refused: int
    refunded: int
    price_e4: int
    earned_e4: int
    refunded_e4: int
    fulfilment: str  # of its SKU

    @property
    def is_topup(self) -> bool:
        """Whether an account is topped up for it: then it has no cards."""
        return self.fulfilment == Fulfilment.TOPUP


@dataclass(frozen=True, slots=True)
class Order:
    """An order without its lines."""

    order_id: UUID
    source: str
    external_id: str
    state: str
    store_id: UUID | None
    store_code: str | None
    customer_id: UUID | None
    customer_code: str | None
    currency: str
    total_e4: int
    cancelled: bool
    paid_at: datetime | None
    accepted_at: datetime


CAME_TO: Final = ("filled", "partly_filled", "short", "refused", "refunded")  # as state_of() says

_outcomes = Statement(__file__, "reads_outcomes.sql", _KnownLine)
_order = Statement(__file__, "reads_order.sql", Order)
_orders = Statement(__file__, "reads_orders.sql", Order)
_lines = Statement(__file__, "reads_lines.sql", Line)


async def outcomes_of(
    tx: Tx, tenant_id: int, names: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], OrderOutcome]:
    """How far the orders named (source, external_id) have come."""
    if not names:
        return {}
    rows = await _outcomes(
        tx,
        tenant=tenant_id,
        sources=[source for source, _ in names],
        external_ids=[external_id for _, external_id in names],
    )
    found = {}
    for name, lines in groupby(rows, key=lambda row: (row.source, row.external_id)):
        members = list(lines)
        found[name] = OrderOutcome(
            members[0].order_id,
            new=False,
            lines=tuple(
                LineOutcome(row.line_id, row.delivered, row.waiting, row.refused, row.refunded)
                for row in members
            ),
            asked=tuple(Asked(row.sku, row.quantity, row.price_e4) for row in members),
        )
    return found


async def order_by_id(tx: Tx, tenant_id: int, order_id: UUID) -> tuple[Order, list[Line]]:
    """One order with its lines by number. Raises: UnknownOrder."""
    orders = await _order(tx, tenant=tenant_id, order_id=order_id)
    if not orders:
        raise UnknownOrder(order=order_id)
    return orders[0], await _lines(tx, tenant=tenant_id, orders=[order_id])


async def lines_of_orders(
    tx: Tx, tenant_id: int, order_ids: Sequence[UUID]
) -> dict[UUID, list[Line]]:
    """The lines of some orders, by number."""
    lines: dict[UUID, list[Line]] = {order_id: [] for order_id in order_ids}
    for line in await _lines(tx, tenant=tenant_id, orders=list(order_ids)) if order_ids else []:
        lines[line.order_id].append(line)
    return lines


async def recent_orders(
    tx: Tx,
    tenant_id: int,
    *,
    most: int,
    before: UUID | None = None,
    since: datetime | None = None,
    came_to: str | None = None,
    external_id: str | None = None,
    store_id: UUID | None = None,
    customer_id: UUID | None = None,
) -> list[tuple[Order, list[Line]]]:
    """Orders with their lines, newest first, up to `most`, from behind `before` on.

    `external_id`: those of one outside number. `store_id`, `customer_id`: only theirs.
    `came_to`: one of CAME_TO. Of those that wait it is quick; others are looked for one by one.
    """
    orders = await _orders(
        tx,
        tenant=tenant_id,
        most=most,
        before=before,
        since=since,
        came_to=came_to,
        external_id=external_id,
        store_id=store_id,
        customer_id=customer_id,
    )
    lines = await lines_of_orders(tx, tenant_id, [order.order_id for order in orders])
    return [(order, lines[order.order_id]) for order in orders]
