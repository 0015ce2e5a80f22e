"""HTTP of the cockpit: the day beside other days, the curve, the flow, best sellers, notes."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from kashu.access.actors import names_of
from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.channels.flow import Reached, Stage, flow
from kashu.core.clock import day_bounds, day_of, now
from kashu.core.db import Database
from kashu.core.matters import Matter
from kashu.core.money import CURRENCY, format_amount
from kashu.orders.matters import waiting_orders
from kashu.reports import annotations as notes
from kashu.reports.cockpit import (
    Grain,
    Sales,
    Seller,
    best_sellers,
    read_now,
    so_far,
    strip,
    trend,
)
from kashu.reports.pulse import step_of

DAYS: Final = 7  # of best sellers, where nobody says otherwise

# The second isn't for keys that are bound to one store or customer: these are the whole shop's.
_WHOLE_SHOP: Final = [requires(Permission.ORDERS_READ), requires(Permission.STOCK_READ)]


class SalesShape(msgspec.Struct, frozen=True):
    """Sales of a span; money and margin are null for those who may not read reports."""

    begins_at: datetime
    ends_at: datetime
    orders: int
    units: int  # sold, less what came back
    revenue: str | None
    profit: str | None
    margin: str | None  # profit as a part of revenue; null without revenue


class StageShape(msgspec.Struct, frozen=True):
    """How many of a store's orders stand somewhere: first seen today, or before and not through.

    `stuck`: what the exception desk calls it, where a person must act; null: they move on.
    """

    store: str
    name: str
    step: str
    orders: int
    reached: Reached
    stuck: Matter | None


class Cockpit(msgspec.Struct, frozen=True):
    """Today up to `counted_until` beside yesterday and a week ago up to the same hour; and now.

    `so_far`: today up to `at`. `beats`: orders in each of the last 60 seconds, oldest first.
    """

    at: datetime
    counted_until: datetime
    currency: str
    so_far: SalesShape
    today: SalesShape
    yesterday: SalesShape
    week_ago: SalesShape
    orders_in_the_last_minute: int
    beats: list[int]
    last_order_at: datetime | None
    short_lines: int
    short_units: int
    flow: list[StageShape]


class AnnotationShape(msgspec.Struct, frozen=True):
    """What somebody wrote about a day."""

    id: UUID
    on_day: date
    text: str
    actor: str
    made_at: datetime
    by: str | None  # the actor's name, where it has one


class Curve(msgspec.Struct, frozen=True):
    """Points oldest first; one without sales is left out."""

    by: Grain
    currency: str
    points: list[SalesShape]
    annotations: list[AnnotationShape]


class SellerShape(msgspec.Struct, frozen=True):
    """A SKU's sales in some days. `stock_days`: how long what can be sold lasts at that pace."""

    sku: str
    name: str
    units: int
    revenue: str | None
    profit: str | None
    margin: str | None
    available: int
    stock_days: str


class Sellers(msgspec.Struct, frozen=True):
    """What sold best on the days [since, until], by revenue."""

    since: date
    until: date
    currency: str
    rows: list[SellerShape]


class NewAnnotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to write about which day of the merchant's."""

    on_day: date
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]


