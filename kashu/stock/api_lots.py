"""HTTP of lots: what is held, freeze, transfer, recall."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.money import format_amount
from kashu.stock.api_cards import cost_for, one_of
from kashu.stock.freeze import Changed, freeze, unfreeze
from kashu.stock.lots_listed import Order, Sum, Wanted, lots_page, one_lot, sum_of_lots
from kashu.stock.names import Names, names
from kashu.stock.reads import Holding, Lot, overview
from kashu.stock.recall import PAGE_MAX as HOLDERS_MAX
from kashu.stock.recall import Holder, recall
from kashu.stock.shapes import (
    Freezing,
    Frozen,
    HolderOut,
    Holders,
    HoldingOut,
    LotOut,
    LotPage,
    LotStory,
    LotSum,
    StockOverview,
    TransferredOut,
    Transferring,
)
from kashu.stock.tables import CardState, LotState
from kashu.stock.transfer import transfer
from kashu.stock.warehouses import warehouse_by_code

PAGE_MAX: Final = 500
DAYS_MAX: Final = 3_660


@get("/v1/stock", operation_id="readStock", guards=[requires(Permission.STOCK_READ)])
async def read_stock(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    sku_id: FromQuery[UUID | None] = None,
) -> StockOverview:
    """Tell what is held of each SKU, from whom and where, how long it works and how old it is."""
    async with database.transaction(caller.tenant_id) as tx:
        today = day_of(now(), caller.timezone)
        held = await overview(
            tx, caller.tenant_id, today=today, timezone=caller.timezone, sku_id=sku_id
        )
        called = await names(tx, caller, _named(held))
    return StockOverview([_holding(caller, row, called) for row in held])


@get("/v1/stock/lots", operation_id="listLots", guards=[requires(Permission.STOCK_READ)])
async def list_lots(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    sku_id: FromQuery[UUID | None] = None,
    warehouse_id: FromQuery[UUID | None] = None,
    supplier_id: FromQuery[UUID | None] = None,
    in_state: Annotated[LotState | None, QueryParameter(name="state")] = None,
    stocked: FromQuery[bool] = False,
    expires_within: Annotated[int | None, QueryParameter(ge=0, le=DAYS_MAX)] = None,
    expired: FromQuery[bool] = False,
    sort: FromQuery[Order] = "newest",
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 100,
) -> LotPage:
    """List lots: the newest first, or with `sort=expiry` those that expire first.

    `stocked` leaves out those that hold nothing any more, as do `expires_within` days and
    `expired`. The next page is from behind `before` on.
    """
    today = day_of(now(), caller.timezone)
    wanted = Wanted(sku_id, warehouse_id, supplier_id, in_state, stocked, expires_within, expired)
    async with database.transaction(caller.tenant_id) as tx:
        found = await lots_page(
            tx,
            caller.tenant_id,
            wanted,
            today=today,
            timezone=caller.timezone,
            order=sort,
            before=before,
            limit=limit + 1,
        )
        total = await sum_of_lots(tx, caller.tenant_id, wanted, today=today)
        shown = found[:limit]
        called = await names(tx, caller, _named(shown))
    more = shown[-1].id if len(found) > limit else None
    return LotPage([_lot(caller, lot, called) for lot in shown], more, _sum(caller, total))


@get(
    "/v1/stock/lots/{lot_id:uuid}",
    operation_id="readLot",
    guards=[requires(Permission.STOCK_READ)],
    responses=problems(404),
)
async def read_lot(
    lot_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> LotStory:
    """Read one lot, the file it came in, and its cards counted one by one."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await one_lot(
            tx,
            caller.tenant_id,
            lot_id,
            today=day_of(now(), caller.timezone),
            timezone=caller.timezone,
        )
        called = await names(tx, caller, _named([found.lot]), [found.imported_by])
    shown = _lot(caller, found.lot, called)
    counted = found.counted
    return LotStory(
        shown,
        found.file_name,
        called.by(found.imported_by),
        found.cards,
        counted,
        counted is None or all(counted.get(state, 0) == n for state, n in shown.counts.items()),
    )


@get(
    "/v1/stock/lots/{lot_id:uuid}/holders",
    operation_id="listHolders",
    guards=[requires(Permission.STOCK_READ)],
)
async def list_holders(
    lot_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    after: FromQuery[UUID | None] = None,
) -> Holders:
    """Say which order lines hold cards of a lot: whom to warn when the lot is bad."""
    async with database.transaction(caller.tenant_id) as tx:
        return _holders(await recall(tx, caller.tenant_id, lot_ids=[lot_id], after=after))


