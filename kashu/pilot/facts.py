"""Facts: all that is known about a store's day, read once, for comparing it with a sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from kashu.access.keyring import Keyrings
from kashu.catalog.reads import Sku, skus_by_id
from kashu.channels.channel import ShopLine
from kashu.channels.listings import KnownListing, Name, listings_of
from kashu.channels.modes import mode_of_store
from kashu.channels.paid_orders import (
    ToldOrder,
    numbers_refunded,
    orders_paid,
    orders_told_of,
    stores_of_numbers,
)
from kashu.channels.reads import Store
from kashu.core.clock import day_bounds
from kashu.core.db import Tx
from kashu.orders.shadow import Decision, decisions_of
from kashu.pilot.sheet import SheetRow, plain
from kashu.stock.known_cards import KnownCard, known_cards

LISTINGS_MAX: Final = 20_000
DECISIONS_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the orders that a sheet names, and of those paid on its day."""

    store: Store
    day: date
    timezone: str
    shadow_from: datetime | None
    told: Mapping[str, ToldOrder]
    paid: frozenset[str]  # those of `told` that were paid on the day
    decisions: Mapping[UUID, Decision]
    refunded: frozenset[str]
    elsewhere: frozenset[str]  # numbers of other stores' orders
    listings: Mapping[Name, KnownListing]
    skus: Mapping[UUID, Sku]
    cards: Mapping[str, KnownCard]

    def listing_of(self, line: ShopLine) -> KnownListing | None:
        """The listing that a line is of."""
        return self.listings.get((self.store.id, line.item_id, line.sku_id))

    def sku_of(self, line: ShopLine) -> Sku | None:
        """The SKU that a line's listing stands for."""
        listing = self.listing_of(line)
        if listing is None or listing.sku_id is None:
            return None
        return self.skus.get(listing.sku_id)

    def names_of(self, line: ShopLine) -> frozenset[str]:
        """All that a line may be called, as plain() writes it."""
        listing, sku = self.listing_of(line), self.sku_of(line)
        names = [line.item_id, line.sku_id, line.title, line.merchant_code]
        if listing is not None:
            names += _names(listing)
        if sku is not None:
            names += [sku.code, sku.name_zh, sku.name_en]
        return frozenset(plain(name) for name in names if name)

    def all_names(self) -> frozenset[str]:
        """All that anything of this store may be called."""
        names = [name for listing in self.listings.values() for name in _names(listing)]
        for sku in self.skus.values():
            names += [sku.code, sku.name_zh, sku.name_en]
        return frozenset(plain(name) for name in names if name)


async def facts_of(
    tx: Tx,
    tenant_id: int,
    store: Store,
    day: date,
    rows: Sequence[SheetRow],
    *,
    timezone: str,
    keyrings: Keyrings,
) -> Facts:
    """Read all that comparing needs. Locks nothing."""
    numbers = sorted({row.number for row in rows})
    begin, end = day_bounds(day, timezone)
    paid = await orders_paid(tx, tenant_id, store.id, begin, end)
    told = paid | await orders_told_of(tx, tenant_id, store.id, numbers)
    ids = [each.known.id for each in told.values()]
    decisions: dict[UUID, Decision] = {}
    for first in range(0, len(ids), DECISIONS_AT_ONCE):
        decisions |= await decisions_of(tx, tenant_id, ids[first : first + DECISIONS_AT_ONCE])
    unknown = [number for number in numbers if number not in told]
    listings = await listings_of(tx, tenant_id, store.id, limit=LISTINGS_MAX)
    wanted = {each.sku_id for each in listings if each.sku_id is not None}
    values = sorted({row.card for row in rows if row.card is not None})
    known = await known_cards(tx, tenant_id, await keyrings.of(tx, tenant_id), values)
    return Facts(
        store=store,
        day=day,
        timezone=timezone,
        shadow_from=(await mode_of_store(tx, tenant_id, store.id)).shadow_from,
        told=told,
        paid=frozenset(paid),
        decisions=decisions,
        refunded=frozenset(await numbers_refunded(tx, tenant_id, store.id, sorted(told))),
        elsewhere=frozenset(await stores_of_numbers(tx, tenant_id, store.id, unknown)),
        listings={each.name: each for each in listings},
        skus=await skus_by_id(tx, tenant_id, wanted),
        cards={value: card for value, card in zip(values, known, strict=True) if card is not None},
    )


def _names(listing: KnownListing) -> list[str]:
    whole = f"{listing.title}{listing.properties}"
    codes = [listing.item_id, listing.variant_id, listing.merchant_code]
    return [*codes, listing.title, listing.properties, whole]
