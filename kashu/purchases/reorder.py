"""Reorder: what runs low is suggested, drafted or bought, as the rules say."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Final
from uuid import UUID

import structlog

from kashu.access.tenants import Tenant
from kashu.catalog.kinds import Fulfilment, SkuState
from kashu.catalog.reads import Sku, skus_by_id
from kashu.channels.promised import promised
from kashu.core.clock import Clock, day_of, now
from kashu.core.db import Database, Tx
from kashu.core.errors import Conflict, Invalid
from kashu.core.sql import Statement
from kashu.ledger.sold import sold_by_day
from kashu.purchases.kinds import Cause, Reordering
from kashu.purchases.reorder_point import (
    COVER_DAYS,
    LEAD_HOURS,
    MONTH,
    SAFETY_DAYS,
    Held,
    Sales,
    Suggested,
    Terms,
    suggest,
)
from kashu.purchases.rules import InForce, Rule, Scope, concerning, rule_list
from kashu.purchases.want import Wanted, want
from kashu.stock.allocate import offers
from kashu.stock.outlook import Pace, fates
from kashu.stock.shelf_life import shelf_days
from kashu.stock.shelves import shelves
from kashu.stock.strategy import FEFO, Offered, in_order
from kashu.suppliers.compare import Ranked, WhyNot, compare
from kashu.suppliers.kinds import Goods

DECLINED_FOR: Final = timedelta(days=1)  # what a person didn't want isn't written again
TRIED_ENOUGH: Final = 5  # orders from which on a supplier's own time counts
HOUR_MS: Final = 3_600_000

_GOODS: Final[Mapping[Fulfilment, Goods]] = {
    Fulfilment.CARD: Goods.CARD,
    Fulfilment.LINK: Goods.LINK,
}
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A SKU, how many of it to buy now, and what becomes of that."""

    sku: Sku
    suggested: Suggested
    reorder: Reordering
    best: Ranked | None  # who would be asked
    open_id: UUID | None  # the purchase that is under way already
    declined_at: datetime | None  # when a person last didn't want it
    warehouse_id: UUID | None


@dataclass(frozen=True, slots=True)
class _Ordered:
    sku_id: UUID
    on_order: int
    tied_e4: int
    open_id: UUID | None
    declined_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """All that is known of some SKUs."""

    sold: Mapping[UUID, dict[date, int]]
    lots: Mapping[UUID, list[Offered]]
    reserved: Mapping[UUID, int]
    cost_e4: Mapping[UUID, int]
    lasting: Mapping[UUID, int]
    promised: Mapping[UUID, int]
    ordered: Mapping[UUID, _Ordered]
    ranked: Mapping[UUID, list[Ranked]]


_ordered = Statement(__file__, "reorder.sql", _Ordered)


async def suggestions(
    tx: Tx,
    tenant_id: int,
    *,
    timezone: str,
    at: datetime,
    sku_ids: Collection[UUID] | None = None,
) -> list[Suggestion]:
    """Say of each SKU that sells, or that a rule names, how many to buy now; the most money first.

    `sku_ids`: of these only, whether they sell or not. Takes no lock.
    """
    today = day_of(at, timezone)
    rules = await rule_list(tx, tenant_id)
    since = today - timedelta(days=MONTH)
    sold: dict[UUID, dict[date, int]] = defaultdict(dict)
    for each in await sold_by_day(tx, tenant_id, sku_ids, since=since, until=today):
        sold[each.sku_id][each.day] = each.units
    wanted = set(sku_ids) if sku_ids is not None else {*sold, *_named(rules)}
    known = await skus_by_id(tx, tenant_id, wanted)
    skus = {
        sku.id: sku
        for sku in known.values()
        if sku.fulfilment in _GOODS and sku.state == SkuState.ACTIVE
    }
    seen = await _see(tx, tenant_id, skus, sold, timezone=timezone, at=at)
    found = [_suggestion(sku, rules, seen, today) for sku in skus.values()]
    return sorted(
        found,
        key=lambda one: (-one.suggested.facts.get("amount_e4", 0), one.sku.code),
    )


async def reorder_due(database: Database, tenant: Tenant, clock: Clock = now) -> bool:
    """Draft or want what runs low, where rules say so: each SKU in a transaction of its own.

    One that can't be written (no limit, no warehouse) doesn't hold up the others; the list of
    suggestions says why.
    """
    at = clock()
    async with database.transaction(tenant.id) as tx:
        found = await suggestions(tx, tenant.id, timezone=tenant.timezone, at=at)
    for each in found:
        due = each.suggested.quantity and each.reorder != Reordering.OFF
        if not due or each.open_id is not None or each.declined_at is not None:
            continue
        try:
            async with database.transaction(tenant.id) as tx:
                await reorder(tx, tenant.id, "system", each, at=at)
        except (Conflict, Invalid) as error:
            _log.info("not_reordered", sku=each.sku.code, error=error.code)
    return False