@get("/v1/stock/holders", operation_id="listAllHolders", guards=[requires(Permission.STOCK_READ)])
async def list_all_holders(
    supplier_id: FromQuery[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    after: FromQuery[UUID | None] = None,
) -> Holders:
    """Say which order lines hold cards that came from a supplier: whom to warn of it."""
    async with database.transaction(caller.tenant_id) as tx:
        return _holders(await recall(tx, caller.tenant_id, supplier_id=supplier_id, after=after))


@post(
    "/v1/stock/freeze",
    operation_id="freezeLots",
    guards=[requires(Permission.STOCK_MOVE)],
    responses=problems(404),
    status_code=200,
)
async def post_freeze(
    data: JSONBody[Freezing], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> Frozen:
    """Give nothing more from some lots, or from all of a supplier's, once this is answered."""
    one_of(lot_ids=data.lot_ids, supplier_id=data.supplier_id)
    async with database.transaction(caller.tenant_id) as tx:
        changed = await freeze(
            tx,
            caller.tenant_id,
            caller.actor,
            lot_ids=data.lot_ids,
            supplier_id=data.supplier_id,
            reason=data.reason,
        )
    return _frozen(changed)


@post(
    "/v1/stock/unfreeze",
    operation_id="unfreezeLots",
    guards=[requires(Permission.STOCK_MOVE)],
    responses=problems(404),
    status_code=200,
)
async def post_unfreeze(
    data: JSONBody[Freezing], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> Frozen:
    """Give from frozen lots again; lines that are short are tried anew."""
    one_of(lot_ids=data.lot_ids, supplier_id=data.supplier_id)
    async with database.transaction(caller.tenant_id) as tx:
        changed = await unfreeze(
            tx,
            caller.tenant_id,
            caller.actor,
            lot_ids=data.lot_ids,
            supplier_id=data.supplier_id,
            reason=data.reason,
        )
    return _frozen(changed)


@post(
    "/v1/stock/transfers",
    operation_id="transferCards",
    guards=[requires(Permission.STOCK_MOVE)],
    responses=problems(404, 409),
)
async def post_transfer(
    data: JSONBody[Transferring],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> TransferredOut:
    """Move cards to another warehouse: the next ones, or chosen ones. They make a lot there."""
    one_of(count=data.count, card_ids=data.card_ids)
    async with database.transaction(caller.tenant_id) as tx:
        to = await warehouse_by_code(tx, caller.tenant_id, data.to_warehouse)
        made = await transfer(
            tx,
            caller.tenant_id,
            caller.actor,
            lot_id=data.lot_id,
            to_warehouse_id=to.id,
            count=data.count,
            card_ids=data.card_ids,
            reason=data.reason,
            today=day_of(now(), caller.timezone),
        )
    return TransferredOut(made.lot_id, made.origin_lot_id, made.warehouse_id, made.count)


def _holders(found: Sequence[Holder]) -> Holders:
    return Holders(
        [
            HolderOut(row.line_id, row.lot_id, row.card_id, row.allocated_at, row.revealed_at)
            for row in found
        ],
        found[-1].id if len(found) == HOLDERS_MAX else None,
    )


def _frozen(changed: Iterable[Changed]) -> Frozen:
    rows = list(changed)
    return Frozen(
        [row.lot_id for row in rows],
        sum(row.available for row in rows),
        sum(row.given for row in rows),
    )


def _counts(row: Lot | Holding) -> dict[str, int]:
    return {state.value: getattr(row, state) for state in CardState}


def _named(rows: Iterable[Lot | Holding]) -> set[UUID]:
    return {id_ for row in rows for id_ in (row.sku_id, row.warehouse_id, row.supplier_id)}


def _holding(caller: Caller, row: Holding, called: Names) -> HoldingOut:
    return HoldingOut(
        sku=called.of(row.sku_id),
        warehouse=called.of(row.warehouse_id),
        supplier=called.of(row.supplier_id),
        sku_id=row.sku_id,
        warehouse_id=row.warehouse_id,
        supplier_id=row.supplier_id,
        currency=row.currency,
        lots=row.lots,
        counts=_counts(row),
        frozen=row.frozen,
        cost=cost_for(caller, row.cost_e4),
        by_expiry=row.by_expiry,
        by_age=row.by_age,
    )


def _can(caller: Caller, lot: Lot) -> Sequence[str]:
    if not caller.may(Permission.STOCK_MOVE):
        return ()
    moves = ["freeze" if lot.state == LotState.OPEN else "unfreeze"]
    if lot.available:
        moves += ["quarantine"] if lot.shared else ["quarantine", "transfer"]
    if lot.available or lot.quarantined:
        moves += ["void", "return"]
    return moves


def _sum(caller: Caller, total: Sum) -> LotSum:
    costs = None
    if caller.may(Permission.REPORTS_READ):
        costs = {currency: format_amount(e4) for currency, e4 in total.costs_e4.items()}
    return LotSum(total.lots, total.available, total.reserved, costs)


def _lot(caller: Caller, lot: Lot, called: Names) -> LotOut:
    return LotOut(
        id=lot.id,
        sku=called.of(lot.sku_id),
        warehouse=called.of(lot.warehouse_id),
        supplier=called.of(lot.supplier_id),
        sku_id=lot.sku_id,
        warehouse_id=lot.warehouse_id,
        supplier_id=lot.supplier_id,
        import_id=lot.import_id,
        origin_lot_id=lot.origin_lot_id,
        unit_cost=cost_for(caller, lot.unit_cost_e4),
        currency=lot.currency,
        expires_on=lot.expires_on,
        expiry=lot.expiry,
        days_left=lot.days_left,
        received_at=lot.received_at,
        age_days=lot.age_days,
        state=lot.state,
        frozen_reason=lot.frozen_reason,
        shared=lot.shared,
        counts=_counts(lot),
        can=_can(caller, lot),
    )


routes: Final = (
    read_stock,
    list_lots,
    read_lot,
    list_holders,
    list_all_holders,
    post_freeze,
    post_unfreeze,
    post_transfer,
)
