"""Take in: orders that platforms told of become ours, and get their cards."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import func

from kashu.access.keyring import Keyrings
from kashu.catalog.bundles import Goods, goods_by_id
from kashu.catalog.reads import Sku
from kashu.channels.asking import Wants
from kashu.channels.kinds import Step
from kashu.channels.listings import Name, learn_listings, listings_by_name
from kashu.channels.mark_taken import mark_taken
from kashu.channels.modes import modes_of, shipped_in_shadow
from kashu.channels.moves import move_all
from kashu.channels.reads import Store, stores_by_id
from kashu.channels.shop_orders import KnownOrder, due_orders, move
from kashu.channels.shop_refunds import refunds_waiting
from kashu.channels.topups import ACCOUNTS_WANTED, TO_BE_DONE, WANTED
from kashu.core.db import Tx
from kashu.core.ids import new_ids
from kashu.core.jobs import wake
from kashu.core.secrets import MasterKeys, Secret
from kashu.orders.bundles import Mapped, mapped_lines, places_of
from kashu.orders.fulfil import fulfil
from kashu.orders.order import Asked, NewLine, NewOrder, OrderOutcome, bought_for
from kashu.orders.shadow import NOT_MAPPED, Draft, decide, set_aside
from kashu.orders.topups_bought import (
    NOT_FROM_STOCK,
    accounts_of,
    topups_bought,
    why_not_bought,
)
from kashu.stock.kinds import BULK_MAX

BATCH: Final = 200  # orders a transaction

# Why an order can't go on by itself; the exception desk says what to do about each.
TOO_MANY: Final = "too_many_units"
NUMBER_TAKEN: Final = "number_taken"  # somebody entered another order under this number
ONE_CARD_EACH: Final = "one_card_each"  # its platform wants a card for each piece, no more or less
PARTS_CHANGED: Final = "parts_changed"  # a bundle, after some of its order was paid back


async def take_in(
    tx: Tx,
    tenant_id: int,
    today: date,
    *,
    keyrings: Keyrings | None = None,
    only: Collection[UUID] | None = None,
) -> tuple[int, bool]:
    """Take in a batch of what is due, of stores that aren't stopped; `only`: of these.

    `keyrings`: to have accounts topped up; without them, people do that.

    Returns how many were looked at, and whether there is more. One whose listing stands for no SKU
    of ours waits, and goes on when somebody maps it; one that isn't for us to act on is set aside.
    Locks: the platforms' orders in order of id, then as fulfil().
    """
    due = await due_orders(tx, tenant_id, most=BATCH, only=only)
    waiting = await refunds_waiting(tx, tenant_id, [(each.store_id, each.number) for each in due])
    ours = [each for each in due if (each.store_id, each.number) not in waiting]
    if not ours:
        return 0, False
    modes = await modes_of(tx, tenant_id, ours, kept=True)
    orders: list[tuple[KnownOrder, NewOrder]] = []
    aside: list[Draft] = []
    unmapped: list[KnownOrder] = []
    looked_at = units = 0
    drafts, skus = await drafts_of(tx, tenant_id, ours, keyrings.masters if keyrings else None)
    for draft in drafts:
        each = draft.known
        goes_on = modes[each.id].goes_on(each)
        if not goes_on:
            aside.append(_bought_by_nobody(draft))
        if draft.said == NOT_MAPPED:
            unmapped.append(each)
        elif goes_on and draft.order is None:
            await move(tx, tenant_id, each.id, Step.TROUBLE, said=draft.said, next_at=func.now())
            if draft.said == WANTED:
                await wake(tx, tenant_id, ACCOUNTS_WANTED)
        elif goes_on and draft.order is not None:
            units += sum(line.quantity for line in draft.order.lines)
            if orders and units > BULK_MAX:
                break  # a transaction of so many cards would keep everybody waiting
            orders.append((each, draft.order))
        looked_at += 1
    await wait_for_mapping(tx, tenant_id, unmapped)
    await set_aside(tx, tenant_id, aside, modes, today)
    if orders:
        typed = any(line.account for _, order in orders for line in order.lines)
        keyring = await keyrings.of(tx, tenant_id) if typed and keyrings else None
        ours_now = [order for _, order in orders]
        outcomes = await fulfil(tx, tenant_id, ours_now, today, keyring=keyring)
        await _taken(tx, tenant_id, orders, outcomes, skus)
    return looked_at, looked_at < len(ours) or len(due) == BATCH


async def drafts_of(
    tx: Tx, tenant_id: int, orders: Sequence[KnownOrder], masters: MasterKeys | None = None
) -> tuple[list[Draft], dict[UUID, Sku]]:
    """Say of each order what it would be as one of ours, or why it can't be; and of which SKUs.

    `masters`: to open accounts that are topped up.
    """
    names = {_name(each, line.item_id, line.sku_id) for each in orders for line in each.lines}
    listings = await listings_by_name(tx, tenant_id, names)
    goods = await goods_by_id(
        tx, tenant_id, {each.sku_id for each in listings.values() if each.sku_id is not None}
    )
    bought = frozenset[UUID]()
    if masters is not None:
        bought = await topups_bought(tx, tenant_id, goods.values())
    stores = await stores_by_id(tx, tenant_id, {each.store_id for each in orders})
    drafts = []
    for each in orders:
        lines = mapped_lines(each, listings, goods)
        said = _obstacle(each, lines, bought)
        accounts = {} if said else _accounts(each, lines or (), tenant_id, masters)
        if said or lines is None or isinstance(accounts, str):
            drafts.append(Draft(each, said or str(accounts), None))
        else:
            order = _order(each, lines, stores[each.store_id], accounts)
            drafts.append(Draft(replace(each, places=places_of(lines)), "", order))
    return drafts, _skus_in(goods)


def _accounts(
    order: KnownOrder, lines: Sequence[Mapped], tenant_id: int, masters: MasterKeys | None
) -> Mapping[tuple[int, UUID], Secret] | str:
    """What is topped up for an order, where anything is; or why a person must look."""
    if masters is None or not any(line.goods.topups for line in lines):
        return {}
    return accounts_of(masters, tenant_id, order, lines)


def _bought_by_nobody(draft: Draft) -> Draft:
    """Leave an order to the old way, or to a person: whom it tops up is theirs to do, then."""
    buys = draft.order is not None and any(line.account for line in draft.order.lines)
    return Draft(draft.known, TO_BE_DONE, None) if buys else draft


async def foreseen_places(tx: Tx, tenant_id: int, order: KnownOrder) -> tuple[int, ...] | None:
    """Say which of its lines each of ours will be of. None: a listing stands for nothing yet."""
    if order.places is not None:
        return order.places
    names = {_name(order, line.item_id, line.sku_id) for line in order.lines}
    listings = await listings_by_name(tx, tenant_id, names)
    sku_ids = {each.sku_id for each in listings.values() if each.sku_id is not None}
    lines = mapped_lines(order, listings, await goods_by_id(tx, tenant_id, sku_ids))
    return None if lines is None else places_of(lines)


def _skus_in(goods: Mapping[UUID, Goods]) -> dict[UUID, Sku]:
    return {part.sku.id: part.sku for each in goods.values() for part in each.parts}


async def decide_late(tx: Tx, tenant_id: int, today: date) -> None:
    """Decide on orders that the old way had shipped before we first saw them."""
    late = await shipped_in_shadow(tx, tenant_id, most=BATCH)
    if late:
        drafts, _ = await drafts_of(tx, tenant_id, late)
        await decide(tx, tenant_id, drafts, today, anew=False)


async def wait_for_mapping(tx: Tx, tenant_id: int, orders: Sequence[KnownOrder]) -> None:
    """Have orders wait until their listings are mapped, unless that was done this very moment.

    Whoever maps one changes its row first and looks for waiting orders then: so we keep the rows.
    Locks: the listings that we know, in order of id; then those that we learn.
    """
    named = {each.id: [_name(each, x.item_id, x.sku_id) for x in each.lines] for each in orders}
    names = {name for of_order in named.values() for name in of_order}
    found = await listings_by_name(tx, tenant_id, names, kept=True)
    if names - found.keys():
        for store_id in sorted({each.store_id for each in orders}):
            lines = [line for each in orders if each.store_id == store_id for line in each.lines]
            fresh = [x for x in lines if (store_id, x.item_id, x.sku_id) not in found]
            await learn_listings(tx, tenant_id, store_id, fresh)
        found = await listings_by_name(tx, tenant_id, names, kept=True)
    waiting = [
        known_id
        for known_id, of_order in named.items()
        if any(found[name].sku_id is None for name in of_order)
    ]
    await move_all(tx, tenant_id, waiting, step=Step.UNMAPPED, said=NOT_MAPPED)


async def _taken(
    tx: Tx,
    tenant_id: int,
    orders: Sequence[tuple[KnownOrder, NewOrder]],
    outcomes: Sequence[OrderOutcome],
    skus: Mapping[UUID, Sku],
) -> None:
    """Write that they are ours. One that was there already must be the same: we send its cards."""
    taken: list[tuple[KnownOrder, UUID]] = []
    for (each, order), outcome in zip(orders, outcomes, strict=True):
        wanted = tuple(
            Asked(skus[line.sku_id].code, line.quantity, line.price_e4) for line in order.lines
        )
        if outcome.new or outcome.asked == wanted:
            taken.append((each, outcome.order_id))
        else:
            await move(tx, tenant_id, each.id, Step.TROUBLE, said=NUMBER_TAKEN)
    await mark_taken(tx, tenant_id, taken)


def _obstacle(
    order: KnownOrder, lines: Sequence[Mapped] | None, bought: frozenset[UUID]
) -> str | None:
    """Say why an order can't be taken in. `bought`: the top-ups that suppliers do."""
    if lines is None:
        return NOT_MAPPED if order.ticket is None else _asked_for(order)
    if said := why_not_bought(order, lines, bought):
        return said
    if not all(line.goods.is_sold for line in lines):
        return NOT_FROM_STOCK
    if order.places is not None and order.places != places_of(lines):
        return PARTS_CHANGED
    units = sum(line.pieces for line in lines)
    asked_for = order.ticket is not None and order.ticket.wants is Wants.CARDS
    if order.ticket is not None and asked_for and units != order.ticket.quantity:
        return ONE_CARD_EACH
    return TOO_MANY if units > BULK_MAX else None


