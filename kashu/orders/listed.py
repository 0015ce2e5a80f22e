"""Listed: the orders that some conditions leave, a page at a time, and how many there are."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    table,
    tuple_,
    union_all,
)

from kashu.core.db import Tx
from kashu.core.prefixes import END_MIN, LAST, begins_with, ends_with, id_begins_with, typed
from kashu.core.sql import Statement
from kashu.orders.reads import Line, Order, lines_of_orders
from kashu.orders.tables import OrderState, lines, orders

_CUSTOMER: Final = "customer:"  # how the source of an agent's order begins
COUNTED_MAX: Final = 10_000  # beyond this nobody waits for a number

# Whether a platform told us of it: its number there is ours.
_told: Final = table("shop_orders", *map(column, ("tenant_id", "store_id", "number")))
_told.schema = "channels"

# Written as their indexes have them: a parameter would hide that these serve.
_NONE: Final[ColumnElement[int]] = literal_column("0")
_WAITS: Final = lines.c.state == literal_column("'short'")
_REFUSED: Final = lines.c.refused_count > _NONE
_GAVE_BACK: Final = or_(lines.c.refunded_count > _NONE, lines.c.refunded_e4 > _NONE)


class CameTo(StrEnum):
    """What became of an order, as state_of() says."""

    FILLED = "filled"
    PARTLY_FILLED = "partly_filled"
    SHORT = "short"
    REFUSED = "refused"
    REFUNDED = "refunded"


class Source(StrEnum):
    """How an order came to us."""

    PLATFORM = "platform"  # a store's platform told us
    AGENT = "agent"  # a customer's own program or console
    DIRECT = "direct"  # somebody of ours, or a program of ours


class Sorted(StrEnum):
    """What a list is in order of; a minus: the largest first."""

    LATEST = "-accepted_at"
    EARLIEST = "accepted_at"
    LARGEST = "-total"
    SMALLEST = "total"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What orders must be to be listed; None: anything. Money in ten-thousandths."""

    sku_ids: Collection[UUID] | None = None  # with a line of one of them
    store_id: UUID | None = None
    customer_id: UUID | None = None
    came_to: CameTo | None = None
    source: Source | None = None
    written: str | None = None  # how its number begins or ends, or our own id
    external_id: str | None = None
    since: datetime | None = None  # of when it was accepted
    until: datetime | None = None
    least_e4: int | None = None
    most_e4: int | None = None
    cancelled: bool | None = None
    gave_back: bool | None = None  # whether money or units went back

    @property
    def is_rare(self) -> bool:
        """Whether few orders are such: they are looked up, and put in order then."""
        few = {CameTo.PARTLY_FILLED, CameTo.SHORT, CameTo.REFUSED, CameTo.REFUNDED}
        return bool(self.came_to in few or self.gave_back or self.source is Source.AGENT)


@dataclass(frozen=True, slots=True)
class ListedOrder(Order):
    """An order as a list tells it. `buyer` is masked, and empty where nobody told."""

    store_name: str | None
    customer_name: str | None
    buyer: str
    from_platform: bool

    @property
    def came_by(self) -> Source:
        """How it came to us."""
        if self.from_platform:
            return Source.PLATFORM
        return Source.AGENT if self.source.startswith("customer:") else Source.DIRECT


_rows = Statement(__file__, "listed_rows.sql", ListedOrder)


async def listed_orders(
    tx: Tx,
    tenant_id: int,
    wanted: Conditions,
    *,
    most: int,
    before: UUID | None = None,
    sort: Sorted = Sorted.LATEST,
) -> list[tuple[ListedOrder, list[Line]]]:
    """Read a page of orders with their lines, from behind the order `before` on."""
    by_total = sort in {Sorted.LARGEST, Sorted.SMALLEST}
    by: ColumnElement[Any] = orders.c.total_e4 if by_total else orders.c.accepted_at
    falls = sort.value.startswith("-")
    asked = select(orders.c.id).where(*_conditions(tenant_id, wanted)).limit(most)
    if before is not None:
        last = (
            await tx.execute(
                select(by, orders.c.id).where(
                    orders.c.tenant_id == tenant_id, orders.c.id == before
                )
            )
        ).one_or_none()
        if last is None:
            return []
        behind = tuple_(by, orders.c.id)
        asked = asked.where(behind < tuple_(*last) if falls else behind > tuple_(*last))
        asked = asked.where(by <= last[0] if falls else by >= last[0])  # what the index serves
    if wanted.is_rare and by_total:
        by = by + _NONE  # or all orders are gone through by their total, until some are such
    in_order = (by.desc(), orders.c.id.desc()) if falls else (by, orders.c.id)
    ids = list((await tx.execute(asked.order_by(*in_order))).scalars())
    return await _told_whole(tx, tenant_id, ids)


async def listed_order(tx: Tx, tenant_id: int, order_id: UUID) -> ListedOrder:
    """Read one order that is there as a list tells it."""
    return (await _rows(tx, tenant=tenant_id, orders=[order_id]))[0]


