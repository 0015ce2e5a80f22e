"""HTTP of reordering: what to buy and why, and whether to stock up."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.catalog.reads import sku_by_code
from kashu.core.clock import now
from kashu.core.db import Database, Tx
from kashu.core.money import format_amount
from kashu.core.naming import Code
from kashu.purchases.errors_buying import NothingToReorder
from kashu.purchases.kinds import Reordering
from kashu.purchases.reads import purchase_of
from kashu.purchases.reorder import Suggestion, reorder, suggestions
from kashu.purchases.shapes import PurchaseShown
from kashu.purchases.show import show_purchases
from kashu.purchases.stock_up import Advice, stock_up_or_not
from kashu.purchases.why import words_for
from kashu.stock.warehouses import list_warehouses, warehouse_by_code


class SuggestionShown(msgspec.Struct, frozen=True):
    """How many of a SKU to buy now; `facts`: the arithmetic, amounts in ten-thousandths."""

    sku: str
    sku_name: str
    quantity: int
    why: str
    words: str
    supplier: str | None
    warehouse: str | None  # where rules say that it goes; null: say so when it is wanted
    unit_cost: str | None
    amount: str | None
    reorder: Reordering
    open_id: UUID | None  # the purchase that is under way for it
    declined_at: datetime | None
    facts: dict[str, Any]
    can: Sequence[str]


class SuggestionsShown(msgspec.Struct, frozen=True):
    """What is to be bought first, the most money first; then what needs nothing."""

    suggestions: list[SuggestionShown]


class Reorders(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the suggestion is only written down; where it goes, if no rule says so."""

    draft: bool = False
    warehouse: Code | None = None


class StockUpShown(msgspec.Struct, frozen=True):
    """What one unit costs when so many days' sales are bought at once."""

    days: int
    quantity: int
    supplier: str
    landed: str
    held_days: str
    capital: str
    unsold: int
    expiry: str
    total: str
    saves: str


class JustInTimeShown(msgspec.Struct, frozen=True):
    """What one unit costs when it is bought for the order that waits."""

    supplier: str
    landed: str
    failing_ppm: int
    lost: str
    stock_out: str
    total: str


class AdviceShown(msgspec.Struct, frozen=True):
    """Whether to stock up or to buy just in time, with the arithmetic."""

    advice: str
    why: str
    speed: str
    shelf_days: int | None
    capital_ppm: int
    just_in_time: JustInTimeShown | None
    stock_up: list[StockUpShown]
    best_days: int | None
    saves_in_all: str


@get(
    "/v1/reorder-suggestions",
    operation_id="listReorderSuggestions",
    guards=[requires(Permission.PURCHASES_READ)],
    responses=problems(404),
)
async def list_suggestions(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    sku: FromQuery[str | None] = None,
) -> SuggestionsShown:
    """Say what to buy now, of one SKU or of all that sell, with the arithmetic."""
    tenant_id = caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        ids = [(await sku_by_code(tx, tenant_id, sku)).id] if sku else None
        found = await suggestions(tx, tenant_id, timezone=caller.timezone, at=now(), sku_ids=ids)
        return await show_suggestions(tx, caller, found)


