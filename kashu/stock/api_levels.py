"""HTTP of what to look at: alerts and the levels they come at, and stock that sells slowly."""

from collections.abc import Iterable
from typing import Annotated, Final
from uuid import UUID

from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.stock.api_cards import cost_for
from kashu.stock.levels import Level, StandingAlert, levels_set, set_levels, standing_alerts
from kashu.stock.names import Called, Names, names
from kashu.stock.shapes import AlertOut, Alerts, LevelOut, Levels, LevelsSet
from kashu.stock.shapes_slow import SlowLotOut, SlowLots, SlowSkuOut, SlowStock
from kashu.stock.slow import (
    COVER,
    COVER_MAX,
    DAYS,
    DAYS_MAX,
    SlowLot,
    SlowSku,
    slow_lots,
    slow_skus,
)


@get("/v1/stock/alerts", operation_id="listAlerts", guards=[requires(Permission.STOCK_READ)])
async def list_alerts(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> Alerts:
    """List the alerts that stand: low, out, expiring. They clear themselves."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await standing_alerts(tx, caller.tenant_id)
        called = await names(tx, caller, _named(found))
    return Alerts(
        [
            AlertOut(
                id=it.id,
                kind=it.kind,
                sku=called.of(it.sku_id),
                warehouse=_where(called, it),
                sku_id=it.sku_id,
                warehouse_id=it.warehouse_id,
                lot_id=it.lot_id,
                days=it.days,
                facts=it.facts,
                raised_at=it.raised_at,
            )
            for it in found
        ]
    )


@get("/v1/stock/levels", operation_id="listLevels", guards=[requires(Permission.STOCK_READ)])
async def list_levels(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    sku_id: FromQuery[UUID | None] = None,
) -> LevelsSet:
    """List the levels that are set, of SKUs and of what warehouses have of them."""
    async with database.transaction(caller.tenant_id) as tx:
        today = day_of(now(), caller.timezone)
        found = await levels_set(tx, caller.tenant_id, today=today, sku_id=sku_id)
        called = await names(tx, caller, _named(found))
    return LevelsSet(
        [
            LevelOut(
                sku=called.of(it.sku_id),
                warehouse=_where(called, it),
                sku_id=it.sku_id,
                warehouse_id=it.warehouse_id,
                low=it.low,
                enough=it.enough,
                quiet_hours=it.quiet_hours,
                available=it.available,
                unit=it.unit,
            )
            for it in found
        ]
    )


@put(
    "/v1/stock/levels/{sku_id:uuid}",
    operation_id="setLevels",
    guards=[requires(Permission.STOCK_MOVE)],
    responses=problems(404),
    status_code=204,
)
async def put_levels(
    sku_id: FromPath[UUID],
    data: JSONBody[Levels],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Say when a SKU is low on stock, and when there is enough again; null for both: never."""
    await _set(database, caller, sku_id, None, data)


@put(
    "/v1/stock/levels/{sku_id:uuid}/{warehouse_id:uuid}",
    operation_id="setWarehouseLevels",
    guards=[requires(Permission.STOCK_MOVE)],
    responses=problems(404),
    status_code=204,
)
async def put_warehouse_levels(
    sku_id: FromPath[UUID],
    warehouse_id: FromPath[UUID],
    data: JSONBody[Levels],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> None:
    """Say when a warehouse is low on a SKU, and when it has enough again; null for both: never."""
    await _set(database, caller, sku_id, warehouse_id, data)


async def _set(
    database: Database, caller: Caller, sku_id: UUID, warehouse_id: UUID | None, data: Levels
) -> None:
    async with database.transaction(caller.tenant_id) as tx:
        await set_levels(
            tx,
            caller.tenant_id,
            caller.actor,
            sku_id,
            low=data.low,
            enough=data.enough,
            quiet_hours=data.quiet_hours,
            warehouse_id=warehouse_id,
        )


@get("/v1/stock/slow", operation_id="listSlowStock", guards=[requires(Permission.STOCK_READ)])
async def list_slow_stock(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    days: Annotated[int, QueryParameter(ge=1, le=DAYS_MAX)] = DAYS,
    cover: Annotated[int, QueryParameter(ge=0, le=COVER_MAX)] = COVER,
) -> SlowStock:
    """List SKUs held for more than `cover` days at the pace of the last `days`, or not sold."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await slow_skus(
            tx,
            caller.tenant_id,
            today=day_of(now(), caller.timezone),
            timezone=caller.timezone,
            days=days,
            cover=cover,
        )
        called = await names(tx, caller, [row.sku_id for row in found])
    return SlowStock([_sku(caller, row, called) for row in found])


@get(
    "/v1/stock/slow/{sku_id:uuid}",
    operation_id="listSlowLots",
    guards=[requires(Permission.STOCK_READ)],
    responses=problems(404),
)
async def list_slow_lots(
    sku_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    days: Annotated[int, QueryParameter(ge=1, le=DAYS_MAX)] = DAYS,
    cover: Annotated[int, QueryParameter(ge=0, le=COVER_MAX)] = COVER,
) -> SlowLots:
    """Tell when each lot of a SKU will be gone, what will expire unsold, and what could be done."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await slow_lots(
            tx,
            caller.tenant_id,
            sku_id,
            today=day_of(now(), caller.timezone),
            timezone=caller.timezone,
            days=days,
            cover=cover,
        )
        places = {id_ for row in found for id_ in (row.warehouse_id, row.supplier_id)}
        called = await names(tx, caller, places)
    return SlowLots(sku_id, [_lot(caller, row, called) for row in found])


def _named(rows: Iterable[StandingAlert | Level]) -> set[UUID | None]:
    return {id_ for row in rows for id_ in (row.sku_id, row.warehouse_id)}


def _where(called: Names, row: StandingAlert | Level) -> Called | None:
    return None if row.warehouse_id is None else called.of(row.warehouse_id)


def _sku(caller: Caller, row: SlowSku, called: Names) -> SlowSkuOut:
    by_age = {age: cost_for(caller, cost_e4) for age, cost_e4 in row.cost_by_age.items()}
    return SlowSkuOut(
        sku=called.of(row.sku_id),
        sku_id=row.sku_id,
        currency=row.currency,
        held=row.held,
        cost=cost_for(caller, row.cost_e4),
        oldest_days=row.oldest_days,
        days=row.days,
        sold=row.sold,
        days_of_cover=row.days_of_cover,
        by_age=row.by_age,
        cost_by_age={age: cost for age, cost in by_age.items() if cost is not None} or None,
    )


def _lot(caller: Caller, row: SlowLot, called: Names) -> SlowLotOut:
    return SlowLotOut(
        lot_id=row.lot_id,
        warehouse=called.of(row.warehouse_id),
        supplier=called.of(row.supplier_id),
        warehouse_id=row.warehouse_id,
        supplier_id=row.supplier_id,
        state=row.state,
        available=row.available,
        reserved=row.reserved,
        currency=row.currency,
        cost=cost_for(caller, row.cost_e4),
        expires_on=row.expires_on,
        age_days=row.age_days,
        place=row.place,
        gone_in_days=row.gone_in_days,
        unsold=row.unsold,
        unsold_cost=cost_for(caller, row.unsold_cost_e4),
        advice=row.advice,
    )


routes: Final = (
    list_alerts,
    list_levels,
    put_levels,
    put_warehouse_levels,
    list_slow_stock,
    list_slow_lots,
)
