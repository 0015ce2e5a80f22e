"""Change: say anew what is wanted, while nothing of it is under way; submit a draft."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import select, update

from kashu.catalog.reads import skus_by_id
from kashu.core.change import chosen
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.purchases.cancel import CANCELLABLE
from kashu.purchases.errors_buying import PurchaseMoved
from kashu.purchases.kinds import Cause, PurchaseState
from kashu.purchases.reads import Purchase, purchase_of, purchase_row
from kashu.purchases.rules import Scope, rules_in_force
from kashu.purchases.tables import purchases
from kashu.purchases.want import Decided, Wanted, check_wanted, decide, tell
from kashu.stock.kinds import BULK_MAX

Quantity = Annotated[int, msgspec.Meta(ge=1, le=BULK_MAX)]

_COUNTED: Final = frozenset({Cause.HAND, Cause.REORDER})  # their quantity is a person's to say


class PurchaseChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed; what is unset stays as it is."""

    quantity: Quantity | UnsetType = UNSET
    unit_cost_max_e4: int | UnsetType = UNSET
    supplier_id: UUID | UnsetType | None = UNSET  # null: from the best
    warehouse_id: UUID | UnsetType = UNSET
    due_at: datetime | UnsetType = UNSET


async def change_purchase(
    tx: Tx,
    tenant_id: int,
    actor: str,
    purchase_id: UUID,
    changes: PurchaseChanges,
    *,
    submit: bool = False,
    confirm: bool = False,
    at: datetime | None = None,
) -> Purchase:
    """Change what is wanted, and look anew whether it is approved first. A draft stays a draft.

    With `submit` a draft is one no more: it is ordered, or asked for. Whoever changes or submits
    it has said what is wanted, and doesn't approve it; an approval that was given is void. How
    many an order's line waits for isn't changed here; a limit that a person sets on what is bought
    by itself stands in for that of the rules.
    Locks: the purchase. Raises: UnknownPurchase, PurchaseMoved, PurchaseWrong, ConfirmNeeded,
    CeilingUnknown.
    """
    at = at or now()
    await _hold(tx, tenant_id, purchase_id)
    before = await purchase_of(tx, tenant_id, purchase_id)
    values = chosen(changes)
    _check_state(before, values, submit=submit)
    sku = (await skus_by_id(tx, tenant_id, [before.sku_id]))[before.sku_id]
    rules = await rules_in_force(tx, tenant_id, Scope(sku.id, before.store_id, before.customer_id))
    wanted = _as_changed(before, values, confirm=confirm)
    check_wanted(wanted)
    decided = await decide(tx, tenant_id, sku, wanted, rules=rules, at=at, besides=purchase_id)
    state = _becomes(before, decided, submit=submit)
    facts = {key: value for key, value in before.facts.items() if key != "ask"} | decided.facts
    changed = await tx.execute(
        update(purchases)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id == purchase_id)
        .values(
            **{**values, "unit_cost_max_e4": decided.unit_cost_max_e4},
            amount_e4=decided.amount_e4,
            facts=facts,
            state=state,
            said=next(iter(decided.ask), "") if state == PurchaseState.ASKED else "",
            asked_by=actor,
            approved_by=None,
            approved_at=None,
            next_at=at,
        )
        .returning(purchases)
    )
    told = replace(wanted, cause=before.cause)
    await tell(tx, tenant_id, actor, told, decided=decided, state=state)
    return purchase_row(changed.one())


async def submit_draft(
    tx: Tx,
    tenant_id: int,
    actor: str,
    purchase_id: UUID,
    *,
    confirm: bool = False,
    at: datetime | None = None,
) -> Purchase:
    """Decide that a draft is bought. See change_purchase()."""
    return await change_purchase(
        tx,
        tenant_id,
        actor,
        purchase_id,
        PurchaseChanges(),
        submit=True,
        confirm=confirm,
        at=at,
    )


async def _hold(tx: Tx, tenant_id: int, purchase_id: UUID) -> None:
    """Keep others, and who orders, away from a purchase until `tx` ends."""
    await tx.execute(
        select(purchases.c.id)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id == purchase_id)
        .with_for_update()
    )


def _check_state(before: Purchase, values: dict[str, Any], *, submit: bool) -> None:
    """Raises: PurchaseMoved."""
    wrong = before.state not in CANCELLABLE  # while one is under way it is PLACED
    wrong |= submit and before.state != PurchaseState.DRAFT
    wrong |= "quantity" in values and before.cause not in _COUNTED
    wrong |= values.get("quantity", before.quantity) <= before.received_count
    if wrong:
        raise PurchaseMoved(state=before.state.value, what="修改", done="changed")


def _as_changed(before: Purchase, values: dict[str, Any], *, confirm: bool) -> Wanted:
    by_hand = "unit_cost_max_e4" in values or before.facts.get("ceiling_by") == "hand"
    # A limit that came from the best offer is reckoned anew, and one of the rules is, too.
    said_e4 = before.unit_cost_max_e4 if by_hand else None
    wanted = Wanted(
        id=before.id,
        sku_id=before.sku_id,
        goods=before.goods,
        quantity=values.get("quantity", before.quantity),
        cause=Cause.HAND if by_hand else before.cause,
        store_id=before.store_id,
        customer_id=before.customer_id,
        supplier_id=values.get("supplier_id", before.supplier_id),
        unit_cost_max_e4=values.get("unit_cost_max_e4", said_e4),
        selling_e4=before.facts.get("selling_e4"),
        confirm=confirm,
    )
    if by_hand or before.cause == Cause.HAND:
        return wanted
    return replace(wanted, unit_cost_max_e4=None)


def _becomes(before: Purchase, decided: Decided, *, submit: bool) -> PurchaseState:
    if before.state == PurchaseState.DRAFT and not submit:
        return PurchaseState.DRAFT
    return PurchaseState.ASKED if decided.ask else PurchaseState.WANTED
