"""HTTP of strategies: save them, say whom each serves, and see what would be given next."""

from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.catalog.reads import sku_by_code
from kashu.channels.reads import store_by_code
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.core.naming import Code, Name
from kashu.customers.reads import customer_by_code
from kashu.stock.api_cards import facts_for
from kashu.stock.names import Called, Names, names
from kashu.stock.preview import next_ten
from kashu.stock.strategies import (
    SavedStrategy,
    Use,
    assign_strategy,
    save_strategy,
    saved_strategies,
    saved_strategy,
    strategies_for,
    unassign_strategy,
)
from kashu.stock.strategy import Strategy
from kashu.stock.strategy_steps import check_steps, read_steps, strategy_of, write_steps

PREVIEW_MAX: Final = 100

# Steps are {"keep": "minimum_validity", "days": 30} and the like: see docs/concepts/stock.md.
Steps = Annotated[list[dict[str, Any]], Meta(max_length=100)]


class StrategyIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A strategy's name and its steps, in order."""

    name: Name
    steps: Steps


class Whom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a strategy serves, by code: all orders that agree with each part that is given."""

    sku: str | None = None
    store: Code | None = None
    customer: Code | None = None


class UseOut(msgspec.Struct, frozen=True):
    """Whom a strategy serves: all that agree with each that is named."""

    sku: Called | None
    store: Called | None
    customer: Called | None
    sku_id: UUID | None
    store_id: UUID | None
    customer_id: UUID | None


class StrategyOut(msgspec.Struct, frozen=True):
    """A strategy, its steps in order, and whom it serves."""

    id: UUID
    code: str
    name: str
    steps: list[dict[str, Any]]
    uses: list[UseOut]
    can: Sequence[str]


class Strategies(msgspec.Struct, frozen=True):
    """All strategies, by code."""

    strategies: list[StrategyOut]


class Preview(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to preview: for whom, how many, and with which steps if not those in force."""

    sku: str
    store: Code | None = None
    customer: Code | None = None
    count: Annotated[int, Meta(ge=1, le=PREVIEW_MAX)] = 10
    steps: Steps | None = None


class NextCardOut(msgspec.Struct, frozen=True):
    """A card that would be given, masked, and what decided for its lot."""

    card_id: UUID
    tail: str
    lot_id: UUID
    warehouse: Called
    supplier: Called
    because: dict[str, Any]


class Previewed(msgspec.Struct, frozen=True):
    """The cards that would be given next, in order; by which strategy, as it is called.

    `strategy` is null where none serves them: then what expires first goes first.
    """

    strategy: str | None
    cards: list[NextCardOut]


