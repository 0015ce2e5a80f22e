"""Allocate what was reserved: who was promised cards gets those, and the rest from stock."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

import msgspec

from kashu.core.db import Tx
from kashu.core.ids import new_ids
from kashu.core.sql import Statement
from kashu.stock.allocate import StockDrifted, allocate
from kashu.stock.hold import hold
from kashu.stock.plan import Choice, Demand, Taking
from kashu.stock.strategy import FEFO, Offered, in_order


@dataclass(frozen=True, slots=True)
class _Kept:
    """An Offered whose `available` is what one reservation keeps of the lot."""

    reservation_id: UUID
    lot_id: UUID
    sku_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    unit_cost_e4: int
    expires_on: date | None
    received_at: datetime
    available: int
    head: int
    shared: bool
    warehouse_priority: int


@dataclass(frozen=True, slots=True)
class _Given:
    line_id: UUID
    card_id: UUID


_offers = Statement(__file__, "allocate_reserved_offers.sql", _Kept)
_take = Statement(__file__, "allocate_reserved_take.sql", _Given)
_LOT = [field.name for field in fields(Offered)]

_Drawn: TypeAlias = tuple[UUID, Taking]  # the reservation that the units were kept under


async def allocate_reserved(
    tx: Tx, tenant_id: int, demands: Sequence[Demand], today: date
) -> list[tuple[Taking, ...]]:
    """As allocate(), for demands of which some were promised cards.

    A demand with a reservation takes what is kept for it, the earliest expiry first, then from
    stock as its strategy says; all or nothing, unless partial. What is kept in a frozen or expired
    lot stays. What a reservation has left stays kept until its time; with nothing left it is used.
    Locks: the SKUs' levels, in order (at most 3 s), until `tx` ends.
    """
    sku_ids = sorted({demand.sku_id for demand in demands})
    await hold(tx, tenant_id, sku_ids)
    drawn = _draw(await _kept(tx, tenant_id, demands, sku_ids), demands, today)
    rest = [_rest(demand, took) for demand, took in zip(demands, drawn, strict=True)]
    wanted = [demand for demand in rest if demand.quantity]
    served = iter(await allocate(tx, tenant_id, wanted, today)) if wanted else iter(())
    outcome: list[tuple[Taking, ...]] = []
    takings: list[_Drawn] = []
    for demand, took in zip(rest, drawn, strict=True):
        bought = next(served) if demand.quantity else ()
        if demand.quantity and not bought and not demand.partial_allowed:
            outcome.append(())  # what was kept for it stays kept
            continue
        takings += took
        outcome.append((*(taking for _, taking in took), *bought))
    if takings:
        await _give(tx, tenant_id, takings)
    return outcome


async def _kept(
    tx: Tx, tenant_id: int, demands: Sequence[Demand], sku_ids: Sequence[UUID]
) -> dict[UUID, list[Offered]]:
    """Read what each reservation keeps, by reservation."""
    reservations = {demand.reservation_id for demand in demands if demand.reservation_id}
    kept = await _offers(tx, tenant=tenant_id, reservations=list(reservations), skus=list(sku_ids))
    lots: dict[UUID, list[Offered]] = defaultdict(list)
    for row in kept:
        lots[row.reservation_id].append(Offered(**{name: getattr(row, name) for name in _LOT}))
    return lots


def _draw(
    kept: dict[UUID, list[Offered]], demands: Sequence[Demand], today: date
) -> list[list[_Drawn]]:
    """Plan what each demand takes of what is kept for it, in the order given."""
    queues = {of: in_order(FEFO, lots, today) for of, lots in kept.items()}
    left = {(of, lot.lot_id): lot.available for of, lots in kept.items() for lot in lots}
    choices: dict[tuple[UUID, UUID], Choice] = {}
    drawn = []
    for demand in demands:
        took: list[_Drawn] = []
        of = demand.reservation_id
        if of is not None:
            wanted = demand.quantity
            for lot in queues.get(of, ()):
                count = min(wanted, left[of, lot.lot_id])
                if lot.sku_id != demand.sku_id or not count:
                    continue
                left[of, lot.lot_id] -= count
                wanted -= count
                because = Choice(lot.lot_id, None, {"reserved": str(of)})
                choice = choices.setdefault((of, lot.lot_id), because)
                took.append((of, Taking(demand.line_id, lot, count, choice)))
        drawn.append(took)
    return drawn


def _rest(demand: Demand, took: Sequence[_Drawn]) -> Demand:
    """Say what a demand still wants from stock."""
    kept = sum(taking.count for _, taking in took)
    return replace(demand, quantity=demand.quantity - kept, reservation_id=None)


async def _give(tx: Tx, tenant_id: int, takings: Sequence[_Drawn]) -> None:
    """Take the planned units: the n-th of a (reservation, lot) goes to whoever the plan says."""
    choices = list(dict.fromkeys(taking.choice for _, taking in takings))
    choice_ids = dict(zip(choices, new_ids(len(choices)), strict=True))
    wanted: Counter[tuple[UUID, UUID]] = Counter()
    units: list[tuple[UUID, UUID, int, UUID, UUID]] = []
    for of, taking in takings:
        lot_id, choice_id = taking.lot.lot_id, choice_ids[taking.choice]
        for _ in range(taking.count):
            wanted[of, lot_id] += 1
            units.append((of, lot_id, wanted[of, lot_id], taking.line_id, choice_id))
    given = await _take(
        tx,
        tenant=tenant_id,
        reservations=[of for of, _ in wanted],
        lots=[lot_id for _, lot_id in wanted],
        counts=list(wanted.values()),
        ids=new_ids(len(units)),
        unit_reservations=[unit[0] for unit in units],
        unit_lots=[unit[1] for unit in units],
        unit_numbers=[unit[2] for unit in units],
        unit_lines=[unit[3] for unit in units],
        unit_choices=[unit[4] for unit in units],
        choices=[choice_ids[choice] for choice in choices],
        choice_lots=[choice.lot_id for choice in choices],
        choice_strategies=[choice.strategy_id for choice in choices],
        choice_facts=[msgspec.json.encode(choice.facts).decode() for choice in choices],
    )
    if len(given) != len(units):
        raise StockDrifted(f"planned {len(units)} kept cards, found {len(given)}")
