"""Preview: which cards would be given next, and why those."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.core.sql import Statement
from kashu.stock.allocate import offers
from kashu.stock.plan import Demand, Taking, plan
from kashu.stock.strategies import strategies_for
from kashu.stock.strategy import Strategy


@dataclass(frozen=True, slots=True)
class NextCard:
    """A card that would be given, by the tail that may be shown, and what decided for its lot."""

    card_id: UUID
    tail: str
    lot_id: UUID
    because: dict[str, Any]
    warehouse_id: UUID
    supplier_id: UUID


@dataclass(frozen=True, slots=True)
class _Next:
    lot_id: UUID
    number: int
    card_id: UUID
    tail: str


_next = Statement(__file__, "preview_cards.sql", _Next)


async def next_ten(
    tx: Tx,
    tenant_id: int,
    sku_id: UUID,
    store_id: UUID | None = None,
    customer_id: UUID | None = None,
    *,
    today: date,
    count: int = 10,
    strategy: Strategy | None = None,
) -> list[NextCard]:
    """Say which cards an order would get now, in order; fewer where there are fewer.

    `strategy` asks what another than the one in force would do. Nothing is locked or written, so
    an order that comes meanwhile may take them first. A shared card comes as often as it has uses.
    """
    if strategy is None:
        [strategy] = await strategies_for(tx, tenant_id, [(sku_id, store_id, customer_id)])
    wanted = Demand(new_id(), sku_id, count, strategy, partial_allowed=True)
    [takings] = plan(await offers(tx, tenant_id, [sku_id]), [wanted], today)
    return await _cards_of(tx, tenant_id, takings)


async def _cards_of(tx: Tx, tenant_id: int, takings: Sequence[Taking]) -> list[NextCard]:
    rows = await _next(
        tx,
        tenant=tenant_id,
        lots=[taking.lot.lot_id for taking in takings],
        counts=[taking.count for taking in takings],
        heads=[taking.lot.head for taking in takings],
    )
    why = {taking.lot.lot_id: taking for taking in takings}
    order = {taking.lot.lot_id: place for place, taking in enumerate(takings)}
    rows.sort(key=lambda row: (order[row.lot_id], row.number))
    return [_next_card(row, why[row.lot_id]) for row in rows]


def _next_card(row: _Next, taking: Taking) -> NextCard:
    lot = taking.lot
    facts = taking.choice.facts
    return NextCard(row.card_id, row.tail, row.lot_id, facts, lot.warehouse_id, lot.supplier_id)