async def count_orders(tx: Tx, tenant_id: int, wanted: Conditions) -> int:
    """Count the orders, exactly up to COUNTED_MAX; one more than that says that there are more."""
    some = select(orders.c.id).where(*_conditions(tenant_id, wanted)).limit(COUNTED_MAX + 1)
    return (await tx.execute(select(func.count()).select_from(some.subquery()))).scalar_one()


async def _told_whole(
    tx: Tx, tenant_id: int, ids: Sequence[UUID]
) -> list[tuple[ListedOrder, list[Line]]]:
    if not ids:
        return []
    found = {row.order_id: row for row in await _rows(tx, tenant=tenant_id, orders=list(ids))}
    of_order = await lines_of_orders(tx, tenant_id, ids)
    return [(found[id_], of_order[id_]) for id_ in ids]


def _conditions(tenant_id: int, wanted: Conditions) -> list[ColumnElement[bool]]:
    of = orders.c
    plain: list[tuple[Any, Callable[[Any], Any]]] = [
        (wanted.store_id, of.store_id.__eq__),
        (wanted.customer_id, of.customer_id.__eq__),
        (wanted.external_id, of.external_id.__eq__),
        (wanted.cancelled, of.cancelled.__eq__),
        (wanted.since, of.accepted_at.__ge__),
        (wanted.until, of.accepted_at.__lt__),
        (wanted.least_e4, of.total_e4.__ge__),
        (wanted.most_e4, of.total_e4.__le__),
        (wanted.written, _written),
        (wanted.sku_ids, lambda ids: _with_line(tenant_id, lines.c.sku_id.in_(list(ids)))),
        (wanted.source, lambda source: _came_by(tenant_id, source)),
        (wanted.came_to, lambda came_to: _came_to(tenant_id, came_to)),
        (wanted.gave_back, lambda is_so: _gave_back(tenant_id, is_so=is_so)),
    ]
    narrowed = [condition(value) for value, condition in plain if value is not None]
    return [of.tenant_id == tenant_id, of.state == OrderState.ACCEPTED, *narrowed]


def _gave_back(tenant_id: int, *, is_so: bool) -> ColumnElement[bool]:
    if is_so:
        return orders.c.id.in_(_of_lines(tenant_id, _GAVE_BACK))
    return ~_with_line(tenant_id, _GAVE_BACK)


def _written(written: str) -> ColumnElement[bool]:
    text = typed(written)
    such = [begins_with(orders.c.external_id, text)]
    if len(text) >= END_MIN:
        such.append(ends_with(orders.c.external_id, orders.c.number_end, text))
    by_id = id_begins_with(orders.c.id, text)
    return or_(*such) if by_id is None else or_(*such, by_id)


def _came_by(tenant_id: int, source: Source) -> ColumnElement[bool]:
    theirs = orders.c.source.startswith(_CUSTOMER, autoescape=True)
    if source is Source.AGENT:
        # Said again as a range, which an index serves.
        return and_(theirs, orders.c.source.between(_CUSTOMER, f"{_CUSTOMER}{LAST}"))
    told = exists().where(
        _told.c.tenant_id == tenant_id,
        _told.c.store_id == orders.c.store_id,
        _told.c.number == orders.c.external_id,
    )
    return and_(~theirs, told if source is Source.PLATFORM else ~told)


def _came_to(tenant_id: int, came_to: CameTo) -> ColumnElement[bool]:
    """As state_of() says. Those that are few are looked up by an index of theirs."""
    waits = _with_line(tenant_id, _WAITS)
    refused = _with_line(tenant_id, _REFUSED)
    given = _with_line(tenant_id, lines.c.delivered_count > _NONE)
    match came_to:
        case CameTo.FILLED:
            return and_(given, ~waits, ~refused)
        case CameTo.PARTLY_FILLED:
            few = union_all(_of_lines(tenant_id, _WAITS), _of_lines(tenant_id, _REFUSED))
            some = _of_lines(tenant_id, lines.c.delivered_count > _NONE)
            # OFFSET 0: those few are looked up among the lines first, and then as orders.
            return orders.c.id.in_(some.where(lines.c.order_id.in_(few)).offset(_NONE))
        case CameTo.SHORT:
            return and_(orders.c.id.in_(_of_lines(tenant_id, _WAITS)), ~given)
        case CameTo.REFUSED:
            return and_(orders.c.id.in_(_of_lines(tenant_id, _REFUSED)), ~waits, ~given)
        case CameTo.REFUNDED:
            back = orders.c.id.in_(_of_lines(tenant_id, _GAVE_BACK))
            return and_(back, ~waits, ~refused, ~given)


def _with_line(tenant_id: int, such: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(lines.c.tenant_id == tenant_id, lines.c.order_id == orders.c.id, such)


def _of_lines(tenant_id: int, such: ColumnElement[bool]) -> Any:  # noqa: ANN401  (a subquery)
    return select(lines.c.order_id).where(lines.c.tenant_id == tenant_id, such)
