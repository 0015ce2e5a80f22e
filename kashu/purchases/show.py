"""Show: purchases as people and programs read them, with what the caller can do to each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kashu.access.actors import names_of
from kashu.access.caller import Caller
from kashu.access.permissions import Permission
from kashu.catalog.reads import Sku, skus_by_id
from kashu.channels.reads import stores_by_id
from kashu.core.db import Tx
from kashu.core.money import CURRENCY, format_amount
from kashu.customers.reads import customers_by_id
from kashu.purchases.kinds import PurchaseState
from kashu.purchases.listed import SoFar, so_far
from kashu.purchases.reads import Attempt, Purchase
from kashu.purchases.shapes import (
    AttemptTold,
    BarShown,
    ChoiceShown,
    OfferJudged,
    PurchaseShown,
)
from kashu.purchases.tables import purchases
from kashu.purchases.why import words_for
from kashu.stock.warehouses import list_warehouses
from kashu.suppliers.reads import Supplier, suppliers_by_id

_AMOUNTS = ("price", "fee", "rebate", "risk", "capital", "total")
_STOPPABLE = frozenset(
    {PurchaseState.DRAFT, PurchaseState.ASKED, PurchaseState.WANTED, PurchaseState.HELD}
)
_PLACEABLE = frozenset({PurchaseState.WANTED, PurchaseState.HELD})


@dataclass(frozen=True, slots=True)
class _Decided:
    asked_by: str | None
    amount_e4: int | None
    overdue_told_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Around:
    """What some purchases name, and what became of their orders."""

    skus: Mapping[UUID, Sku]
    suppliers: Mapping[UUID, Supplier]
    decided: Mapping[UUID, _Decided]
    so_far: Mapping[UUID, SoFar]
    warehouses: Mapping[UUID, str]
    stores: Mapping[UUID, tuple[str, str]]  # code and name
    customers: Mapping[UUID, tuple[str, str]]
    names: Mapping[str, str]


async def show_purchases(tx: Tx, caller: Caller, found: Sequence[Purchase]) -> list[PurchaseShown]:
    """Show some purchases, in their order."""
    around = await _around(tx, caller.tenant_id, found)
    return [_shown(caller, each, around) for each in found]


async def show_attempts(tx: Tx, caller: Caller, found: Sequence[Attempt]) -> list[AttemptTold]:
    """Show the orders of a purchase, in their order, each with why it was made there."""
    ids = {each.supplier_id for each in found}
    suppliers = await suppliers_by_id(tx, caller.tenant_id, ids)
    return [_attempt(caller, each, suppliers[each.supplier_id]) for each in found]


async def _around(tx: Tx, tenant_id: int, found: Sequence[Purchase]) -> _Around:
    ids = [each.id for each in found]
    told = await so_far(tx, tenant_id, ids)
    named = {each.supplier_id for each in found if each.supplier_id is not None}
    stores = {each.store_id for each in found if each.store_id is not None}
    customers = {each.customer_id for each in found if each.customer_id is not None}
    known_stores = await stores_by_id(tx, tenant_id, stores)
    known_customers = await customers_by_id(tx, tenant_id, customers)
    actors = {actor for each in found for actor in (each.actor, each.approved_by) if actor}
    return _Around(
        skus=await skus_by_id(tx, tenant_id, {each.sku_id for each in found}),
        suppliers=await suppliers_by_id(
            tx, tenant_id, named | {each.supplier_id for each in told.values()}
        ),
        decided=await _decided(tx, tenant_id, ids),
        so_far=told,
        warehouses={each.id: each.code for each in await list_warehouses(tx, tenant_id)},
        stores={each.id: (each.code, each.name) for each in known_stores.values()},
        customers={each.id: (each.code, each.name) for each in known_customers.values()},
        names=await names_of(tx, tenant_id, actors),
    )


async def _decided(tx: Tx, tenant_id: int, ids: Collection[UUID]) -> dict[UUID, _Decided]:
    found = await tx.execute(
        select(
            purchases.c.id,
            purchases.c.asked_by,
            purchases.c.amount_e4,
            purchases.c.overdue_told_at,
        ).where(purchases.c.tenant_id == tenant_id, purchases.c.id.in_(ids))
    )
    return {row.id: _Decided(*row[1:]) for row in found}


def _shown(caller: Caller, purchase: Purchase, around: _Around) -> PurchaseShown:
    decided, sku = around.decided[purchase.id], around.skus[purchase.sku_id]
    can, cannot = _can(caller, purchase, decided)
    only = around.suppliers.get(purchase.supplier_id) if purchase.supplier_id else None
    told = around.so_far.get(purchase.id)
    last = around.suppliers[told.supplier_id] if told else None
    there = last or only
    store = around.stores.get(purchase.store_id) if purchase.store_id else None
    customer = around.customers.get(purchase.customer_id) if purchase.customer_id else None
    approved_by = purchase.approved_by
    return PurchaseShown(
        id=purchase.id,
        sku=sku.code,
        sku_name=sku.name_zh if caller.language == "zh" else sku.name_en,
        goods=purchase.goods,
        quantity=purchase.quantity,
        received=purchase.received_count,
        warehouse_id=purchase.warehouse_id,
        warehouse=around.warehouses.get(purchase.warehouse_id) if purchase.warehouse_id else None,
        cause=purchase.cause,
        subject_id=purchase.subject_id,
        store_id=purchase.store_id,
        store=store[0] if store else None,
        store_name=store[1] if store else None,
        customer_id=purchase.customer_id,
        customer=customer[0] if customer else None,
        customer_name=customer[1] if customer else None,
        supplier=only.code if only else None,
        ordered_from=last.code if last else None,
        supplier_name=there.name if there else None,
        cost=format_amount(told.cost_e4 if told else 0),
        in_doubt=format_amount(told.in_doubt_e4 if told else 0),
        unclear=told.unclear if told else False,
        unit_cost_max=_amount(purchase.unit_cost_max_e4),
        amount=_amount(decided.amount_e4),
        currency=CURRENCY,
        state=purchase.state,
        said=purchase.said,
        words=words_for(purchase.said, caller.language),
        account=purchase.masked_account,
        actor=purchase.actor,
        who=around.names.get(purchase.actor, purchase.actor),
        asked_by=decided.asked_by,
        approved_by=approved_by,
        approved_by_name=around.names.get(approved_by, approved_by) if approved_by else None,
        approved_at=purchase.approved_at,
        created_at=purchase.created_at,
        due_at=purchase.due_at,
        overdue=decided.overdue_told_at is not None,
        next_at=purchase.next_at,
        ended_at=purchase.ended_at,
        can=can,
        cannot=cannot,
    )


def _can(
    caller: Caller, purchase: Purchase, decided: _Decided
) -> tuple[Sequence[str], Mapping[str, str]]:
    """What the caller can do to a purchase; and of what it may do, why not now."""
    can: list[str] = []
    cannot: dict[str, str] = {}
    if caller.may(Permission.PURCHASES_APPROVE) and purchase.state == PurchaseState.ASKED:
        can.append("refuse")
        if caller.actor in {purchase.actor, decided.asked_by}:
            cannot["approve"] = "purchase_own"
        elif caller.actor.startswith("key:"):
            cannot["approve"] = "purchase_approver_not_a_person"
        else:
            can.append("approve")
    if caller.may(Permission.PURCHASES_WRITE):
        if purchase.state in _STOPPABLE:
            can += ["change", "cancel"]
        elif purchase.state == PurchaseState.PLACED:
            cannot |= {"change": "purchase_under_way", "cancel": "purchase_under_way"}
        if purchase.state == PurchaseState.DRAFT:
            can.append("submit")
        elif purchase.state in _PLACEABLE:
            can.append("place")
    return can, cannot


def _attempt(caller: Caller, attempt: Attempt, supplier: Supplier) -> AttemptTold:
    return AttemptTold(
        id=attempt.id,
        supplier=supplier.code,
        supplier_name=supplier.name,
        our_order=attempt.number,
        their_order=attempt.their_number,
        state=attempt.state.value,
        said=attempt.said,
        words=words_for(attempt.said, caller.language),
        quantity=attempt.quantity,
        units=attempt.units,
        total=format_amount(attempt.total_e4),
        charged=_amount(attempt.charged_e4),
        refunded=format_amount(attempt.refunded_e4),
        currency=attempt.currency,
        received=attempt.received_count,
        turned_away=attempt.turned_away_count,
        made_at=attempt.made_at,
        answered_at=attempt.answered_at,
        ended_at=attempt.ended_at,
        choice=show_choice(attempt.choice, caller.language),
    )


def show_choice(facts: Mapping[str, Any], language: str) -> ChoiceShown:
    """Show a ranking as an attempt, or the event that a purchase is held, keeps it."""
    why = facts.get("why", facts.get("said", ""))
    return ChoiceShown(
        why=why,
        words=words_for(why, language),
        ceiling=_amount(facts.get("ceiling_e4")),
        ranking=[_judged(each, language) for each in facts.get("ranking", [])],
    )


def _judged(told: Mapping[str, Any], language: str) -> OfferJudged:
    landed = told["landed"]
    parts = {name: landed[f"{name}_e4"] for name in _AMOUNTS if f"{name}_e4" in landed}
    return OfferJudged(
        supplier=told["supplier"],
        ref=told["ref"],
        units=told["units"],
        unit_cost=_amount(told["unit_cost_e4"]),
        currency=told.get("currency", CURRENCY),
        quantity=told["quantity"],
        landed={name: format_amount(amount_e4) for name, amount_e4 in parts.items()},
        taken=told["taken"],
        bars=[BarShown(code, words_for(code, language)) for code in told["bars"]],
    )


def _amount(amount_e4: int | None) -> str | None:
    return None if amount_e4 is None else format_amount(amount_e4)
