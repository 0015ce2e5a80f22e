"""Show whole: a purchase with all that became of it, and a page of purchases with its totals."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from kashu.access.actors import names_of
from kashu.access.caller import Caller
from kashu.core.db import Tx
from kashu.core.events import Recorded, events_of
from kashu.core.money import CURRENCY, format_amount
from kashu.purchases.came import Money, Receipt, TurnedAway, money_of, receipts_of, turned_away_of
from kashu.purchases.kinds import PurchaseState
from kashu.purchases.listed import Conditions, purchase_page, purchase_totals
from kashu.purchases.reads import Purchase, attempts_of_purchase, purchase_of
from kashu.purchases.shapes import (
    CardTurnedAway,
    ChoiceShown,
    LotReceived,
    PurchaseEvent,
    PurchaseMoney,
    PurchasePage,
    PurchaseWhole,
)
from kashu.purchases.show import show_attempts, show_choice, show_purchases

_HELD: Final = "purchase.held"


async def show_page(
    tx: Tx, caller: Caller, wanted: Conditions, *, before: UUID | None, limit: int
) -> PurchasePage:
    """Show a page of purchases, and what all that are asked for come to."""
    found = await purchase_page(tx, caller.tenant_id, wanted, before=before, most=limit + 1)
    shown = found[:limit]
    totals = await purchase_totals(tx, caller.tenant_id, wanted)
    return PurchasePage(
        purchases=await show_purchases(tx, caller, shown),
        next_before=shown[-1].id if len(found) > limit else None,
        total=totals.count,
        more=totals.more,
        units=totals.units,
        received=totals.received,
        amount=format_amount(totals.amount_e4),
        currency=CURRENCY,
    )


async def show_whole(tx: Tx, caller: Caller, purchase_id: UUID) -> PurchaseWhole:
    """Show a purchase, its orders and why they were made there, what came, where its money is.

    Raises: UnknownPurchase.
    """
    tenant_id = caller.tenant_id
    purchase = await purchase_of(tx, tenant_id, purchase_id)
    attempts = await attempts_of_purchase(tx, tenant_id, purchase_id)
    ids = [each.id for each in attempts]
    came = await receipts_of(tx, tenant_id, ids)
    happened = await events_of(tx, tenant_id, purchase_id)
    names = await names_of(tx, tenant_id, [each.actor for each in happened])
    [shown] = await show_purchases(tx, caller, [purchase])
    money = await money_of(tx, tenant_id, purchase.goods, attempts, came)
    currencies = {each.id: each.currency for each in attempts}
    return PurchaseWhole(
        purchase=shown,
        limits=dict(purchase.facts),
        attempts=await show_attempts(tx, caller, attempts),
        events=[_event(each, names.get(each.actor, each.actor)) for each in happened],
        held=_held(caller, purchase, happened),
        money=_money(CURRENCY, money.ours),
        money_by_currency=[_money(*each) for each in sorted(money.by_currency.items())],
        lots=[_lot(each, currencies[each.attempt_id]) for each in came],
        turned_away=[
            _turned_away(each, currencies[each.attempt_id])
            for each in await turned_away_of(tx, tenant_id, ids)
        ],
    )


def _event(event: Recorded, who: str) -> PurchaseEvent:
    of: Any = event.facts.get("attempt_id")
    attempt_id = UUID(of) if of else None
    return PurchaseEvent(event.at, event.kind, event.actor, who, attempt_id, event.facts)


def _held(caller: Caller, purchase: Purchase, happened: Sequence[Recorded]) -> ChoiceShown | None:
    """What was looked at the last time that nobody could be asked; of what still waits."""
    if purchase.state is not PurchaseState.HELD:
        return None
    last = next((each for each in reversed(happened) if each.kind == _HELD), None)
    return show_choice(last.facts, caller.language) if last else None


def _money(currency: str, money: Money) -> PurchaseMoney:
    return PurchaseMoney(
        currency=currency,
        sent=format_amount(money.sent_e4),
        in_doubt=format_amount(money.in_doubt_e4),
        received=format_amount(money.received_e4),
        used=format_amount(money.used_e4),
        back=format_amount(money.back_e4),
        asked_back=format_amount(money.asked_back_e4),
    )


def _lot(each: Receipt, currency: str) -> LotReceived:
    cost = format_amount(each.cost_e4)
    return LotReceived(each.attempt_id, each.lot_id, each.cards, cost, each.at, currency)


def _turned_away(each: TurnedAway, currency: str) -> CardTurnedAway:
    return CardTurnedAway(
        each.attempt_id,
        each.place,
        each.reason,
        each.tail,
        format_amount(each.cost_e4),
        each.at,
        each.settled_at,
        currency,
    )
