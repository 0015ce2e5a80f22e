"""Modes: how far we act for an order, from its store and from what it is of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy import and_, func, select, tuple_, update

from kashu.channels.connections import SHOP_ORDERS_DUE
from kashu.channels.kinds import ACTS, Mode, Step, least
from kashu.channels.left_to_people import LISTING_STOPPED, PAID_BEFORE, TO_BE_RELEASED
from kashu.channels.mode_locks import keep_modes
from kashu.channels.shop_orders import SHIPPED_ELSEWHERE, KnownOrder, known_order, linked
from kashu.channels.tables import connections, listings, shop_orders
from kashu.core.db import Tx
from kashu.core.jobs import wake

SHIPPED_IN_SHADOW: Final = "shipped_in_shadow"  # the old way delivered it, as it should
DAY: Final = timedelta(days=1)

_Own: TypeAlias = tuple[Mode | None, datetime | None]  # of a listing; what it says for itself


@dataclass(frozen=True, slots=True)
class OrderMode:
    """How far we act for an order; what was paid before `acts_from` is left to people."""

    mode: Mode
    acts_from: datetime | None = None

    @property
    def acts(self) -> bool:
        """Whether cards are given and platforms told."""
        return self.mode in ACTS

    def goes_on(self, order: KnownOrder) -> bool:
        """Whether we act for a paid order now."""
        return self.acts and not self.left_to_people(order)

    def left_to_people(self, order: KnownOrder) -> str:
        """Say why a paid order that nobody released must wait for a person; empty: it needn't."""
        if self.mode is Mode.STOPPED:
            return LISTING_STOPPED
        since = self.acts_from
        if order.released_at and (since is None or order.released_at >= since):
            return ""
        if since and order.paid_at is not None and order.paid_at < since:
            return PAID_BEFORE
        return TO_BE_RELEASED if self.mode is Mode.ASSISTED else ""


@dataclass(frozen=True, slots=True)
class StoreMode:
    """How far we act for a store, and since when its pilot runs, where it has one."""

    mode: Mode
    shadow_from: datetime | None


async def mode_of_store(tx: Tx, tenant_id: int, store_id: UUID) -> StoreMode:
    """Read it; a store that isn't connected is stopped."""
    rows = await tx.execute(
        select(connections.c.mode, connections.c.shadow_from).where(
            connections.c.tenant_id == tenant_id, connections.c.store_id == store_id
        )
    )
    row = rows.one_or_none()
    return StoreMode(Mode.STOPPED, None) if row is None else StoreMode(Mode(row[0]), row[1])


async def modes_of(
    tx: Tx, tenant_id: int, orders: Collection[KnownOrder], *, kept: bool = False
) -> dict[UUID, OrderMode]:
    """Say how far we act for each of some orders, by its id: the least of its listings' modes.

    A listing without a mode of its own has its store's; a store that is stopped stops them all.
    `kept`: who stops a store or a listing waits until `tx` ends; nothing more is given then.
    """
    if kept:
        await keep_modes(tx, tenant_id, {each.store_id for each in orders})
    wanted = (
        select(connections.c.store_id, connections.c.mode, connections.c.acts_from)
        .where(connections.c.tenant_id == tenant_id)
        .where(connections.c.store_id.in_({each.store_id for each in orders}))
    )
    stores = {row.store_id: row for row in await tx.execute(wanted)}
    own = await _own_modes(tx, tenant_id, orders)
    found = {}
    for each in orders:
        row = stores.get(each.store_id)
        if row is None or row.mode == Mode.STOPPED:
            found[each.id] = OrderMode(Mode.STOPPED)
            continue
        of_store = OrderMode(Mode(row.mode), row.acts_from)
        names = [(each.store_id, line.item_id, line.sku_id) for line in each.lines]
        parts = [_part(own.get(name), of_store) for name in names] or [of_store]
        since = [part.acts_from for part in parts if part.acts_from is not None]
        found[each.id] = OrderMode(
            least(part.mode for part in parts), max(since) if since else None
        )
    return found