async def reorder(
    tx: Tx,
    tenant_id: int,
    actor: str,
    suggestion: Suggestion,
    *,
    at: datetime,
    draft: bool | None = None,
) -> UUID:
    """Want what is suggested; `draft`: or only write it down, None: as the rule says.

    Raises: what want() raises; AlreadyOnOrder where the SKU is being reordered.
    """
    is_draft = suggestion.reorder != Reordering.WANTED if draft is None else draft
    sku = suggestion.sku
    wanted = Wanted(
        sku_id=sku.id,
        goods=_GOODS[sku.fulfilment],
        quantity=suggestion.suggested.quantity,
        cause=Cause.REORDER,
        warehouse_id=suggestion.warehouse_id,
        facts={"reorder": suggestion.suggested.facts},
        draft=is_draft,
    )
    return await want(tx, tenant_id, actor, wanted, at=at)


async def _see(
    tx: Tx,
    tenant_id: int,
    skus: Mapping[UUID, Sku],
    sold: Mapping[UUID, dict[date, int]],
    *,
    timezone: str,
    at: datetime,
) -> _Seen:
    ids, today = list(skus), day_of(at, timezone)
    lots: dict[UUID, list[Offered]] = defaultdict(list)
    for lot in await offers(tx, tenant_id, ids):
        lots[lot.sku_id].append(lot)
    by_code = {sku.code: sku.id for sku in skus.values()}
    reserved: dict[UUID, int] = defaultdict(int)
    cost_e4: dict[UUID, int] = defaultdict(int)
    for shelf in await shelves(tx, tenant_id, today=today):
        if shelf.sku in by_code:
            reserved[by_code[shelf.sku]] += shelf.reserved
            cost_e4[by_code[shelf.sku]] += shelf.cost_e4
    ordered = await _ordered(tx, tenant=tenant_id, skus=ids, since=at - DECLINED_FOR)
    return _Seen(
        sold=sold,
        lots=lots,
        reserved=reserved,
        cost_e4=cost_e4,
        lasting=await shelf_days(tx, tenant_id, ids, timezone=timezone),
        promised=await promised(tx, tenant_id),
        ordered={row.sku_id: row for row in ordered},
        ranked=await compare(tx, tenant_id, ids, at=at),
    )


def _suggestion(sku: Sku, rules: Sequence[Rule], seen: _Seen, today: date) -> Suggestion:
    in_force = concerning(rules, Scope(sku.id))
    limits, ordered = in_force.limits, seen.ordered[sku.id]
    best = _best(seen.ranked[sku.id], in_force)
    sales = Sales(seen.sold.get(sku.id, {}), today)
    lots = in_order(FEFO, seen.lots.get(sku.id, []), today)
    unsold = 0
    if sales.speed:
        pace = Pace(sales.last(sales.days), sales.days)
        foreseen = fates(FEFO, lots, pace, today=today, cover=COVER_DAYS)
        unsold = sum(fate.unsold for fate in foreseen.values())
    held = Held(
        available=sum(lot.available for lot in lots),
        reserved=seen.reserved.get(sku.id, 0),
        unsold=unsold,
        on_order=ordered.on_order,
        promised=seen.promised.get(sku.id, 0),
        tied_e4=seen.cost_e4.get(sku.id, 0) + ordered.tied_e4,
    )
    terms = Terms(
        lead_days=_lead(limits.lead_hours, best),
        safety_days=SAFETY_DAYS if limits.safety_days is None else limits.safety_days,
        cover_days=COVER_DAYS if limits.cover_days is None else limits.cover_days,
        stock_days_max=limits.stock_days_max,
        shelf_days=seen.lasting.get(sku.id),
        budget_e4=limits.budget_e4,
        unit_cost_e4=best.landed.total_e4 if best and best.landed else None,
        units=best.units if best else 1,
        least=best.least if best else 1,
    )
    return Suggestion(
        sku=sku,
        suggested=suggest(sales, held, terms),
        reorder=limits.reorder or Reordering.OFF,
        best=best,
        open_id=ordered.open_id,
        declined_at=ordered.declined_at,
        warehouse_id=limits.warehouse_id,
    )


def _best(ranked: Sequence[Ranked], rules: InForce) -> Ranked | None:
    """The cheapest that rules allow and that sells at all, however many are wanted."""
    for each in ranked:
        stops = set(each.why_not) - {WhyNot.TOO_FEW, WhyNot.BELOW_LEAST}
        allowed = rules.allowed is None or each.supplier_id in rules.allowed
        if not stops and allowed and each.supplier_id not in rules.denied:
            return each
    return None


def _lead(hours: int | None, best: Ranked | None) -> Fraction:
    """From ordering to selling, in days."""
    if hours is None and best is not None and best.p95_ms and best.attempts >= TRIED_ENOUGH:
        return max(Fraction(best.p95_ms, 24 * HOUR_MS), Fraction(1, 24))
    return Fraction(LEAD_HOURS if hours is None else hours, 24)


def _named(rules: Sequence[Rule]) -> set[UUID]:
    return {rule.scope.sku_id for rule in rules if rule.scope.sku_id is not None}