def _asked_for(order: KnownOrder) -> str:
    """What an order waits for that its platform asks for, and whose listing nobody mapped."""
    wants_topup = order.ticket is not None and order.ticket.wants is Wants.TOPUP
    return NOT_FROM_STOCK if wants_topup else NOT_MAPPED


def _order(
    told: KnownOrder,
    mapped: Sequence[Mapped],
    store: Store,
    accounts: Mapping[tuple[int, UUID], Secret],
) -> NewOrder:
    """Say in our words what was bought; places_of() says which line is of which of theirs."""
    shares = [
        (line.goods.sku, share, accounts.get((place, share.sku.id)))
        for place, line in enumerate(mapped)
        for share in line.shares()
    ]
    ids = new_ids(len(shares) + 1)
    # Whoever asks for cards takes all at once: some of them alone would only be kept from others.
    partial = store.partial_allowed if told.ticket is None else False
    lines = [
        NewLine(
            line_id,
            share.sku.id,
            share.units,
            share.price_e4,
            partial_allowed=sold.partial_allowed if partial is None else partial,
            # What is topped up is never in stock: its own policy counts, not its bundle's.
            shortage_policy=(share.sku if account else sold).shortage_policy,
            buys=bought_for(share.sku),
            account=account,
        )
        for line_id, (sold, share, account) in zip(ids[1:], shares, strict=True)
    ]
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