@get("/v1/cockpit", operation_id="readCockpit", guards=_WHOLE_SHOP)
async def read_cockpit(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> Cockpit:
    """Read how the day goes: sales beside other days, what waits, where orders are stuck."""
    at = now()
    midnight = day_bounds(day_of(at, caller.timezone), caller.timezone)[0]
    async with database.transaction(caller.tenant_id) as tx:
        days = await strip(tx, caller.tenant_id, at, caller.timezone)
        today = await so_far(tx, caller.tenant_id, at, caller.timezone)
        current = await read_now(tx, caller.tenant_id, at)
        sees = caller.may(Permission.PURCHASES_READ)  # on the desk: what tells of lines in doubt
        waiting = waiting_orders(caller.tenant_id, at, told_by_purchases=sees)
        stages = await flow(tx, caller.tenant_id, midnight, at, waiting=waiting)
    return Cockpit(
        at,
        step_of(at),
        CURRENCY,
        _sales(caller, today),
        _sales(caller, days.today),
        _sales(caller, days.yesterday),
        _sales(caller, days.week_ago),
        current.last_minute,
        current.beats,
        current.last_order_at,
        current.short_lines,
        current.short_units,
        [_stage(each) for each in stages],
    )


@get(
    "/v1/cockpit/trend",
    operation_id="readTrend",
    guards=_WHOLE_SHOP,
)
async def read_trend(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    by: Annotated[Grain, QueryParameter(description="How long a point is")] = Grain.HOUR,
    since: Annotated[date | None, QueryParameter(name="from")] = None,
    until: Annotated[date | None, QueryParameter(name="to")] = None,
) -> Curve:
    """Read the curve of sales on the merchant's days [from, to]; both are today if left out."""
    today = day_of(now(), caller.timezone)
    first, last = since or until or today, until or today
    async with database.transaction(caller.tenant_id) as tx:
        points = await trend(tx, caller.tenant_id, by, first, last, timezone=caller.timezone)
        written = await notes.annotations_of(tx, caller.tenant_id, first, last)
        names = await names_of(tx, caller.tenant_id, {each.actor for each in written})
    shapes = [_annotation(each, names) for each in written]
    return Curve(by, CURRENCY, [_sales(caller, point) for point in points], shapes)


@get(
    "/v1/cockpit/best-sellers",
    operation_id="readBestSellers",
    guards=_WHOLE_SHOP,
)
async def read_best_sellers(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    days: Annotated[int, QueryParameter(ge=1, le=366)] = DAYS,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 10,
) -> Sellers:
    """Read what sold best in the last days, today's included, and how long its stock lasts."""
    until = day_of(now(), caller.timezone)
    since = until - timedelta(days=days - 1)
    async with database.transaction(caller.tenant_id) as tx:
        found = await best_sellers(tx, caller.tenant_id, since, until, limit=limit)
    return Sellers(since, until, CURRENCY, [_seller(caller, each, days) for each in found])


@post(
    "/v1/annotations",
    operation_id="annotate",
    guards=[requires(Permission.CATALOG_WRITE)],
)
async def annotate(
    data: JSONBody[NewAnnotation],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> AnnotationShape:
    """Write at a day what explains its sales; everybody who sees the curve reads it."""
    async with database.transaction(caller.tenant_id) as tx:
        made = await notes.annotate(tx, caller.tenant_id, caller.actor, data.on_day, data.text)
        return _annotation(made, await names_of(tx, caller.tenant_id, [made.actor]))


@delete(
    "/v1/annotations/{annotation_id:uuid}",
    operation_id="removeAnnotation",
    guards=[requires(Permission.CATALOG_WRITE)],
    responses=problems(404),
)
async def remove_annotation(
    annotation_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Take a note away; that it was there stays in the record."""
    async with database.transaction(caller.tenant_id) as tx:
        await notes.remove(tx, caller.tenant_id, caller.actor, annotation_id)


def _sales(caller: Caller, sales: Sales) -> SalesShape:
    return SalesShape(
        sales.begins_at,
        sales.ends_at,
        sales.orders,
        sales.units,
        *_money(caller, sales.revenue_e4, sales.profit_e4, sales.margin),
    )


def _seller(caller: Caller, seller: Seller, days: int) -> SellerShape:
    return SellerShape(
        seller.code,
        seller.name_zh if caller.language.startswith("zh") else seller.name_en,
        seller.units,
        *_money(caller, seller.revenue_e4, seller.profit_e4, seller.margin),
        seller.available,
        str(seller.lasts_days(days)),
    )


def _money(
    caller: Caller, revenue_e4: int, profit_e4: int, margin: Decimal | None
) -> tuple[str | None, str | None, str | None]:
    if not caller.may(Permission.REPORTS_READ):
        return None, None, None
    part = None if margin is None else str(margin)
    return format_amount(revenue_e4), format_amount(profit_e4), part


def _stage(stage: Stage) -> StageShape:
    stuck = None if stage.stuck is None else Matter(stage.stuck)
    reached = Reached(stage.reached)
    return StageShape(stage.code, stage.name, stage.step, stage.orders, reached, stuck)


def _annotation(note: notes.Annotation, names: Mapping[str, str]) -> AnnotationShape:
    by = names.get(note.actor)
    return AnnotationShape(note.id, note.on_day, note.text, note.actor, note.made_at, by)


routes: Final = (read_cockpit, read_trend, read_best_sellers, annotate, remove_annotation)
