"""Strategies: in which order lots are taken from, and which are left alone.

A strategy is an ordered list of steps. A step that keeps drops lots; a step that prefers sorts
them, the first one first. What no step decides, earliest expiry and then the oldest lot decide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import msgspec

from kashu.core.money import format_amount

NEVER: Final = date.max  # a lot without an expiry comes after all that have one


@dataclass(frozen=True, slots=True)
class Offered:
    """A lot as the allocator sees it."""

    lot_id: UUID
    sku_id: UUID
    warehouse_id: UUID
    supplier_id: UUID
    unit_cost_e4: int
    expires_on: date | None
    received_at: datetime
    available: int  # cards, or uses of a shared lot
    head: int
    shared: bool
    warehouse_priority: int


class MinimumValidity(msgspec.Struct, frozen=True, tag="minimum_validity", tag_field="keep"):
    """Keep lots whose cards work for at least `days` more days."""

    days: int


class OnlyWarehouses(msgspec.Struct, frozen=True, tag="warehouses", tag_field="keep"):
    """Keep lots of these warehouses."""

    ids: tuple[UUID, ...]


class OnlySuppliers(msgspec.Struct, frozen=True, tag="suppliers", tag_field="keep"):
    """Keep lots of these suppliers."""

    ids: tuple[UUID, ...]


class Prefer(msgspec.Struct, frozen=True):
    """Sort lots; `ids` only where the order is one of named warehouses or suppliers."""

    prefer: Literal[
        "earliest_expiry",
        "latest_expiry",
        "lowest_cost",
        "highest_cost",
        "oldest",
        "warehouse_priority",
        "suppliers_in_order",
        "warehouses_in_order",
    ]
    ids: tuple[UUID, ...] = ()


Keep: TypeAlias = MinimumValidity | OnlyWarehouses | OnlySuppliers
Step: TypeAlias = Keep | Prefer


class Strategy(msgspec.Struct, frozen=True):
    """An ordered list of steps under a name. `id` is None for the one that ships."""

    id: UUID | None
    name: str
    keeps: tuple[Keep, ...] = ()
    prefers: tuple[Prefer, ...] = ()


FEFO: Final = Strategy(None, "earliest_expiry", prefers=(Prefer("earliest_expiry"),))


def _place(ids: Sequence[UUID], of: UUID) -> int:
    return ids.index(of) if of in ids else len(ids)


_SORTS: Final[dict[str, Callable[[Offered, Prefer], Any]]] = {
    "earliest_expiry": lambda lot, _: lot.expires_on or NEVER,
    "latest_expiry": lambda lot, _: -(lot.expires_on or NEVER).toordinal(),
    "lowest_cost": lambda lot, _: lot.unit_cost_e4,
    "highest_cost": lambda lot, _: -lot.unit_cost_e4,
    "oldest": lambda lot, _: lot.received_at,
    "warehouse_priority": lambda lot, _: lot.warehouse_priority,
    "suppliers_in_order": lambda lot, by: _place(by.ids, lot.supplier_id),
    "warehouses_in_order": lambda lot, by: _place(by.ids, lot.warehouse_id),
}

_LAST: Final = (Prefer("earliest_expiry"), Prefer("oldest"))


def keeps(strategy: Strategy, lot: Offered, today: date) -> bool:
    """Tell whether a strategy would give from a lot at all. An expired lot is never given from."""
    if lot.expires_on is not None and lot.expires_on < today:
        return False
    for step in strategy.keeps:
        match step:
            case MinimumValidity(days=days):
                if (lot.expires_on or NEVER) < today + timedelta(days=days):
                    return False
            case OnlyWarehouses(ids=ids):
                if lot.warehouse_id not in ids:
                    return False
            case OnlySuppliers(ids=ids):
                if lot.supplier_id not in ids:
                    return False
    return True


def in_order(strategy: Strategy, lots: Sequence[Offered], today: date) -> list[Offered]:
    """Sort the lots a strategy keeps into the order it takes from them."""
    steps = (*strategy.prefers, *_LAST)

    def rank(lot: Offered) -> tuple[Any, ...]:
        return (*(_SORTS[step.prefer](lot, step) for step in steps), lot.lot_id)

    return sorted((lot for lot in lots if keeps(strategy, lot, today)), key=rank)


def because(strategy: Strategy, ordered: Sequence[Offered], place: int) -> dict[str, Any]:
    """Say why the lot at `place` comes there: how many could serve, and which step decided.

    The deciding step is the first on which it differs from the next candidate, which is named.
    """
    lot = ordered[place]
    rival = ordered[place + 1] if place + 1 < len(ordered) else None
    decided = "only_one" if len(ordered) == 1 else "last_left"
    if rival is not None:
        decided = "received_first"
        for step in (*strategy.prefers, *_LAST):
            if _SORTS[step.prefer](lot, step) != _SORTS[step.prefer](rival, step):
                decided = step.prefer
                break
    facts: dict[str, Any] = {
        "strategy": strategy.name,
        "candidates": len(ordered),
        "place": place + 1,
        "decided_by": decided,
        "expires_on": lot.expires_on.isoformat() if lot.expires_on else None,
        "unit_cost": format_amount(lot.unit_cost_e4),
    }
    if rival is not None:
        facts |= {
            "next_lot_id": str(rival.lot_id),
            "next_expires_on": rival.expires_on.isoformat() if rival.expires_on else None,
            "next_unit_cost": format_amount(rival.unit_cost_e4),
        }
    return facts
