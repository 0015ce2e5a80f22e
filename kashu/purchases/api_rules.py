"""HTTP of the rules of buying, and of suppliers' breakers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from kashu.access.actors import names_of
from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.catalog.reads import sku_by_code, skus_by_id
from kashu.channels.reads import store_by_code, stores_by_id
from kashu.core.clock import now
from kashu.core.db import Database, Tx
from kashu.core.money import format_amount, parse_amount
from kashu.core.naming import Code
from kashu.customers.reads import customer_by_code, customers_by_id
from kashu.purchases.breaker import Late, close_by_hand, late, open_by_hand
from kashu.purchases.kinds import Reordering
from kashu.purchases.rules import LIMIT_NAMES, Limits, Rule, Scope, rule_list, rules_in_force
from kashu.purchases.set_rule import Said, drop_rule, set_rule
from kashu.purchases.shapes import Amount, Moment
from kashu.stock.warehouses import list_warehouses, warehouse_by_code
from kashu.suppliers.breaker import Breaker, breaker_of
from kashu.suppliers.errors import UnknownSupplier
from kashu.suppliers.reads import supplier_by_code, suppliers_by_code, suppliers_by_id

_AMOUNTS: Final = ("unit_cost_max", "approval_above", "daily_max", "budget")
_PLAIN: Final = tuple(
    name
    for name in LIMIT_NAMES
    if name.removesuffix("_e4") not in _AMOUNTS and name != "warehouse_id"
)


class RuleLimits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a rule says; what is missing is as less particular rules say, in the end by default."""

    unit_cost_max: Amount | None = None
    margin_min_ppm: int | None = None  # of the selling price, in parts per million
    loss_until_at: Moment | None = None  # sold at a loss until then; needs unit_cost_max
    auto_buy: bool | None = None
    warehouse: Code | None = None
    due_minutes: int | None = None
    quality_min_ppm: int | None = None
    approval_above: Amount | None = None
    daily_max: Amount | None = None
    reorder: Reordering | None = None
    lead_hours: int | None = None
    safety_days: int | None = None
    cover_days: int | None = None
    stock_days_max: int | None = None
    budget: Amount | None = None


class RuleBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule: of what, for whom, what it says. All of it is set; what was there before is gone."""

    sku: str | None = None
    store: Code | None = None
    customer: Code | None = None
    limits: RuleLimits = RuleLimits()
    allowed: Annotated[list[Code], Meta(max_length=100)] = []
    denied: Annotated[list[Code], Meta(max_length=100)] = []
    shares: dict[str, int] = {}


class RuleShown(msgspec.Struct, frozen=True):
    """A rule."""

    id: UUID
    sku: str | None
    store: str | None
    customer: str | None
    limits: RuleLimits
    allowed: list[str]
    denied: list[str]
    shares: dict[str, int]
    changed_by: str
    who: str  # their name
    changed_at: datetime | None
    can: Sequence[str]


class RulesShown(msgspec.Struct, frozen=True):
    """All rules, the least particular first."""

    rules: list[RuleShown]


class RulesInForce(msgspec.Struct, frozen=True):
    """What holds for a purchase. `of`: which rule each limit is of. `allowed`: null is anybody."""

    limits: RuleLimits
    of: dict[str, UUID]
    allowed: list[str] | None
    denied: list[str]
    shares: dict[str, int]


class BreakerOpening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Until when nothing is ordered from a supplier."""

    until: Moment


class PlacingShown(msgspec.Struct, frozen=True):
    """How sending an order went."""

    at: datetime
    outcome: str
    latency_ms: int


class BreakerShown(msgspec.Struct, frozen=True):
    """Whether a supplier is ordered from, and how the last orders went, the newest first."""

    state: str  # closed, open, half_open
    broken_until: datetime | None
    breaks: int
    because: str
    trying_until: datetime | None
    late: list[PlacingShown]
    can: Sequence[str]


