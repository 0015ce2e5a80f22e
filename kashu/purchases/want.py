"""Want: write down what is to be bought, within the rules; or as a draft, or to be approved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from kashu.access.tenants import tenant_by_id
from kashu.catalog.errors import UnknownSku
from kashu.catalog.kinds import Fulfilment
from kashu.catalog.reads import Sku, skus_by_id
from kashu.channels.prices import lowest_price
from kashu.core.clock import day_of, now
from kashu.core.db import Tx
from kashu.core.errors import Problem
from kashu.core.events import Event, record
from kashu.core.jobs import wake
from kashu.core.money import AMOUNT_MAX_E4
from kashu.purchases.ceiling import PPM, Ceiling, ceiling
from kashu.purchases.errors_buying import (
    CeilingUnknown,
    ConfirmNeeded,
    PurchaseWrong,
    WarehouseMissing,
)
from kashu.purchases.four_eyes import why_ask
from kashu.purchases.kinds import Cause, PurchaseState
from kashu.purchases.rules import InForce, Scope, rules_in_force
from kashu.purchases.tables import purchases
from kashu.purchases.usual import questions, usual
from kashu.purchases.wanted import Request, Wanted
from kashu.purchases.wanted_before import made_before, there
from kashu.stock.kinds import BULK_MAX
from kashu.suppliers.compare import Ranked, compare
from kashu.suppliers.kinds import Goods

__all__ = [
    "PURCHASES_DUE",
    "Decided",
    "Drawn",
    "Request",
    "Wanted",
    "check_wanted",
    "decide",
    "draw_up",
    "goods_for_stock",
    "tell",
    "told_of",
    "want",
]

PURCHASES_DUE: Final = "purchases.due"  # called out, so that nobody waits to order
SLACK_PPM: Final = 50_000  # by hand, without a limit: the best offer may rise by this meanwhile
SOON: Final = timedelta(minutes=15)  # what an order waits for is due by then …
LATER: Final = timedelta(days=1)  # … and what goes into stock
_GOODS: Final[Mapping[Fulfilment, Goods]] = {
    Fulfilment.CARD: Goods.CARD,
    Fulfilment.LINK: Goods.LINK,
}
FOR_WHOM: Final = frozenset({Cause.SHORT, Cause.TOPUP})


@dataclass(frozen=True, slots=True)
class Decided:
    """What a purchase may cost and whether it is approved first."""

    unit_cost_max_e4: int | None
    amount_e4: int | None
    facts: dict[str, Any]
    ask: dict[str, Any]


async def want(
    tx: Tx, tenant_id: int, actor: str, wanted: Wanted, *, at: datetime | None = None
) -> UUID:
    """Write a purchase; the worker orders it as soon as `tx` has committed.

    Above a limit it waits for a second person; where rules switch buying off it is a draft. The
    same request, or the same line while its purchase is open, is one purchase: its id is told.
    Raises: UnknownSku, PurchaseWrong, WarehouseMissing, CeilingUnknown, ConfirmNeeded,
    AlreadyOnOrder, PurchaseRequestReused.
    """
    at = at or now()
    before = await made_before(tx, tenant_id, actor, wanted)
    if before is not None:
        return before
    sku = (await skus_by_id(tx, tenant_id, [wanted.sku_id])).get(wanted.sku_id)
    scope = Scope(wanted.sku_id, wanted.store_id, wanted.customer_id)
    rules = await rules_in_force(tx, tenant_id, scope)
    drawn = await draw_up(tx, tenant_id, sku, wanted, rules=rules, at=at)
    made = await tx.execute(
        insert(purchases)
        .values(
            tenant_id=tenant_id,
            id=wanted.id,
            sku_id=wanted.sku_id,
            goods=wanted.goods,
            quantity=wanted.quantity,
            warehouse_id=drawn.warehouse_id,
            cause=wanted.cause,
            subject_id=wanted.subject_id,
            store_id=wanted.store_id,
            customer_id=wanted.customer_id,
            supplier_id=wanted.supplier_id,
            unit_cost_max_e4=drawn.decided.unit_cost_max_e4,
            amount_e4=drawn.decided.amount_e4,
            facts={**wanted.facts, **drawn.decided.facts},
            state=drawn.state,
            said=drawn.said,
            actor=actor,
            asked_by=actor,
            created_at=at,
            next_at=at,
            due_at=drawn.due_at,
            request_key=wanted.request.key if wanted.request else None,
            request_hash=wanted.request.body_hash if wanted.request else None,
            sealed_inputs=wanted.sealed_inputs,
            key_version=wanted.key_version,
            masked_account=wanted.masked_account,
        )
        .on_conflict_do_nothing()
        .returning(purchases.c.id)
    )
    if made.one_or_none() is None:
        return await there(tx, tenant_id, actor, wanted)
    await tell(tx, tenant_id, actor, wanted, decided=drawn.decided, state=drawn.state)
    return wanted.id


@dataclass(frozen=True, slots=True)
class Drawn:
    """A purchase as it is to be written."""

    decided: Decided
    state: PurchaseState
    said: str
    warehouse_id: UUID | None
    due_at: datetime


async def draw_up(
    tx: Tx, tenant_id: int, sku: Sku | None, wanted: Wanted, *, rules: InForce, at: datetime
) -> Drawn:
    """Say what becomes of what is wanted, by the rules in force for it. Writes nothing.

    Raises: UnknownSku, PurchaseWrong, WarehouseMissing, CeilingUnknown, ConfirmNeeded.
    """
    if sku is None:
        raise UnknownSku(sku=wanted.sku_id)
    check_wanted(wanted)
    _check_shared(sku)
    warehouse_id = wanted.warehouse_id or rules.limits.warehouse_id
    if wanted.goods == Goods.TOPUP:
        warehouse_id = None
    elif warehouse_id is None:
        raise WarehouseMissing
    decided = await decide(tx, tenant_id, sku, wanted, rules=rules, at=at)
    off = wanted.cause in FOR_WHOM and rules.limits.auto_buy is False
    state, said = _begins(decided, draft=wanted.draft or off, off=off)
    due_at = wanted.due_at or at + _time_for(wanted.cause, rules)
    return Drawn(decided, state, said, warehouse_id, due_at)


async def tell(
    tx: Tx, tenant_id: int, actor: str, wanted: Wanted, *, decided: Decided, state: PurchaseState
) -> None:
    """Record what became of what was wanted, and call the worker where it is to be ordered."""
    await record(tx, tenant_id, actor, [told_of(wanted, decided, state)])
    if state == PurchaseState.WANTED:
        await wake(tx, tenant_id, PURCHASES_DUE)


def told_of(wanted: Wanted, decided: Decided, state: PurchaseState) -> Event:
    """What is recorded of what was wanted."""
    facts: dict[str, Any] = {
        "sku_id": str(wanted.sku_id),
        "quantity": wanted.quantity,
        "cause": wanted.cause.value,
        "unit_cost_max_e4": decided.unit_cost_max_e4,
        "amount_e4": decided.amount_e4,
        **({"ask": decided.ask} if decided.ask else {}),
    }
    return Event(f"purchase.{state.value}", wanted.id, facts)


async def decide(
    tx: Tx,
    tenant_id: int,
    sku: Sku,
    wanted: Wanted,
    *,
    rules: InForce,
    at: datetime,
    besides: UUID | None = None,
) -> Decided:
    """Say what a purchase may cost, and whether a second person approves it.

    Raises: CeilingUnknown, ConfirmNeeded.
    """
    if wanted.cause == Cause.HAND:
        bound = await _by_hand(tx, tenant_id, wanted, at)
    else:
        bound = await _by_rules(tx, tenant_id, sku, wanted, rules=rules, at=at)
    most_e4 = bound.unit_cost_max_e4
    amount_e4 = None if most_e4 is None else most_e4 * wanted.quantity
    ask = await why_ask(tx, tenant_id, rules.limits, amount_e4, at, besides=besides)
    facts = {**bound.facts, **({"ask": ask} if ask else {})}
    return Decided(most_e4, amount_e4, facts, ask)


async def _by_hand(tx: Tx, tenant_id: int, wanted: Wanted, at: datetime) -> Ceiling:
    """What was said, or a little more than the best offer; after asking about what is unusual."""
    found = await compare(tx, tenant_id, [wanted.sku_id], quantity=wanted.quantity, at=at)
    best = _best(found[wanted.sku_id], wanted.supplier_id)
    offered_e4 = best.landed.total_e4 if best and best.landed else None
    most_e4 = wanted.unit_cost_max_e4
    by = "hand"
    if most_e4 is None and offered_e4 is not None:
        most_e4, by = -(-offered_e4 * (PPM + SLACK_PPM) // PPM), "offer"
    if not wanted.confirm:
        today = day_of(at, (await tenant_by_id(tx, tenant_id)).timezone)
        asked = questions(
            await usual(tx, tenant_id, wanted.sku_id, today),
            quantity=wanted.quantity,
            unit_cost_e4=offered_e4 if by == "offer" else most_e4,
            offered_e4=offered_e4,
            selling_e4=await lowest_price(tx, tenant_id, wanted.sku_id, store_id=wanted.store_id),
        )
        if asked:
            raise ConfirmNeeded(problems=asked)
    facts = {"ceiling_by": by, "offered_e4": offered_e4, "confirmed": wanted.confirm}
    return Ceiling(most_e4, facts)


async def _by_rules(
    tx: Tx, tenant_id: int, sku: Sku, wanted: Wanted, *, rules: InForce, at: datetime
) -> Ceiling:
    """The lower of what the rules allow and what was said."""
    bound = await ceiling(
        tx,
        tenant_id,
        rules.limits,
        sku_id=sku.id,
        store_id=wanted.store_id,
        selling_e4=wanted.selling_e4,
        at=at,
    )
    bounds = [
        each for each in (bound.unit_cost_max_e4, wanted.unit_cost_max_e4) if each is not None
    ]
    if not bounds:
        raise CeilingUnknown(sku=sku.code)
    facts: dict[str, Any] = {"ceiling_by": "rules", "ceiling": bound.facts}
    if wanted.selling_e4 is not None:
        facts["selling_e4"] = wanted.selling_e4
    return Ceiling(min(bounds), facts)


def _best(offers: list[Ranked], supplier_id: UUID | None) -> Ranked | None:
    """The first that can be bought, else the cheapest that is told."""
    ours = [each for each in offers if supplier_id in {None, each.supplier_id}]
    return next((each for each in ours if each.buyable), ours[0] if ours else None)


def _begins(decided: Decided, *, draft: bool, off: bool) -> tuple[PurchaseState, str]:
    """In which state a purchase begins, and why not as wanted."""
    if draft:
        return PurchaseState.DRAFT, "auto_buy_off" if off else ""
    if decided.ask:
        return PurchaseState.ASKED, next(iter(decided.ask))
    return PurchaseState.WANTED, ""


def goods_for_stock(sku: Sku) -> Goods:
    """Say what is bought of a SKU to go into stock. Raises: PurchaseWrong."""
    _check_shared(sku)
    goods = _GOODS.get(sku.fulfilment)
    if goods is None:
        problem = Problem(
            "/sku",
            "sku_not_for_stock",
            f"规格 {sku.code} 不进库存（{sku.fulfilment.value}），不能这样采购；直充随订单采购",
            f"{sku.code} ({sku.fulfilment.value}) isn't kept in stock; top-ups are bought by order",
        )
        raise PurchaseWrong(problems=[problem])
    return goods


def _check_shared(sku: Sku) -> None:
    """Refuse what serves many: no supplier tells how often a card of theirs may be used.

    Received as bought it would serve one. Raises: PurchaseWrong.
    """
    if sku.fulfilment is not Fulfilment.SHARED:
        return
    problem = Problem(
        "/sku",
        "sku_shared_not_bought",
        f"规格 {sku.code} 是循环码，供应商不说每张可用几次，不能自动采购；"
        "请人工采购后导入，并填写可用次数",
        f"{sku.code} is shared, and no supplier tells how often a card may be used: buy it by hand "
        "and import it with its uses",
    )
    raise PurchaseWrong(problems=[problem])


def check_wanted(wanted: Wanted) -> None:
    """Refuse what can't be bought. Raises: PurchaseWrong."""
    problems = []
    if not 1 <= wanted.quantity <= BULK_MAX:
        problems.append(
            Problem(
                "/quantity",
                "quantity_wrong",
                f"数量须为 1 到 {BULK_MAX}",
                f"the quantity is 1 to {BULK_MAX}",
            )
        )
    most_e4 = wanted.unit_cost_max_e4
    if most_e4 is not None and not 0 < most_e4 <= AMOUNT_MAX_E4:
        problems.append(
            Problem(
                "/unit_cost_max",
                "unit_cost_max_wrong",
                "单价上限须大于 0，且不超过 1000 万",
                "what one may cost is more than 0 and at most 10 million",
            )
        )
    if problems:
        raise PurchaseWrong(problems=problems)


def _time_for(cause: Cause, rules: InForce) -> timedelta:
    minutes = rules.limits.due_minutes
    if minutes is not None:
        return timedelta(minutes=minutes)
    return SOON if cause in FOR_WHOM else LATER
