"""Settle: write lines as they now stand, after stock came or money went back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.orders.books import Sold
from kashu.orders.line_shares import Shares


@dataclass(frozen=True, slots=True)
class Standing:
    """A line as it stands, with what its books and its strategy need to know."""

    line_id: UUID
    order_id: UUID
    number: int
    sku_id: UUID
    store_id: UUID
    customer_id: UUID | None
    reservation_id: UUID | None
    partial_allowed: bool
    delivered: int
    waiting: int
    refused: int
    refunded: int
    unearned_e4: int
    earned_e4: int
    refunded_e4: int

    @property
    def shares(self) -> Shares:
        """Its units and money."""
        return Shares(
            self.delivered,
            self.waiting,
            self.refused,
            self.refunded,
            self.unearned_e4,
            self.earned_e4,
            self.refunded_e4,
        )

    @property
    def sold(self) -> Sold:
        """Whose it is and what of."""
        return Sold(self.line_id, self.sku_id, self.store_id, self.customer_id)


@dataclass(frozen=True, slots=True)
class _Written:
    line_id: UUID


lines_of = Statement(__file__, "settle_lines_of.sql", Standing)
short_lines = Statement(__file__, "settle_short_lines.sql", Standing)
lines_by_id = Statement(__file__, "settle_lines_by_id.sql", Standing)
_settle = Statement(__file__, "settle.sql", _Written)


async def settle(tx: Tx, tenant_id: int, shares: Mapping[UUID, Shares]) -> None:
    """Write the units and money of lines; a line that waits for none is filled.

    Under hold() of the lines' SKUs since before they were read.
    """
    if not shares:
        return
    stands: Sequence[Shares] = list(shares.values())
    written = await _settle(
        tx,
        tenant=tenant_id,
        ids=list(shares),
        delivered=[stand.delivered for stand in stands],
        waiting=[stand.waiting for stand in stands],
        refused=[stand.refused for stand in stands],
        refunded=[stand.refunded for stand in stands],
        unearned=[stand.unearned_e4 for stand in stands],
        earned=[stand.earned_e4 for stand in stands],
        back=[stand.refunded_e4 for stand in stands],
    )
    assert len(written) == len(shares), "every line that is settled exists"
