"""Map listings: say of many of a store's listings at once what each stands for."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kashu.channels.listings import lock_listings
from kashu.channels.shop_orders import storable
from kashu.channels.unmapped import wake_unmapped
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_ids
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class Mapping:
    """A listing, by the platform's names, and so many units of a SKU for one of it."""

    item_id: str
    variant_id: str
    sku_id: UUID
    units: int
    merchant_code: str = ""  # of one that we don't know yet


@dataclass(frozen=True, slots=True)
class _Mapped:
    id: UUID
    sku_id: UUID
    units: int


_map = Statement(__file__, "map_listings.sql", _Mapped)


async def map_listings(
    tx: Tx, tenant_id: int, actor: str, store_id: UUID, wanted: Sequence[Mapping]
) -> int:
    """Map listings, each named once; return how many were changed. Waiting orders go on at once.

    One that we don't know yet is noted, as not for sale until the platform tells of it: nothing is
    published to a name that a person typed.
    Locks: those we know, in order of id; then the orders that waited, as wake_unmapped() does.
    """
    names = [(each.item_id, each.variant_id) for each in wanted]
    await lock_listings(tx, tenant_id, store_id, names)
    mapped = await _map(
        tx,
        tenant=tenant_id,
        store=store_id,
        ids=new_ids(len(wanted)),
        items=[each.item_id for each in wanted],
        variants=[each.variant_id for each in wanted],
        codes=[storable(each.merchant_code) for each in wanted],
        skus=[each.sku_id for each in wanted],
        units=[each.units for each in wanted],
    )
    if mapped:
        events = [
            Event(
                "listing.changed", each.id, {"sku_id": str(each.sku_id), "units": str(each.units)}
            )
            for each in mapped
        ]
        await record(tx, tenant_id, actor, events)
        await wake_unmapped(tx, tenant_id, store_id)
    return len(mapped)
