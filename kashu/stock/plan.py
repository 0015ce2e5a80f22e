"""Plan: which lots serve which demands. Pure: what allocate() does and what a preview shows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from kashu.stock.strategy import Offered, Strategy, because, in_order


@dataclass(frozen=True, slots=True)
class Demand:
    """Somebody wants cards of a SKU. `line_id` is theirs; stock doesn't know more."""

    line_id: UUID
    sku_id: UUID
    quantity: int
    strategy: Strategy
    partial_allowed: bool = False
    reservation_id: UUID | None = None  # take what was promised under it
    reader: str | None = None  # who sees the cards in the same breath; see open_answered()


@dataclass(frozen=True, slots=True)
class Taking:
    """`count` units of one lot for one demand, and why that lot."""

    line_id: UUID
    lot: Offered
    count: int
    choice: "Choice"
    reader: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Why a lot was taken from; shared by all takings of one plan that chose it alike."""

    lot_id: UUID
    strategy_id: UUID | None
    facts: dict[str, Any]


@dataclass(slots=True)
class _Queue:
    """The lots of one (SKU, strategy), in its order, and how far they have been used up."""

    strategy: Strategy
    lots: list[Offered]
    first: int = 0
    choices: dict[int, Choice] = field(default_factory=dict)

    def choice(self, place: int) -> Choice:
        if place not in self.choices:
            facts = because(self.strategy, self.lots, place)
            self.choices[place] = Choice(self.lots[place].lot_id, self.strategy.id, facts)
        return self.choices[place]


def plan(
    lots: Sequence[Offered], demands: Sequence[Demand], today: date
) -> list[tuple[Taking, ...]]:
    """Serve demands in the order given; each gets all its units, or none unless partial is allowed.

    A demand that can't be served doesn't hold up the ones behind it.
    Returns the takings of each demand, in order; an empty tuple is a shortage.
    """
    by_sku: dict[UUID, list[Offered]] = defaultdict(list)
    for lot in lots:
        by_sku[lot.sku_id].append(lot)
    left = {lot.lot_id: lot.available for lot in lots}
    queues: dict[tuple[UUID, Strategy], _Queue] = {}
    served = []
    for demand in demands:
        at = (demand.sku_id, demand.strategy)
        if at not in queues:
            ordered = in_order(demand.strategy, by_sku[demand.sku_id], today)
            queues[at] = _Queue(demand.strategy, ordered)
        served.append(_serve(demand, queues[at], left))
    return served


def _serve(demand: Demand, queue: _Queue, left: dict[UUID, int]) -> tuple[Taking, ...]:
    """Walk the lots until the demand is met, and only then take from them."""
    wanted = demand.quantity
    found: list[tuple[int, int]] = []
    for place in _with_stock(queue, left):
        count = min(wanted, left[queue.lots[place].lot_id])
        found.append((place, count))
        wanted -= count
        if not wanted:
            break
    if wanted and not demand.partial_allowed:
        return ()
    takings = []
    for place, count in found:
        lot = queue.lots[place]
        left[lot.lot_id] -= count
        takings.append(Taking(demand.line_id, lot, count, queue.choice(place), demand.reader))
    return tuple(takings)


def _with_stock(queue: _Queue, left: dict[UUID, int]) -> Iterator[int]:
    while queue.first < len(queue.lots) and not left[queue.lots[queue.first].lot_id]:
        queue.first += 1  # used up for good within this plan
    for place in range(queue.first, len(queue.lots)):
        if left[queue.lots[place].lot_id]:
            yield place
