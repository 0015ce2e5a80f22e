"""Allocate: give the cards we hold to the lines that want them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, chain
from typing import Any
from uuid import UUID

import msgspec

from kashu.core.db import Tx
from kashu.core.ids import new_ids
from kashu.core.sql import Statement
from kashu.stock.hold import hold
from kashu.stock.kinds import ANSWERED
from kashu.stock.plan import Choice, Demand, Taking, plan
from kashu.stock.strategy import Offered


@dataclass(frozen=True, slots=True)
class _Taken:
    """The statement returns no rows."""


_offers = Statement(__file__, "allocate_offers.sql", Offered)
_take = Statement(__file__, "allocate_take.sql", _Taken)
_take_uses = Statement(__file__, "allocate_take_uses.sql", _Taken)


class StockDrifted(AssertionError):
    """A lot's counters promised cards that aren't there. A bug: nothing is committed."""


async def offers(tx: Tx, tenant_id: int, sku_ids: Sequence[UUID]) -> list[Offered]:
    """The open lots of some SKUs that have anything to give, in no particular order."""
    return await _offers(tx, tenant=tenant_id, skus=list(sku_ids))


async def allocate(
    tx: Tx, tenant_id: int, demands: Sequence[Demand], today: date
) -> list[tuple[Taking, ...]]:
    """Give cards to demands, in the order given; each gets all it wants, or none unless partial.

    Returns the takings of each demand in that order; an empty tuple is a shortage. Nobody has
    seen the cards yet, and reveal() is how they leave; but cards of their own, not promised ones
    and not shared ones, are written down as seen by the demand's reader, for open_answered().
    Locks: the SKUs' levels, in order (at most 3 s), until `tx` ends.
    """
    assert all(demand.reservation_id is None for demand in demands), "see allocate_reserved()"
    sku_ids = sorted({demand.sku_id for demand in demands})
    await hold(tx, tenant_id, sku_ids)
    served = plan(await offers(tx, tenant_id, sku_ids), demands, today)
    takings = [taking for each in served for taking in each]
    whole = [taking for taking in takings if not taking.lot.shared]
    if whole:
        await _take(tx, **_given(tenant_id, whole), **_readers(whole))
    uses = [taking for taking in takings if taking.lot.shared]
    if uses:
        await _take_uses(tx, **_given(tenant_id, uses))
    return served


def _given(tenant_id: int, takings: Sequence[Taking]) -> dict[str, Any]:
    """Say who gets what: the n-th unit of a lot goes to whoever the plan gave it to.

    The statement raises NotNullViolation when a lot has fewer than it promised: a bug, nothing is
    committed.
    """
    choice_ids = _choice_ids(takings)
    lots: dict[UUID, Offered] = {}
    units: dict[UUID, list[tuple[UUID, UUID]]] = defaultdict(list)  # for whom and why, by lot
    for taking in takings:
        lot_id = taking.lot.lot_id
        lots[lot_id] = taking.lot
        units[lot_id] += [(taking.line_id, choice_ids[taking.choice])] * taking.count
    counts = [len(of_lot) for of_lot in units.values()]
    lines, choices = zip(*chain.from_iterable(units.values()), strict=True)
    return {
        "tenant": tenant_id,
        "lots": list(lots),
        "counts": counts,
        "firsts": list(accumulate(counts, initial=1))[:-1],
        "heads": [lot.head for lot in lots.values()],
        "ids": new_ids(len(lines)),
        "unit_lines": list(lines),
        "unit_choices": list(choices),
        "choices": list(choice_ids.values()),
        "choice_lots": [choice.lot_id for choice in choice_ids],
        "choice_strategies": [choice.strategy_id for choice in choice_ids],
        "choice_facts": [msgspec.json.encode(choice.facts).decode() for choice in choice_ids],
    }


def _readers(takings: Sequence[Taking]) -> dict[str, Any]:
    """Say who sees which unit in the same breath, unit by unit as _given() has them."""
    places = {reader: place for place, reader in enumerate(_names(takings), start=1)}
    of_lot: dict[UUID, list[int]] = defaultdict(list)
    for taking in takings:
        place = places[taking.reader] if taking.reader else 0
        of_lot[taking.lot.lot_id] += [place] * taking.count
    units = list(chain.from_iterable(of_lot.values()))
    return {
        "readers": list(places),
        "unit_readers": units,
        "reveal_ids": new_ids(len(units)) if places else [],
        "reason": ANSWERED,
    }


def _names(takings: Sequence[Taking]) -> list[str]:
    return list(dict.fromkeys(taking.reader for taking in takings if taking.reader))


def _choice_ids(takings: Sequence[Taking]) -> dict[Choice, UUID]:
    choices = list(dict.fromkeys(taking.choice for taking in takings))
    return dict(zip(choices, new_ids(len(choices)), strict=True))
