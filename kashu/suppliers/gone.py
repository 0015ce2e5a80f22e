"""Gone, sold out: what can't be bought any more, so that nobody tries."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.jobs import wake
from kashu.core.sql import Statement
from kashu.suppliers.kinds import OfferState
from kashu.suppliers.offers import Offer, offer_by_id
from kashu.suppliers.price_alerts import note_moves
from kashu.suppliers.see_offers import OFFERS_CHANGED
from kashu.suppliers.tables import offers, prices


@dataclass(frozen=True, slots=True)
class _Gone:
    id: UUID
    sku_id: UUID | None
    ref: str


_mark = Statement(__file__, "gone.sql", _Gone)


async def mark_missing(
    tx: Tx, tenant_id: int, supplier_id: UUID, listed: Collection[str], *, began: datetime
) -> int:
    """Mark as gone what a whole list, begun at `began`, doesn't have. Returns how many there are.

    Offers from files and by hand stay: they were in no list.
    """
    found = await _mark(tx, tenant=tenant_id, supplier=supplier_id, refs=list(listed), began=began)
    mapped = {each.sku_id for each in found if each.sku_id is not None}
    events = [
        Event("offer.gone", each.id, {"ref": each.ref, "supplier_id": str(supplier_id)})
        for each in found
        if each.sku_id is not None
    ]
    await record(tx, tenant_id, "system", events)
    if mapped:
        await note_moves(tx, tenant_id, mapped, began)
        await wake(tx, tenant_id, OFFERS_CHANGED)
    return len(found)


async def mark_gone(tx: Tx, tenant_id: int, actor: str, offer_id: UUID, at: datetime) -> None:
    """Note that a supplier doesn't sell a product any more, or not to us. Raises: UnknownOffer."""
    offer = await offer_by_id(tx, tenant_id, offer_id, kept=True)
    if offer.state is OfferState.GONE:
        return
    values = {"state": OfferState.GONE, "held_because": None, "held_cost_e4": None}
    await _mark_one(tx, tenant_id, offer, values, at)
    facts = {"ref": offer.ref, "supplier_id": str(offer.supplier_id)}
    await record(tx, tenant_id, actor, [Event("offer.gone", offer.id, facts)])


async def mark_sold_out(tx: Tx, tenant_id: int, actor: str, offer_id: UUID, at: datetime) -> None:
    """Note that a supplier said so when we ordered; the next price it tells says otherwise.

    Raises: UnknownOffer.
    """
    offer = await offer_by_id(tx, tenant_id, offer_id, kept=True)
    if not offer.in_stock:
        return
    await _mark_one(tx, tenant_id, offer, {"in_stock": False}, at)
    facts = {"ref": offer.ref, "supplier_id": str(offer.supplier_id)}
    await record(tx, tenant_id, actor, [Event("offer.sold_out", offer.id, facts)])


async def _mark_one(
    tx: Tx, tenant_id: int, offer: Offer, values: Mapping[str, object], at: datetime
) -> None:
    await tx.execute(
        update(offers)
        .where(offers.c.tenant_id == tenant_id, offers.c.id == offer.id)
        .values(**values, changed_at=at)
    )
    await tx.execute(
        insert(prices).values(
            tenant_id=tenant_id,
            id=new_id(),
            offer_id=offer.id,
            at=at,
            unit_cost_e4=offer.unit_cost_e4,
            stock=offer.stock,
            in_stock=False,
            on_sale=offer.on_sale and "state" not in values,
            told=offer.told,
        )
    )
    if offer.sku_id is not None:
        await note_moves(tx, tenant_id, [offer.sku_id], at)
        await wake(tx, tenant_id, OFFERS_CHANGED)
