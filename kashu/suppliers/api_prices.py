"""HTTP of prices: what SKUs cost at each supplier all told, and what moved."""

from collections.abc import Iterable
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
from kashu.catalog.reads import Sku, sku_by_code, sku_list, skus_by_code, skus_by_id
from kashu.core.clock import now
from kashu.core.db import Database, Tx
from kashu.suppliers.compare import BEST, Ranked, compare
from kashu.suppliers.margins_at import margins_at
from kashu.suppliers.offer_shapes import written
from kashu.suppliers.offered import skus_mapped
from kashu.suppliers.offers import offers_by_id
from kashu.suppliers.price_alerts import PriceAlert, alert_list, percent, see_alert
from kashu.suppliers.price_shapes import SkuCompared, SkuPrices, margin_shown, sku_prices
from kashu.suppliers.reads import suppliers_by_id
from kashu.suppliers.trends import Trend, trends_of

SKUS_MAX: Final = 100  # in one answer
MARGINS_MAX: Final = 200  # listings, those with the least left first

Limit = Annotated[int, QueryParameter(ge=1, le=SKUS_MAX)]
Best = Annotated[int, QueryParameter(ge=1, le=500)]
Quantity = Annotated[int, QueryParameter(ge=1, le=10_000)]
Days = Annotated[int, QueryParameter(ge=0, le=90)]


class PricesPage(msgspec.Struct, frozen=True):
    """SKUs by code with their offers; the next page begins after `next_after`.

    `total`: how many there are on all pages; null: where it wasn't asked for `offered` ones.
    """

    at: datetime
    skus: list[SkuPrices]
    next_after: str | None
    total: int | None = None


class PriceAlertShown(msgspec.Struct, frozen=True):
    """The best landed cost of a SKU moved. `margins`: what is left on listings, the least first.

    `supplier`: whose offer is the best one now. `percent`: with sign and two decimals.
    """

    id: UUID
    sku: str
    sku_name_zh: str
    sku_name_en: str
    supplier: str | None
    supplier_name: str | None
    offer_id: UUID | None
    old: str | None
    new: str | None
    percent: str
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
    offered: FromQuery[bool] = False,
    text: Annotated[str, QueryParameter(max_length=100)] = "",
    after: FromQuery[str] = "",
    limit: Limit = 50,
    quantity: Quantity = 1,
    best: Best = 5,
    days: Days = 0,
) -> PricesPage:
    """Compare the offers of SKUs by what one unit costs all told: of those named, or of all.

    `quantity`: how many units of ours are wanted. `best`: so many offers of each SKU are told.
    `offered`: only SKUs that an offer stands for, and of these whose name or code has `text`.
    `days`: with what each offer cost on the last days, and what moved within an hour.
    """
    at, tenant_id, total = now(), caller.tenant_id, None
    async with database.transaction(tenant_id) as tx:
        if sku:
            named = await skus_by_code(tx, tenant_id, sku[:SKUS_MAX])
            shown, more = sorted(named.values(), key=lambda each: each.code), False
        elif offered:
            all_offered = await _offered(tx, tenant_id, text)
            total = len(all_offered)
            rest = [each for each in all_offered if each.code > after]
            shown, more = rest[:limit], len(rest) > limit
        else:
            found = await sku_list(
                tx, tenant_id, state=SkuState.ACTIVE, after=after, limit=limit + 1
            )
            shown, more = [each.sku for each in found[:limit]], len(found) > limit
        ids = [each.id for each in shown]
        ranked = await compare(tx, tenant_id, ids, quantity=quantity, at=at, best=best)
        trends = await _trends(tx, caller, ranked.values(), days, at)
    return PricesPage(
        at,
        [sku_prices(each, ranked[each.id], trends) for each in shown],
        shown[-1].code if more else None,
        total,
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
    days: Days = 0,
    offer: FromQuery[UUID | None] = None,
) -> SkuCompared:
    """Compare the offers of one SKU by what one unit costs all told, and what that leaves.

    `offer`: reckon the margins with this one; without it, with the best that can be bought.
    """
    at, tenant_id = now(), caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        sku = await sku_by_code(tx, tenant_id, code)
        ranked = await compare(tx, tenant_id, [sku.id], quantity=quantity, at=at, best=best)
        trends = await _trends(tx, caller, ranked.values(), days, at)
        chosen = _chosen(ranked[sku.id], offer)
        landed = None if chosen is None else chosen.landed
        cost_e4 = None if landed is None else landed.total_e4
        margins = await margins_at(tx, tenant_id, {sku.id: cost_e4}, at)
    prices = sku_prices(sku, ranked[sku.id], trends)
    return SkuCompared(
        sku=sku.code,
        name_zh=sku.name_zh,
        name_en=sku.name_en,
        offers=prices.offers,
        margins_of=None if chosen is None else chosen.offer_id,
        margins=[margin_shown(each) for each in margins[:MARGINS_MAX]],
        loss_count=sum(each.is_loss for each in margins),
    )


def _chosen(ranked: list[Ranked], offer_id: UUID | None) -> Ranked | None:
    """The offer that was asked for, or the best one that can be bought."""
    if offer_id is not None:
        return next((each for each in ranked if each.offer_id == offer_id), None)
    return next((each for each in ranked if each.buyable), None)


async def _offered(tx: Tx, tenant_id: int, text: str) -> list[Sku]:
    """SKUs on sale that some offer stands for, by code, whose name or code has `text`."""
    known = await skus_by_id(tx, tenant_id, await skus_mapped(tx, tenant_id))
    wanted = text.strip().casefold()
    found = [
        each
        for each in known.values()
        if each.state is SkuState.ACTIVE
        and any(wanted in name.casefold() for name in (each.code, each.name_zh, each.name_en))
    ]
    return sorted(found, key=lambda each: each.code)


async def _trends(
    tx: Tx, caller: Caller, ranked: Iterable[list[Ranked]], days: int, at: datetime
) -> dict[UUID, Trend]:
    if not days:
        return {}
    ids = [each.offer_id for offers in ranked for each in offers]
    return await trends_of(tx, caller.tenant_id, ids, days=days, at=at, timezone=caller.timezone)


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
        return await _alerts(tx, caller.tenant_id, found)


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
        [shown] = await _alerts(tx, caller.tenant_id, [alert])
        return shown


async def _alerts(tx: Tx, tenant_id: int, found: list[PriceAlert]) -> list[PriceAlertShown]:
    skus = await skus_by_id(tx, tenant_id, {each.sku_id for each in found})
    offers = await offers_by_id(tx, tenant_id, {each.offer_id for each in found if each.offer_id})
    suppliers = await suppliers_by_id(tx, tenant_id, {each.supplier_id for each in offers.values()})
    shown = []
    for each in found:
        sku = skus[each.sku_id]
        offer = None if each.offer_id is None else offers.get(each.offer_id)
        supplier = None if offer is None else suppliers[offer.supplier_id]
        shown.append(
            PriceAlertShown(
                id=each.id,
                sku=sku.code,
                sku_name_zh=sku.name_zh,
                sku_name_en=sku.name_en,
                supplier=None if supplier is None else supplier.code,
                supplier_name=None if supplier is None else supplier.name,
                offer_id=each.offer_id,
                old=written(each.old_e4),
                new=written(each.new_e4),
                percent=percent(each.old_e4, each.new_e4),
                loss_count=each.loss_count,
                margins=each.margins,
                at=each.at,
                seen_at=each.seen_at,
                seen_by=each.seen_by,
            )
        )
    return shown


routes: Final = (
    list_prices,
    list_sku_offers,
    list_price_alerts,
    post_seen,
)