@get("/v1/strategies", operation_id="listStrategies", guards=[requires(Permission.STOCK_READ)])
async def list_strategies(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> Strategies:
    """List strategies by code, with whom each serves."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await saved_strategies(tx, caller.tenant_id)
        called = await _called(tx, caller, found)
    return Strategies([_shown(caller, each, called) for each in found])


@put(
    "/v1/strategies/{code:str}",
    operation_id="saveStrategy",
    guards=[requires(Permission.STOCK_STRATEGY)],
)
async def put_strategy(
    code: FromPath[str],
    data: JSONBody[StrategyIn],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> StrategyOut:
    """Save a strategy under a code, in place of the one that is there."""
    async with database.transaction(caller.tenant_id) as tx:
        saved = await save_strategy(
            tx,
            caller.tenant_id,
            caller.actor,
            code=code,
            name=data.name,
            steps=read_steps(data.steps),
        )
        return _shown(caller, saved, await _called(tx, caller, [saved]))


@post(
    "/v1/strategies/{code:str}/assign",
    operation_id="assignStrategy",
    guards=[requires(Permission.STOCK_STRATEGY)],
    responses=problems(404),
    status_code=200,
)
async def post_assignment(
    code: FromPath[str],
    data: JSONBody[Whom],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> StrategyOut:
    """Let a strategy serve a SKU, a store, a customer, or where they meet; all of {} is everybody.

    The most specific wins: customer before store before SKU.
    """
    async with database.transaction(caller.tenant_id) as tx:
        to = await _use(tx, caller.tenant_id, data.sku, data.store, data.customer)
        await assign_strategy(tx, caller.tenant_id, caller.actor, code=code, to=to)
        saved = await saved_strategy(tx, caller.tenant_id, code)
        return _shown(caller, saved, await _called(tx, caller, [saved]))


@post(
    "/v1/strategies/{code:str}/unassign",
    operation_id="unassignStrategy",
    guards=[requires(Permission.STOCK_STRATEGY)],
    responses=problems(404),
    status_code=200,
)
async def post_unassignment(
    code: FromPath[str],
    data: JSONBody[Whom],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> StrategyOut:
    """Let a strategy no longer serve exactly these."""
    async with database.transaction(caller.tenant_id) as tx:
        to = await _use(tx, caller.tenant_id, data.sku, data.store, data.customer)
        await unassign_strategy(tx, caller.tenant_id, caller.actor, code=code, to=to)
        saved = await saved_strategy(tx, caller.tenant_id, code)
        return _shown(caller, saved, await _called(tx, caller, [saved]))


@post(
    "/v1/strategies/preview",
    operation_id="previewStrategy",
    guards=[requires(Permission.STOCK_READ)],
    responses=problems(404),
    status_code=200,
)
async def post_preview(
    data: JSONBody[Preview], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> Previewed:
    """Show which cards would be given next, masked, and why; with other steps, what they would do.

    Nothing is written or kept.
    """
    asked = None if data.steps is None else _asked(data.steps)
    async with database.transaction(caller.tenant_id) as tx:
        to = await _use(tx, caller.tenant_id, data.sku, data.store, data.customer)
        assert to.sku_id is not None, "its code was found"
        strategy = asked
        if strategy is None:
            whom = (to.sku_id, to.store_id, to.customer_id)
            [strategy] = await strategies_for(tx, caller.tenant_id, [whom])
        found = await next_ten(
            tx,
            caller.tenant_id,
            to.sku_id,
            today=day_of(now(), caller.timezone),
            count=data.count,
            strategy=strategy,
        )
        places = {id_ for each in found for id_ in (each.warehouse_id, each.supplier_id)}
        called = await names(tx, caller, places)
    return Previewed(
        None if strategy.id is None or asked is not None else strategy.name,
        [
            NextCardOut(
                each.card_id,
                each.tail,
                each.lot_id,
                called.of(each.warehouse_id),
                called.of(each.supplier_id),
                facts_for(caller, each.because),
            )
            for each in found
        ],
    )


def _asked(written: Steps) -> Strategy:
    steps = read_steps(written)
    check_steps(steps)
    return strategy_of(UUID(int=0), "asked", write_steps(steps))


async def _use(
    tx: Tx, tenant_id: int, sku: str | None, store: str | None, customer: str | None
) -> Use:
    """Find whom codes name. Raises: UnknownSku, UnknownStore, UnknownCustomer."""
    return Use(
        None if sku is None else (await sku_by_code(tx, tenant_id, sku)).id,
        None if store is None else (await store_by_code(tx, tenant_id, store)).id,
        None if customer is None else (await customer_by_code(tx, tenant_id, customer)).id,
    )


async def _called(tx: Tx, caller: Caller, saved: Sequence[SavedStrategy]) -> Names:
    uses = [use for each in saved for use in each.uses]
    return await names(
        tx, caller, {id_ for use in uses for id_ in (use.sku_id, use.store_id, use.customer_id)}
    )


def _used(use: Use, called: Names) -> UseOut:
    def named(id_: UUID | None) -> Called | None:
        return None if id_ is None else called.of(id_)

    return UseOut(
        named(use.sku_id),
        named(use.store_id),
        named(use.customer_id),
        use.sku_id,
        use.store_id,
        use.customer_id,
    )


def _shown(caller: Caller, saved: SavedStrategy, called: Names) -> StrategyOut:
    return StrategyOut(
        saved.id,
        saved.code,
        saved.name,
        msgspec.json.decode(write_steps(saved.steps)),
        [_used(use, called) for use in saved.uses],
        ("save", "assign", "unassign") if caller.may(Permission.STOCK_STRATEGY) else (),
    )


routes: Final = (
    list_strategies,
    put_strategy,
    post_assignment,
    post_unassignment,
    post_preview,
)
