"""HTTP of prices: what SKUs cost at each supplier all told, and what moved."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.catalog.kinds import SkuState
from kashu.catalog.reads import sku_by_code, sku_list, skus_by_code, skus_by_id
from kashu.core.clock import now
from kashu.core.db import Database
from kashu.suppliers.compare import BEST, compare
from kashu.suppliers.offer_shapes import written
from kashu.suppliers.price_alerts import PriceAlert, alert_list, see_alert
from kashu.suppliers.price_shapes import SkuPrices, sku_prices

SKUS_MAX: Final = 100  # in one answer

Limit = Annotated[int, QueryParameter(ge=1, le=SKUS_MAX)]
Best = Annotated[int, QueryParameter(ge=1, le=500)]
Quantity = Annotated[int, QueryParameter(ge=1, le=10_000)]


class PricesPage(msgspec.Struct, frozen=True):
    """SKUs by code with their offers; the next page begins after `next_after`."""

    at: datetime
    skus: list[SkuPrices]
    next_after: str | None


class PriceAlertShown(msgspec.Struct, frozen=True):
    """The best landed cost of a SKU moved. `margins`: what is left on listings, the least first."""

    id: UUID
    sku: str
    offer_id: UUID | None
    old: str | None
    new: str | None
    loss_count: int  # listings that would sell at a loss
    margins: list[dict[str, Any]]
    at: datetime
    seen_at: datetime | None
    seen_by: str | None


@get("/v1/prices", operation_id="comparePrices", guards=[requires(Permission.SUPPLIERS_READ)])
async def list_prices(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    sku: FromQuery[list[str] | None] = None,
    after: FromQuery[str] = "",
    limit: Limit = 50,
    quantity: Quantity = 1,
    best: Best = 5,
) -> PricesPage:
    """Compare the offers of SKUs by what one unit costs all told: of those named, or of all.

    `quantity`: how many units of ours are wanted. `best`: so many offers of each SKU are told.
    """
    at, tenant_id = now(), caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        if sku:
            named = await skus_by_code(tx, tenant_id, sku[:SKUS_MAX])
            shown, more = sorted(named.values(), key=lambda each: each.code), False
        else:
            found = await sku_list(
                tx, tenant_id, state=SkuState.ACTIVE, after=after, limit=limit + 1
            )
            shown, more = [each.sku for each in found[:limit]], len(found) > limit
        ids = [each.id for each in shown]
        ranked = await compare(tx, tenant_id, ids, quantity=quantity, at=at, best=best)
    return PricesPage(
        at,
        [sku_prices(each, ranked[each.id]) for each in shown],
        shown[-1].code if more else None,
    )


@get(
    "/v1/skus/{code:str}/offers",
    operation_id="compareOffers",
    guards=[requires(Permission.SUPPLIERS_READ)],
    responses=problems(404),
)
async def list_sku_offers(
    code: FromPath[str],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    quantity: Quantity = 1,
    best: Best = BEST,
) -> SkuPrices:
    """Compare the offers of one SKU by what one unit costs all told."""
    async with database.transaction(caller.tenant_id) as tx:
        sku = await sku_by_code(tx, caller.tenant_id, code)
        ranked = await compare(
            tx, caller.tenant_id, [sku.id], quantity=quantity, at=now(), best=best
        )
    return sku_prices(sku, ranked[sku.id])


@get(
    "/v1/price-alerts", operation_id="listPriceAlerts", guards=[requires(Permission.SUPPLIERS_READ)]
)
async def list_price_alerts(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    seen: FromQuery[bool | None] = None,
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> list[PriceAlertShown]:
    """List best prices that moved, the latest first; `after`: those older than that one."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await alert_list(tx, caller.tenant_id, seen=seen, after=after, limit=limit)
        skus = await skus_by_id(tx, caller.tenant_id, {each.sku_id for each in found})
    return [_alert(each, skus[each.sku_id].code) for each in found]


@post(
    "/v1/price-alerts/{alert_id:uuid}/seen",
    operation_id="seePriceAlert",
    guards=[requires(Permission.SUPPLIERS_READ)],
    status_code=200,
    responses=problems(404),
)
async def post_seen(
    alert_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PriceAlertShown:
    """Say that you have seen it; the next move makes a new one."""
    async with database.transaction(caller.tenant_id) as tx:
        alert = await see_alert(tx, caller.tenant_id, caller.actor, alert_id)
        skus = await skus_by_id(tx, caller.tenant_id, [alert.sku_id])
    return _alert(alert, skus[alert.sku_id].code)


def _alert(alert: PriceAlert, sku: str) -> PriceAlertShown:
    return PriceAlertShown(
        alert.id,
        sku,
        alert.offer_id,
        written(alert.old_e4),
        written(alert.new_e4),
        alert.loss_count,
        alert.margins,
        alert.at,
        alert.seen_at,
        alert.seen_by,
    )


routes: Final = (
    list_prices,
    list_sku_offers,
    list_price_alerts,
    post_seen,
)
