"""Rules of buying: what a merchant allows, in all or for a SKU, a store, a customer."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from kashu.core.db import Tx
from kashu.core.sql import Statement
from kashu.purchases.errors_buying import UnknownRule
from kashu.purchases.kinds import Reordering


@dataclass(frozen=True, slots=True)
class Limits:
    """What a rule says. None: as the next less particular rule says, in the end as by default."""

    unit_cost_max_e4: int | None = None
    margin_min_ppm: int | None = None
    loss_until_at: datetime | None = None
    auto_buy: bool | None = None
    warehouse_id: UUID | None = None
    due_minutes: int | None = None
    quality_min_ppm: int | None = None
    approval_above_e4: int | None = None
    daily_max_e4: int | None = None
    reorder: Reordering | None = None
    lead_hours: int | None = None
    safety_days: int | None = None
    cover_days: int | None = None
    stock_days_max: int | None = None
    budget_e4: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What is bought, and for whose sake; None: whatever, or nobody in particular."""

    sku_id: UUID | None = None
    store_id: UUID | None = None
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its scope, and what it says of suppliers."""

    id: UUID
    scope: Scope
    limits: Limits
    allowed: frozenset[UUID]
    denied: frozenset[UUID]
    shares: Mapping[UUID, int] = field(default_factory=dict)
    changed_by: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """All rules that concern one purchase, taken together.

    `allowed`: None where no rule names any. A purchase keeps to each list that concerns it, so
    that a customer's doesn't open what the SKU's closes. `from_`: which rule each limit is of.
    """

    limits: Limits
    allowed: frozenset[UUID] | None
    denied: frozenset[UUID]
    shares: Mapping[UUID, int]
    from_: Mapping[str, UUID]


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    sku_id: UUID | None
    store_id: UUID | None
    customer_id: UUID | None
    changed_by: str
    changed_at: datetime
    unit_cost_max_e4: int | None
    margin_min_ppm: int | None
    loss_until_at: datetime | None
    auto_buy: bool | None
    warehouse_id: UUID | None
    due_minutes: int | None
    quality_min_ppm: int | None
    approval_above_e4: int | None
    daily_max_e4: int | None
    reorder: str | None
    lead_hours: int | None
    safety_days: int | None
    cover_days: int | None
    stock_days_max: int | None
    budget_e4: int | None
    allowed: list[UUID]
    denied: list[UUID]
    sharing: list[UUID]
    shares: list[int]


_rules = Statement(__file__, "rules_read.sql", _Row)
LIMIT_NAMES: Final = tuple(each.name for each in fields(Limits))


async def rules_in_force(tx: Tx, tenant_id: int, scope: Scope) -> InForce:
    """Say what holds for a purchase. The most particular rule wins, limit by limit.

    A customer's is more particular than a store's, that than a SKU's; two together than one.
    """
    return concerning(await rules_for(tx, tenant_id, [scope]), scope)


async def rules_for(tx: Tx, tenant_id: int, scopes: Collection[Scope]) -> list[Rule]:
    """Read all rules that could concern any of some scopes: concerning() tells which do."""
    return await _read(tx, tenant_id, scopes)


def concerning(known: Iterable[Rule], scope: Scope) -> InForce:
    """Take those rules together that concern a purchase. Pure."""
    return together(
        rule
        for rule in known
        if _concerns(rule.scope.sku_id, scope.sku_id)
        and _concerns(rule.scope.store_id, scope.store_id)
        and _concerns(rule.scope.customer_id, scope.customer_id)
    )


async def rule_list(tx: Tx, tenant_id: int) -> list[Rule]:
    """All rules, the least particular first."""
    found = await _read(tx, tenant_id)
    return sorted(found, key=lambda rule: (particular(rule.scope), rule.id))


async def rule_by_id(tx: Tx, tenant_id: int, rule_id: UUID) -> Rule:
    """Read one rule. Raises: UnknownRule."""
    for rule in await _read(tx, tenant_id):
        if rule.id == rule_id:
            return rule
    raise UnknownRule(rule=rule_id)


def together(concerned: Iterable[Rule]) -> InForce:
    """Take rules that all concern one purchase together. Pure."""
    ordered = sorted(concerned, key=lambda rule: particular(rule.scope), reverse=True)
    limits: dict[str, Any] = {}
    from_: dict[str, UUID] = {}
    for rule in ordered:
        for name in LIMIT_NAMES:
            value = getattr(rule.limits, name)
            if value is not None and name not in limits:
                limits[name], from_[name] = value, rule.id
    # A limit and the loss it is there for belong together.
    if "loss_until_at" in limits and from_["loss_until_at"] != from_["unit_cost_max_e4"]:
        del limits["loss_until_at"], from_["loss_until_at"]
    lists = [rule.allowed for rule in ordered if rule.allowed]
    allowed = frozenset.intersection(*lists) if lists else None
    denied = frozenset().union(*(rule.denied for rule in ordered))
    shares = next((rule.shares for rule in ordered if rule.shares), {})
    return InForce(Limits(**limits), allowed, denied, shares, from_)


def particular(scope: Scope) -> int:
    """How particular a rule is: the greater, the more."""
    return (
        4 * (scope.customer_id is not None)
        + 2 * (scope.store_id is not None)
        + (scope.sku_id is not None)
    )


def _concerns(of_rule: UUID | None, of_purchase: UUID | None) -> bool:
    return of_rule is None or of_rule == of_purchase


async def _read(tx: Tx, tenant_id: int, scopes: Collection[Scope] | None = None) -> list[Rule]:
    """All rules, or those that could concern some scopes."""
    of = scopes or ()
    found = await _rules(
        tx,
        tenant=tenant_id,
        any_scope=scopes is None,
        skus=[*({each.sku_id for each in of} - {None})],
        stores=[*({each.store_id for each in of} - {None})],
        customers=[*({each.customer_id for each in of} - {None})],
    )
    return [_rule(row) for row in found]


def _rule(row: _Row) -> Rule:
    limits = {name: getattr(row, name) for name in LIMIT_NAMES}
    limits["reorder"] = None if row.reorder is None else Reordering(row.reorder)
    return Rule(
        id=row.id,
        scope=Scope(row.sku_id, row.store_id, row.customer_id),
        limits=Limits(**limits),
        allowed=frozenset(row.allowed),
        denied=frozenset(row.denied),
        shares=dict(zip(row.sharing, row.shares, strict=True)),
        changed_by=row.changed_by,
        changed_at=row.changed_at,
    )