async def acts_for(tx: Tx, tenant_id: int, order: KnownOrder) -> bool:
    """Whether we act for an order at this moment: what modes_of() says, in one question."""
    names = {(line.item_id, line.sku_id) for line in order.lines}
    own = and_(
        listings.c.tenant_id == tenant_id,
        listings.c.store_id == connections.c.store_id,
        listings.c.mode.is_not(None),
        tuple_(listings.c.item_id, listings.c.variant_id).in_(sorted(names)),
    )
    rows = await tx.execute(
        select(
            connections.c.mode.label("of_store"),
            listings.c.item_id,
            listings.c.variant_id,
            listings.c.mode,
        )
        .select_from(connections)
        .join(listings, own, isouter=True)
        .where(connections.c.tenant_id == tenant_id, connections.c.store_id == order.store_id)
    )
    found = rows.all()
    if not found or found[0].of_store == Mode.STOPPED:
        return False
    modes = {(row.item_id, row.variant_id): row.mode for row in found}
    return all(modes.get(name, found[0].of_store) in ACTS for name in names or {("", "")})


async def shipped_in_shadow(tx: Tx, tenant_id: int, *, most: int) -> list[KnownOrder]:
    """Orders in shadow that the old way shipped, each told once; locked, in order of id.

    Only what was paid since its store's pilot began, and first told of within a day.
    """
    stores = await _stores_in_shadow(tx, tenant_id)
    if not stores:
        return []
    rows = await tx.execute(
        select(shop_orders)
        .join(connections, linked(tenant_id))
        .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.step == Step.ENDED)
        .where(shop_orders.c.store_id.in_(stores))
        .where(shop_orders.c.said == SHIPPED_ELSEWHERE, shop_orders.c.complete)
        .where(shop_orders.c.first_seen_at > func.now() - DAY)
        .where(shop_orders.c.paid_at >= func.coalesce(connections.c.shadow_from, func.now() - DAY))
        .order_by(shop_orders.c.id)
        .limit(most)
        .with_for_update(of=shop_orders, skip_locked=True)
    )
    orders = [known_order(row) for row in rows]
    modes = await modes_of(tx, tenant_id, orders)
    found = [each for each in orders if modes[each.id].mode is Mode.SHADOW]
    await tx.execute(
        update(shop_orders)
        .where(shop_orders.c.tenant_id == tenant_id)
        .where(shop_orders.c.id.in_([each.id for each in found]))
        .values(said=SHIPPED_IN_SHADOW)
    )
    return found


async def _stores_in_shadow(tx: Tx, tenant_id: int) -> list[UUID]:
    """Stores that aren't stopped, and are in shadow with all that they sell or some of it."""
    listed = select(listings.c.store_id).where(
        listings.c.tenant_id == tenant_id, listings.c.mode == Mode.SHADOW
    )
    rows = await tx.execute(
        select(connections.c.store_id)
        .where(connections.c.tenant_id == tenant_id, connections.c.mode != Mode.STOPPED)
        .where((connections.c.mode == Mode.SHADOW) | connections.c.store_id.in_(listed))
    )
    return list(rows.scalars())


async def release(tx: Tx, tenant_id: int, ids: Sequence[UUID]) -> None:
    """Let paid orders go on that waited for a person; who asks has locked and looked at them."""
    await tx.execute(
        update(shop_orders)
        .where(shop_orders.c.tenant_id == tenant_id, shop_orders.c.id.in_(ids))
        .values(step=Step.DUE, said="", released_at=func.now(), next_at=func.now())
    )
    await wake(tx, tenant_id, SHOP_ORDERS_DUE)


async def _own_modes(
    tx: Tx, tenant_id: int, orders: Collection[KnownOrder]
) -> Mapping[tuple[UUID, str, str], _Own]:
    names = {(each.store_id, line.item_id, line.sku_id) for each in orders for line in each.lines}
    if not names:
        return {}
    key = tuple_(listings.c.store_id, listings.c.item_id, listings.c.variant_id)
    rows = await tx.execute(
        select(
            listings.c.store_id,
            listings.c.item_id,
            listings.c.variant_id,
            listings.c.mode,
            listings.c.acts_from,
        )
        .where(listings.c.tenant_id == tenant_id, key.in_(sorted(names)))
        .where(listings.c.mode.is_not(None) | listings.c.acts_from.is_not(None))
    )
    return {
        (row.store_id, row.item_id, row.variant_id): (
            None if row.mode is None else Mode(row.mode),
            row.acts_from,
        )
        for row in rows
    }


def _part(own: _Own | None, of_store: OrderMode) -> OrderMode:
    if own is None:
        return of_store
    mode, acts_from = own
    if mode is not None:
        return OrderMode(mode, acts_from)
    since = [each for each in (acts_from, of_store.acts_from) if each is not None]
    return OrderMode(of_store.mode, max(since) if since else None)
