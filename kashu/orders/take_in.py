"""Take in: orders that platforms told of become ours, and get their cards."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from kashu.catalog.kinds import IN_STOCK, Fulfilment, ShortagePolicy, SkuState
from kashu.catalog.reads import Sku, skus_by_id
from kashu.channels.kinds import Step
from kashu.channels.listings import KnownListing, Name, learn_listings, listings_by_name
from kashu.channels.reads import Store, stores_by_id
from kashu.channels.shop_orders import KnownOrder, due_orders, mark_taken, move
from kashu.channels.shop_refunds import refunds_waiting
from kashu.core.db import Tx
from kashu.core.ids import new_ids
from kashu.orders.fulfil import fulfil
from kashu.orders.order import Asked, NewLine, NewOrder, OrderOutcome
from kashu.stock.kinds import BULK_MAX

BATCH: Final = 200  # orders a transaction

# Why an order can't go on by itself; the exception desk says what to do about each.
NOT_MAPPED: Final = "listing_not_mapped"
NOT_FROM_STOCK: Final = "not_from_stock"
TOO_MANY: Final = "too_many_units"
NUMBER_TAKEN: Final = "number_taken"  # somebody entered another order under this number


async def take_in(tx: Tx, tenant_id: int, today: date) -> tuple[int, bool]:
    """Take in a batch of what is due, of stores that work by themselves.

    Returns how many were, and whether there is more. One whose listing stands for no SKU of ours
    waits, and goes on when somebody maps it.
    Locks: the platforms' orders in order of id, then as fulfil().
    """
    due = await due_orders(tx, tenant_id, most=BATCH)
    waiting = await refunds_waiting(tx, tenant_id, [(each.store_id, each.number) for each in due])
    ours = [each for each in due if (each.store_id, each.number) not in waiting]
    if not ours:
        return 0, False
    names = {_name(each, line.item_id, line.sku_id) for each in ours for line in each.lines}
    listings = await listings_by_name(tx, tenant_id, names)
    skus = await skus_by_id(
        tx, tenant_id, {each.sku_id for each in listings.values() if each.sku_id is not None}
    )
    stores = await stores_by_id(tx, tenant_id, {each.store_id for each in ours})
    orders: list[tuple[KnownOrder, NewOrder]] = []
    looked_at = units = 0
    for each in ours:
        said = _obstacle(each, listings, skus)
        if said is None:
            units += _units(each, listings)
            if orders and units > BULK_MAX:
                break  # a transaction of so many cards would keep everybody waiting
            orders.append((each, _order(each, listings, skus, stores[each.store_id])))
        elif said == NOT_MAPPED:
            await _wait_for_mapping(tx, tenant_id, each)
        else:
            await move(tx, tenant_id, each.id, Step.TROUBLE, said=said)
        looked_at += 1
    if orders:
        outcomes = await fulfil(tx, tenant_id, [order for _, order in orders], today)
        await _taken(tx, tenant_id, orders, outcomes, skus)
    return looked_at, looked_at < len(ours) or len(due) == BATCH


async def _wait_for_mapping(tx: Tx, tenant_id: int, order: KnownOrder) -> None:
    """Have an order wait until its listings are mapped, unless that was done this very moment.

    Whoever maps one changes its row first and looks for waiting orders then: so we keep the rows.
    """
    await learn_listings(tx, tenant_id, order.store_id, order.lines)
    names = {_name(order, line.item_id, line.sku_id) for line in order.lines}
    found = await listings_by_name(tx, tenant_id, names, kept=True)
    if any(found[name].sku_id is None for name in names):
        await move(tx, tenant_id, order.id, Step.UNMAPPED, said=NOT_MAPPED)


async def _taken(
    tx: Tx,
    tenant_id: int,
    orders: Sequence[tuple[KnownOrder, NewOrder]],
    outcomes: Sequence[OrderOutcome],
    skus: Mapping[UUID, Sku],
) -> None:
    """Write that they are ours. One that was there already must be the same: we send its cards."""
    taken: dict[UUID, UUID] = {}
    for (each, order), outcome in zip(orders, outcomes, strict=True):
        wanted = tuple(
            Asked(skus[line.sku_id].code, line.quantity, line.price_e4) for line in order.lines
        )
        if outcome.new or outcome.asked == wanted:
            taken[each.id] = outcome.order_id
        else:
            await move(tx, tenant_id, each.id, Step.TROUBLE, said=NUMBER_TAKEN)
    await mark_taken(tx, tenant_id, taken)


def _units(order: KnownOrder, listings: Mapping[Name, KnownListing]) -> int:
    return sum(
        line.quantity * listings[_name(order, line.item_id, line.sku_id)].units
        for line in order.lines
    )


def _obstacle(
    order: KnownOrder, listings: Mapping[Name, KnownListing], skus: Mapping[UUID, Sku]
) -> str | None:
    """Say why an order can't be taken in."""
    for line in order.lines:
        listing = listings.get(_name(order, line.item_id, line.sku_id))
        if listing is None or listing.sku_id is None:
            return NOT_MAPPED
        sku = skus[listing.sku_id]
        if sku.state is not SkuState.ACTIVE or Fulfilment(sku.fulfilment) not in IN_STOCK:
            return NOT_FROM_STOCK
    return TOO_MANY if _units(order, listings) > BULK_MAX else None


def _order(
    told: KnownOrder,
    listings: Mapping[Name, KnownListing],
    skus: Mapping[UUID, Sku],
    store: Store,
) -> NewOrder:
    """Say in our words what was bought; the n-th line is the platform's n-th."""
    ids = new_ids(len(told.lines) + 1)
    lines = []
    for line_id, line in zip(ids[1:], told.lines, strict=True):
        listing = listings[_name(told, line.item_id, line.sku_id)]
        assert listing.sku_id is not None, "_obstacle() looked"
        sku = skus[listing.sku_id]
        partial = store.partial_allowed
        lines.append(
            NewLine(
                line_id,
                sku.id,
                line.quantity * listing.units,
                line.paid_e4,
                partial_allowed=sku.partial_allowed if partial is None else partial,
                shortage_policy=ShortagePolicy(sku.shortage_policy),
            )
        )
    assert told.paid_at is not None, "what is due is paid"
    return NewOrder(
        ids[0],
        f"store:{store.id}",
        told.number,
        store.id,
        None,
        told.paid_at,
        tuple(lines),
        "system",
    )


def _name(order: KnownOrder, item_id: str, variant_id: str) -> Name:
    return order.store_id, item_id, variant_id