@get(
    "/v1/purchase-rules",
    operation_id="listPurchaseRules",
    guards=[requires(Permission.PURCHASES_READ)],
)
async def list_rules(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> RulesShown:
    """List the rules of buying."""
    async with database.transaction(caller.tenant_id) as tx:
        return RulesShown(await _shown(tx, caller, await rule_list(tx, caller.tenant_id)))


@get(
    "/v1/purchase-rules/in-force",
    operation_id="readPurchaseRulesInForce",
    guards=[requires(Permission.PURCHASES_READ)],
    responses=problems(404),
)
async def read_in_force(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    sku: FromQuery[str | None] = None,
    store: FromQuery[str | None] = None,
    customer: FromQuery[str | None] = None,
) -> RulesInForce:
    """Read what holds for purchases of a SKU, for a store or a customer, rule by rule."""
    tenant_id = caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        scope = await _scope(tx, tenant_id, sku, store, customer)
        found = await rules_in_force(tx, tenant_id, scope)
        named = {*(found.allowed or ()), *found.denied, *found.shares}
        codes = {
            each.id: each.code for each in (await suppliers_by_id(tx, tenant_id, named)).values()
        }
        warehouses = {each.id: each.code for each in await list_warehouses(tx, tenant_id)}
        allowed = None if found.allowed is None else sorted(codes[each] for each in found.allowed)
        return RulesInForce(
            limits=_limits_shown(found.limits, warehouses),
            of={name.removesuffix("_e4"): rule_id for name, rule_id in found.from_.items()},
            allowed=allowed,
            denied=sorted(codes[each] for each in found.denied),
            shares={codes[each]: share for each, share in found.shares.items()},
        )


@put(
    "/v1/purchase-rules",
    operation_id="setPurchaseRule",
    guards=[requires(Permission.PURCHASES_APPROVE)],
    responses=problems(404),
)
async def put_rule(
    data: JSONBody[RuleBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> RuleShown:
    """Set the rule of a scope, all of it."""
    tenant_id = caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        scope = await _scope(tx, tenant_id, data.sku, data.store, data.customer)
        limits = await _limits(tx, tenant_id, data.limits)
        named = [*data.allowed, *data.denied, *data.shares]
        ids = await _supplier_ids(tx, tenant_id, named)
        said = Said(
            allowed=[ids[code] for code in data.allowed],
            denied=[ids[code] for code in data.denied],
            shares={ids[code]: share for code, share in data.shares.items()},
        )
        rule = await set_rule(tx, tenant_id, caller.actor, scope, limits, said=said)
        [shown] = await _shown(tx, caller, [rule])
        return shown


@delete(
    "/v1/purchase-rules/{rule_id:uuid}",
    operation_id="dropPurchaseRule",
    guards=[requires(Permission.PURCHASES_APPROVE)],
    responses=problems(404),
)
async def delete_rule(
    rule_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> None:
    """Drop a rule: less particular ones hold again."""
    async with database.transaction(caller.tenant_id) as tx:
        await drop_rule(tx, caller.tenant_id, caller.actor, rule_id)


@get(
    "/v1/suppliers/{code:str}/breaker",
    operation_id="readBreaker",
    guards=[requires(Permission.SUPPLIERS_READ)],
    responses=problems(404, 409),
)
async def read_breaker(
    code: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> BreakerShown:
    """Read whether a supplier is ordered from, and how its last orders went."""
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        return await _breaker(tx, caller, supplier.id)


@post(
    "/v1/suppliers/{code:str}/breaker/open",
    operation_id="openBreaker",
    guards=[requires(Permission.PURCHASES_WRITE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_open(
    code: FromPath[str],
    data: JSONBody[BreakerOpening],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> BreakerShown:
    """Order nothing from a supplier until then; after that one order tries."""
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        await open_by_hand(
            tx, caller.tenant_id, caller.actor, supplier.id, until=data.until, at=now()
        )
        return await _breaker(tx, caller, supplier.id)


@post(
    "/v1/suppliers/{code:str}/breaker/close",
    operation_id="closeBreaker",
    guards=[requires(Permission.PURCHASES_WRITE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_close(
    code: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> BreakerShown:
    """Order from a supplier again at once; it is judged anew."""
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        await close_by_hand(tx, caller.tenant_id, caller.actor, supplier.id)
        return await _breaker(tx, caller, supplier.id)


async def _breaker(tx: Tx, caller: Caller, supplier_id: UUID) -> BreakerShown:
    at = now()
    breaker = await breaker_of(tx, caller.tenant_id, supplier_id)
    seen = await late(tx, caller.tenant_id, supplier_id, at)
    may = caller.may(Permission.PURCHASES_WRITE)
    can = ["open", *(["close"] if breaker.breaks else [])] if may else []
    return BreakerShown(
        state=_breaker_state(breaker, at),
        broken_until=breaker.broken_until,
        breaks=breaker.breaks,
        because=breaker.because,
        trying_until=breaker.trying_until,
        late=[_placing(each) for each in seen],
        can=can,
    )


def _breaker_state(breaker: Breaker, at: datetime) -> str:
    if not breaker.breaks:
        return "closed"
    is_open = breaker.broken_until is not None and breaker.broken_until > at
    return "open" if is_open else "half_open"


def _placing(each: Late) -> PlacingShown:
    return PlacingShown(each.at, each.outcome.value, each.latency_ms)


async def _scope(
    tx: Tx, tenant_id: int, sku: str | None, store: str | None, customer: str | None
) -> Scope:
    return Scope(
        (await sku_by_code(tx, tenant_id, sku)).id if sku else None,
        (await store_by_code(tx, tenant_id, store)).id if store else None,
        (await customer_by_code(tx, tenant_id, customer)).id if customer else None,
    )


async def _supplier_ids(tx: Tx, tenant_id: int, codes: Iterable[str]) -> dict[str, UUID]:
    """Raises: UnknownSupplier."""
    wanted = list(codes)
    found = await suppliers_by_code(tx, tenant_id, wanted)
    for code in wanted:
        if code not in found:
            raise UnknownSupplier(supplier=code[:40])
    return {code: supplier.id for code, supplier in found.items()}


async def _limits(tx: Tx, tenant_id: int, written: RuleLimits) -> Limits:
    values: dict[str, Any] = {name: getattr(written, name) for name in _PLAIN}
    for name in _AMOUNTS:
        amount = getattr(written, name)
        values[f"{name}_e4"] = None if amount is None else parse_amount(amount)
    if written.warehouse is not None:
        values["warehouse_id"] = (await warehouse_by_code(tx, tenant_id, written.warehouse)).id
    return Limits(**values)


def _limits_shown(limits: Limits, warehouses: Mapping[UUID, str]) -> RuleLimits:
    values: dict[str, Any] = {name: getattr(limits, name) for name in _PLAIN}
    for name in _AMOUNTS:
        amount_e4 = getattr(limits, f"{name}_e4")
        values[name] = None if amount_e4 is None else format_amount(amount_e4)
    if limits.warehouse_id is not None:
        values["warehouse"] = warehouses[limits.warehouse_id]
    return RuleLimits(**values)


async def _shown(tx: Tx, caller: Caller, found: Sequence[Rule]) -> list[RuleShown]:
    tenant_id = caller.tenant_id
    scopes = [each.scope for each in found]
    skus = await skus_by_id(tx, tenant_id, [one.sku_id for one in scopes if one.sku_id])
    stores = await stores_by_id(tx, tenant_id, [one.store_id for one in scopes if one.store_id])
    customers = await customers_by_id(
        tx, tenant_id, [one.customer_id for one in scopes if one.customer_id]
    )
    named = {id_ for each in found for id_ in (*each.allowed, *each.denied, *each.shares)}
    suppliers = await suppliers_by_id(tx, tenant_id, named)
    warehouses = {each.id: each.code for each in await list_warehouses(tx, tenant_id)}
    names = await names_of(tx, tenant_id, [each.changed_by for each in found])
    can = ("set", "drop") if caller.may(Permission.PURCHASES_APPROVE) else ()
    return [
        RuleShown(
            id=each.id,
            sku=skus[each.scope.sku_id].code if each.scope.sku_id else None,
            store=stores[each.scope.store_id].code if each.scope.store_id else None,
            customer=customers[each.scope.customer_id].code if each.scope.customer_id else None,
            limits=_limits_shown(each.limits, warehouses),
            allowed=sorted(suppliers[id_].code for id_ in each.allowed),
            denied=sorted(suppliers[id_].code for id_ in each.denied),
            shares={suppliers[id_].code: share for id_, share in each.shares.items()},
            changed_by=each.changed_by,
            who=names.get(each.changed_by, each.changed_by),
            changed_at=each.changed_at,
            can=can,
        )
        for each in found
    ]


routes: Final[Sequence[Any]] = (
    list_rules,
    read_in_force,
    put_rule,
    delete_rule,
    read_breaker,
    post_open,
    post_close,
)