@post(
    "/v1/reorder-suggestions/{sku:str}/want",
    operation_id="wantReorder",
    guards=[requires(Permission.PURCHASES_WRITE)],
    responses=problems(404, 409),
)
async def post_reorder(
    sku: FromPath[str],
    data: JSONBody[Reorders],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PurchaseShown:
    """Want what is suggested for a SKU now. One reorder of a SKU is open at a time."""
    tenant_id, at = caller.tenant_id, now()
    async with database.transaction(tenant_id) as tx:
        ids = [(await sku_by_code(tx, tenant_id, sku)).id]
        found = await suggestions(tx, tenant_id, timezone=caller.timezone, at=at, sku_ids=ids)
        if not found or not found[0].suggested.quantity:
            raise NothingToReorder(sku=sku)
        wanted = found[0]
        if data.warehouse is not None:
            warehouse = await warehouse_by_code(tx, tenant_id, data.warehouse)
            wanted = replace(wanted, warehouse_id=warehouse.id)
        made = await reorder(tx, tenant_id, caller.actor, wanted, at=at, draft=data.draft)
        [shown] = await show_purchases(tx, caller, [await purchase_of(tx, tenant_id, made)])
    return shown


@get(
    "/v1/skus/{sku:str}/stock-up",
    operation_id="readStockUp",
    guards=[requires(Permission.PURCHASES_READ)],
    responses=problems(404),
)
async def read_stock_up(
    sku: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> AdviceShown:
    """Say whether to stock up on a SKU or to buy just in time, with the arithmetic."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await sku_by_code(tx, caller.tenant_id, sku)
        advice = await stock_up_or_not(
            tx, caller.tenant_id, found, timezone=caller.timezone, at=now()
        )
    return show_advice(advice)


def show_advice(advice: Advice) -> AdviceShown:
    """Write amounts as decimals."""
    just_in_time = advice.just_in_time
    return AdviceShown(
        advice=advice.advice,
        why=advice.why,
        speed=advice.speed,
        shelf_days=advice.shelf_days,
        capital_ppm=advice.capital_ppm,
        just_in_time=None
        if just_in_time is None
        else JustInTimeShown(
            supplier=just_in_time.supplier,
            landed=format_amount(just_in_time.landed_e4),
            failing_ppm=just_in_time.failing_ppm,
            lost=format_amount(just_in_time.lost_e4),
            stock_out=format_amount(just_in_time.stock_out_e4),
            total=format_amount(just_in_time.total_e4),
        ),
        stock_up=[
            StockUpShown(
                days=way.days,
                quantity=way.quantity,
                supplier=way.supplier,
                landed=format_amount(way.landed_e4),
                held_days=way.held_days,
                capital=format_amount(way.capital_e4),
                unsold=way.unsold,
                expiry=format_amount(way.expiry_e4),
                total=format_amount(way.total_e4),
                saves=format_amount(way.saves_e4),
            )
            for way in advice.stock_up
        ],
        best_days=None if advice.best is None else advice.best.days,
        saves_in_all=format_amount(advice.saves_in_all_e4),
    )


async def show_suggestions(tx: Tx, caller: Caller, found: Sequence[Suggestion]) -> SuggestionsShown:
    """Show suggestions with their arithmetic, in their order."""
    warehouses = {each.id: each.code for each in await list_warehouses(tx, caller.tenant_id)}
    return SuggestionsShown([_shown(caller, each, warehouses) for each in found])


def _shown(caller: Caller, each: Suggestion, warehouses: Mapping[UUID, str]) -> SuggestionShown:
    facts, quantity = each.suggested.facts, each.suggested.quantity
    unit_e4, amount_e4 = facts.get("unit_cost_e4"), facts.get("amount_e4")
    may = caller.may(Permission.PURCHASES_WRITE) and quantity and each.open_id is None
    return SuggestionShown(
        sku=each.sku.code,
        sku_name=each.sku.name_zh if caller.language == "zh" else each.sku.name_en,
        quantity=quantity,
        why=each.suggested.why,
        words=words_for(each.suggested.why, caller.language),
        supplier=each.best.supplier if each.best else None,
        warehouse=warehouses.get(each.warehouse_id) if each.warehouse_id else None,
        unit_cost=None if unit_e4 is None else format_amount(unit_e4),
        amount=None if amount_e4 is None else format_amount(amount_e4),
        reorder=each.reorder,
        open_id=each.open_id,
        declined_at=each.declined_at,
        facts=facts,
        can=("want",) if may else (),
    )


routes: Final[Sequence[Any]] = (list_suggestions, post_reorder, read_stock_up)
