"""Story: all that happened to an order, from whoever saw it, in one line of time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from kashu.access.actors import names_of
from kashu.access.caller import Caller
from kashu.access.permissions import Permission
from kashu.channels.matters import shop_order_named
from kashu.core.db import Tx
from kashu.core.events import events_of
from kashu.core.money import format_amount
from kashu.orders.buying import buying_of
from kashu.orders.listed import ListedOrder, listed_order
from kashu.orders.reads import Line
from kashu.orders.shapes import Happening, show_event
from kashu.stock.given import Given, Seen, TakenBack, given_to, seen_of, taken_back_from
from kashu.suppliers.reads import suppliers_by_id

# What happens in one moment is told in this order; the rest between.
_RANKS: Final = {"cards.given": 1, "cards.taken_back": 3, "cards.seen": 4}
_USUALLY: Final = 2
_COSTS: Final = ("unit_cost", "next_unit_cost")


async def story_of(
    tx: Tx, caller: Caller, order_id: UUID, lines: Sequence[Line]
) -> list[Happening]:
    """Tell what happened to an order, oldest first: as far as the caller may know.

    Who paid, which lot and why, who saw the cards, what platform and supplier answered. Costs only
    for who may see them. A key of one store or customer is told of its order alone.
    """
    tenant_id = caller.tenant_id
    order = await listed_order(tx, tenant_id, order_id)
    told = [_paid(order)] if order.paid_at is not None else []
    told += [show_event(event) for event in await events_of(tx, tenant_id, order_id)]
    if not caller.bound:
        if order.store_id is not None:
            known = await shop_order_named(tx, tenant_id, order.store_id, order.external_id)
            if known is not None:
                told += [show_event(event) for event in await events_of(tx, tenant_id, known)]
        if caller.may(Permission.STOCK_READ):
            told += await _cards(tx, caller, lines)
        if caller.may(Permission.PURCHASES_READ):
            told += await _purchases(tx, tenant_id, lines)
    names = await names_of(tx, tenant_id, {each.actor for each in told})
    # Paying comes first: where nobody told when, our clock did, which may be ahead of theirs.
    told.sort(
        key=lambda each: (each.kind != "order.paid", each.at, _RANKS.get(each.kind, _USUALLY))
    )
    return [
        Happening(each.at, each.kind, each.actor, each.facts, names.get(each.actor))
        for each in told
    ]


def _paid(order: ListedOrder) -> Happening:
    facts = {
        "amount": format_amount(order.total_e4),
        "store": order.store_name,
        "customer": order.customer_name,
        "buyer": order.buyer or None,
        "source": order.came_by.value,
    }
    assert order.paid_at is not None, "or there is nothing to tell"
    return Happening(order.paid_at, "order.paid", "buyer", facts)


async def _purchases(tx: Tx, tenant_id: int, lines: Sequence[Line]) -> list[Happening]:
    bought = await buying_of(tx, tenant_id, [line.line_id for line in lines])
    ids = {each.purchase_id for each in bought.values() if each.purchase_id is not None}
    told: list[Happening] = []
    for purchase_id in ids:
        for event in await events_of(tx, tenant_id, purchase_id):
            facts = {**event.facts, "purchase_id": str(purchase_id)}
            told.append(Happening(event.at, event.kind, event.actor, facts))
    return told


async def _cards(tx: Tx, caller: Caller, lines: Sequence[Line]) -> list[Happening]:
    tenant_id, ids = caller.tenant_id, [line.line_id for line in lines]
    numbers = {line.line_id: line.number for line in lines}
    given = await given_to(tx, tenant_id, ids)
    suppliers = await suppliers_by_id(tx, tenant_id, {each.supplier_id for each in given})
    named = {id_: supplier.name for id_, supplier in suppliers.items()}
    costs = caller.may(Permission.REPORTS_READ)
    told = [_given(each, numbers, named, costs=costs) for each in given]
    told += _back(await taken_back_from(tx, tenant_id, ids), numbers)
    told += _seen(await seen_of(tx, tenant_id, ids), numbers)
    return told


def _given(
    each: Given, numbers: Mapping[UUID, int], suppliers: Mapping[UUID, str], *, costs: bool
) -> Happening:
    """Say which lot, and why that one: the facts of the choice, as they were then."""
    facts: dict[str, Any] = {
        "line": numbers[each.line_id],
        "count": each.count,
        "lot_id": str(each.lot_id),
        "warehouse": each.warehouse_name,
        "supplier": suppliers.get(each.supplier_id),
        "currency": each.currency,
        "expires_on": each.expires_on.isoformat() if each.expires_on else None,
        "unit_cost": format_amount(each.unit_cost_e4),
        **each.facts,
    }
    if not costs:
        facts = {name: fact for name, fact in facts.items() if name not in _COSTS}
    return Happening(each.at, "cards.given", "system", facts)


def _back(rows: Sequence[TakenBack], numbers: Mapping[UUID, int]) -> Iterator[Happening]:
    for each in rows:
        facts = {
            "line": numbers[each.line_id],
            "count": each.count,
            "lot_id": str(each.lot_id),
            "because": each.because,
        }
        yield Happening(each.at, "cards.taken_back", "system", facts)


def _seen(rows: Sequence[Seen], numbers: Mapping[UUID, int]) -> Iterator[Happening]:
    for each in rows:
        facts = {
            "line": numbers[each.line_id],
            "count": each.count,
            "reason": each.reason,
            "recipient": each.recipient,
        }
        yield Happening(each.at, "cards.seen", each.actor, facts)
