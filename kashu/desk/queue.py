"""The queue: every module's matters in one, by deadline. Nothing of it is stored."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    FromClause,
    Interval,
    Select,
    Subquery,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)

from kashu.access.caller import Caller
from kashu.channels.matters import order_matters, refund_matters, store_matters
from kashu.core.db import Tx
from kashu.core.matters import COLUMNS, Matter
from kashu.desk.about import About
from kashu.desk.about_orders import ABOUT_ORDERS
from kashu.desk.about_supply import ABOUT_SUPPLY
from kashu.desk.tables import claims
from kashu.orders.matters import doubt_matters, held_matters, line_matters
from kashu.pilot.matters import pilot_matters
from kashu.purchases.matters import finding_matters, purchase_matters
from kashu.reports.matters import broken_matters
from kashu.stock.matters import stock_matters
from kashu.suppliers.matters import movement_matters, offer_matters, supplier_matters

ABOUT: Final = {**ABOUT_ORDERS, **ABOUT_SUPPLY}
SOON: Final = timedelta(minutes=30)

# A key that is bound to a store sees that store's; these are what can't be one store's.
_OF_NO_STORE: Final = ("grant", "store", "history", "pilot", "orders_to", "refund_to")
_OF_STORES: Final = frozenset({kind for kind in ABOUT_ORDERS if not kind.startswith(_OF_NO_STORE)})

Name: TypeAlias = tuple[Matter, UUID]
_Source: TypeAlias = Callable[[int, datetime, frozenset[Matter]], Sequence[Select[Any]]]

# A purchase in doubt tells of the line that waits for it, too, to whoever sees it.
_DOUBTS: Final = frozenset({Matter.MONEY_IN_DOUBT, Matter.PURCHASE_TO_DECIDE})

# Each module's, with the kinds that may come of it: what nobody asked for isn't read.
_SOURCES: Final[Sequence[tuple[frozenset[Matter], _Source]]] = (
    (
        frozenset({Matter.SHORT_LINE, Matter.TOPUP_FAILED}),
        lambda t, at, kinds: [line_matters(t, at, told_by_purchases=kinds >= _DOUBTS)],
    ),
    (
        frozenset({Matter.ORDERS_TO_APPROVE, Matter.REFUND_TO_APPROVE}),
        lambda t, *_: [held_matters(t)],
    ),
    (
        frozenset(
            {
                Matter.LISTING_UNMAPPED,
                Matter.ACCOUNT_UNREAD,
                Matter.TO_BE_TOPPED_UP,
                Matter.TO_BE_HANDED_OVER,
                Matter.TO_BE_RELEASED,
                Matter.PAID_BEFORE,
                Matter.ORDER_HELD,
                Matter.ORDER_IN_TROUBLE,
                Matter.DELIVERY_UNCLEAR,
                Matter.CONFIRMATION_FAILING,
                Matter.ORDER_OVERDUE,
            }
        ),
        lambda t, at, _: [order_matters(t, at)],
    ),
    (frozenset({Matter.SHOP_REFUND_IN_TROUBLE}), lambda t, *_: [refund_matters(t)]),
    (
        frozenset({Matter.GRANT_LOST, Matter.STORE_UNREACHABLE, Matter.HISTORY_MISSED}),
        lambda t, *_: store_matters(t),
    ),
    (
        frozenset(
            {
                Matter.PURCHASE_TO_APPROVE,
                Matter.PURCHASE_DRAFT,
                Matter.PURCHASE_HELD,
                Matter.PURCHASE_OVERDUE,
            }
        ),
        lambda t, at, _: [purchase_matters(t, at)],
    ),
    (
        _DOUBTS,
        lambda t, at, _: [doubt_matters(t, at)],
    ),
    (
        frozenset({Matter.STATEMENT_FINDING, Matter.RESOLUTION_TO_APPROVE}),
        lambda t, *_: [finding_matters(t)],
    ),
    (
        frozenset({Matter.MOVEMENT_TO_APPROVE, Matter.MOVEMENT_TO_FINISH}),
        lambda t, *_: [movement_matters(t)],
    ),
    (frozenset({Matter.OFFER_HELD, Matter.PRICE_MOVED}), lambda t, *_: offer_matters(t)),
    (
        frozenset({Matter.SUPPLIER_LOCKED_OUT, Matter.SUPPLIER_ALERT}),
        lambda t, *_: supplier_matters(t),
    ),
    (frozenset({Matter.STOCK_LOW, Matter.STOCK_EXPIRING}), lambda t, *_: [stock_matters(t)]),
    (frozenset({Matter.INVARIANT_BROKEN}), lambda t, *_: [broken_matters(t)]),
    (frozenset({Matter.PILOT_UNEXPLAINED}), lambda t, *_: [pilot_matters(t)]),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A matter, with what the desk knows of it: by when, and who is on it."""

    kind: Matter
    id: UUID
    since: datetime
    due_at: datetime | None
    said: str
    number: str
    parent_id: UUID | None
    order_id: UUID | None
    store_id: UUID | None
    customer_id: UUID | None
    sku_id: UUID | None
    supplier_id: UUID | None
    amount_e4: int | None
    quantity: int | None
    asked_by: str | None
    facts: dict[str, Any]
    claimed_by: str | None
    claimed_at: datetime | None
    claimed_until: datetime | None

    @property
    def name(self) -> Name:
        """What names it."""
        return self.kind, self.id

    @property
    def about(self) -> About:
        """What is said of its kind."""
        return ABOUT[self.kind]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended."""

    due_at: datetime | None
    since: datetime
    id: UUID

    @property
    def key(self) -> tuple[datetime, datetime, UUID]:
        """What the queue is in order of."""
        return self.due_at or _FOREVER, self.since, self.id


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which matters: of these kinds, and what is given of the rest."""

    kinds: frozenset[Matter]
    store_id: UUID | None = None
    sku_id: UUID | None = None
    supplier_id: UUID | None = None
    claimed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of a kind; of these overdue, and due within SOON."""

    kind: Matter
    count: int
    overdue: int
    soon: int


def kinds_seen(caller: Caller) -> frozenset[Matter]:
    """Say which kinds a caller may see. A key of a customer sees none, one of a store its own."""
    seen = frozenset(kind for kind, about in ABOUT.items() if caller.may(about.see))
    if caller.customer_id is not None:
        return frozenset()
    return seen & _OF_STORES if caller.store_id is not None else seen


@dataclass(frozen=True, slots=True)
class Seen:
    """A page of the queue, how many there are of each kind, and whether there is more behind it."""

    rows: list[Row]
    counts: list[Count]
    more: bool


async def look(
    tx: Tx,
    tenant_id: int,
    wanted: Wanted,
    *,
    at: datetime,
    shown: frozenset[Matter] | None = None,
    after: Place | None = None,
    limit: int,
) -> Seen:
    """Read matters, those with a deadline first, by it; then by age. At most `limit`.

    `shown`: rows are of these kinds only; the counts are of all that are wanted. All are gone
    through once, for what decides their order; then those of the page are read whole.
    """
    queue = _queue(tenant_id, wanted, at)
    if queue is None:
        return Seen([], [], more=False)
    found = _matching(tenant_id, queue, wanted).cte("found")
    kinds = wanted.kinds if shown is None else shown
    page = _page(found, kinds, after, limit + 1).subquery("page")
    both = union_all(_counted(found, at), select(page))
    places: list[tuple[Place, Name]] = []
    counted = []
    for row in await tx.execute(both):
        if row.id is None:
            counted.append(Count(Matter(row.kind), row.all, row.overdue, row.soon))
        else:
            place = Place(row.due_at, row.since, row.id)
            places.append((place, (Matter(row.kind), row.id)))
    places.sort(key=lambda each: each[0].key)
    names = [name for _, name in places[:limit]]
    rows = {row.name: row for row in await named(tx, tenant_id, names, at=at)}
    counted.sort(key=lambda each: each.kind.value)
    return Seen([rows[name] for name in names if name in rows], counted, len(places) > limit)


async def counts(tx: Tx, tenant_id: int, wanted: Wanted, *, at: datetime) -> list[Count]:
    """Count matters by kind."""
    queue = _queue(tenant_id, wanted, at)
    if queue is None:
        return []
    found = _matching(tenant_id, queue, wanted).subquery("found")
    rows = await tx.execute(_counted(found, at))
    told = [Count(Matter(row.kind), row.all, row.overdue, row.soon) for row in rows]
    return sorted(told, key=lambda each: each.kind.value)


async def named(tx: Tx, tenant_id: int, names: Collection[Name], *, at: datetime) -> list[Row]:
    """Read those of some matters that are still there, whole."""
    wanted = Wanted(frozenset(kind for kind, _ in names))
    queue = _queue(tenant_id, wanted, at)
    if queue is None:
        return []
    columns = [_due(queue) if name == "due_at" else queue.c[name] for name in COLUMNS]
    asked = (
        select(*columns, claims.c.actor, claims.c.claimed_at, claims.c.until_at)
        .select_from(queue)
        .join(claims, _held(tenant_id, queue), isouter=True)
        .where(queue.c.id.in_({id_ for _, id_ in names}))
    )
    rows = [_row(row) for row in await tx.execute(asked)]
    return [row for row in rows if row.name in names]


_FOREVER: Final = datetime.fromisoformat("9999-12-31T00:00:00+00:00")


def _queue(tenant_id: int, wanted: Wanted, at: datetime) -> Subquery | None:
    parts = [
        part
        for kinds, source in _SOURCES
        if kinds & wanted.kinds
        for part in source(tenant_id, at, wanted.kinds)
    ]
    return union_all(*parts).subquery("matter") if parts else None


def _due(queue: Subquery) -> ColumnElement[datetime | None]:
    """By when: as its module says; else so long after it began as its kind says."""
    within = {
        kind.value: literal(about.within, Interval())
        for kind, about in ABOUT.items()
        if about.within is not None
    }
    said = func.coalesce(queue.c.due_at, queue.c.since + case(within, value=queue.c.kind))
    return said.label("due_at")


def _held(tenant_id: int, queue: Subquery) -> ColumnElement[bool]:
    """Say that somebody is on a matter now."""
    return and_(
        claims.c.tenant_id == tenant_id,
        claims.c.kind == queue.c.kind,
        claims.c.subject_id == queue.c.id,
        claims.c.until_at > func.now(),
    )


def _matching(tenant_id: int, queue: Subquery, wanted: Wanted) -> Select[Any]:
    """Tell of the matters that are wanted what decides their order."""
    asked = select(queue.c.kind, queue.c.id, queue.c.since, _due(queue)).where(
        queue.c.kind.in_(sorted(kind.value for kind in wanted.kinds))
    )
    for column, value in (
        (queue.c.store_id, wanted.store_id),
        (queue.c.sku_id, wanted.sku_id),
        (queue.c.supplier_id, wanted.supplier_id),
    ):
        if value is not None:
            asked = asked.where(column == value)
    if wanted.claimed_by is not None:
        asked = asked.join(claims, _held(tenant_id, queue))
        asked = asked.where(claims.c.actor == wanted.claimed_by)
    return asked


def _counted(found: FromClause, at: datetime) -> Select[Any]:
    due = found.c.due_at
    return select(
        found.c.kind,
        cast(null(), Uuid()).label("id"),
        cast(null(), DateTime(timezone=True)).label("since"),
        cast(null(), DateTime(timezone=True)).label("due_at"),
        func.count().label("all"),
        func.count().filter(due < at).label("overdue"),
        func.count().filter(and_(due >= at, due < at + SOON)).label("soon"),
    ).group_by(found.c.kind)


def _page(
    found: FromClause, kinds: frozenset[Matter], after: Place | None, limit: int
) -> Select[Any]:
    last = func.coalesce(found.c.due_at, _FOREVER)
    none = literal(0, BigInteger())
    asked = select(found.c.kind, found.c.id, found.c.since, found.c.due_at, none, none, none).where(
        found.c.kind.in_(sorted(kind.value for kind in kinds))
    )
    if after is not None:
        behind = tuple_(last, found.c.since, found.c.id) > tuple_(
            *(literal(each) for each in after.key)
        )
        asked = asked.where(behind)
    return asked.order_by(last, found.c.since, found.c.id).limit(limit)


def _row(row: Any) -> Row:  # noqa: ANN401  (a row of SQLAlchemy's)
    kind, *values = row
    given = dict(zip([each.name for each in fields(Row)][1:], values, strict=True))
    return Row(kind=Matter(kind), **{**given, "facts": given["facts"] or {}})
