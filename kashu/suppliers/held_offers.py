"""Held offers: a person lets a price pass, doesn't believe it, or holds one that looks right."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, update

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.jobs import wake
from kashu.core.money import format_amount
from kashu.suppliers.errors import HeldPriceChanged, OfferIsGone, OfferNotHeld, PriceImpossible
from kashu.suppliers.kinds import OfferState
from kashu.suppliers.offers import COST_MAX_E4, HeldBecause, Offer, offer_by_id
from kashu.suppliers.price_alerts import note_moves
from kashu.suppliers.see_offers import OFFERS_CHANGED
from kashu.suppliers.tables import offers, prices


async def release_offer(
    tx: Tx,
    tenant_id: int,
    actor: str,
    offer_id: UUID,
    *,
    price_e4: int | None,
    at: datetime,
    reason: str = "",
) -> Offer:
    """Take the price that is held, and its words as they are now: it can be bought again.

    `price_e4`: the held price that was looked at; None where a person held it without one.
    Locks: the offer. Raises: UnknownOffer, OfferNotHeld, HeldPriceChanged, PriceImpossible.
    """
    offer = await _held(tx, tenant_id, offer_id, price_e4)
    cost_e4 = offer.unit_cost_e4 if offer.held_cost_e4 is None else offer.held_cost_e4
    if cost_e4 is not None and not 0 < cost_e4 <= COST_MAX_E4:
        raise PriceImpossible(price=format_amount(cost_e4))
    after = replace(
        offer,
        state=OfferState.LIVE,
        unit_cost_e4=cost_e4,
        held_because=None,
        held_cost_e4=None,
        checked_title=offer.title,
        checked_face_e4=offer.face_value_e4,
        changed_at=at,
    )
    await _keep(tx, tenant_id, actor, "offer.released", before=offer, after=after, reason=reason)
    return after


async def refuse_offer(
    tx: Tx,
    tenant_id: int,
    actor: str,
    offer_id: UUID,
    *,
    price_e4: int | None,
    at: datetime,
    reason: str = "",
) -> Offer:
    """Say that a held price isn't believed: it stays held until the supplier tells another one.

    Locks: the offer. Raises: UnknownOffer, OfferNotHeld, HeldPriceChanged.
    """
    offer = await _held(tx, tenant_id, offer_id, price_e4)
    after = replace(offer, held_because=HeldBecause.REFUSED, changed_at=at)
    await _keep(tx, tenant_id, actor, "offer.refused", before=offer, after=after, reason=reason)
    return after


async def hold_offer(tx: Tx, tenant_id: int, actor: str, offer_id: UUID, *, at: datetime) -> Offer:
    """Hold an offer by hand, whatever its price: nothing buys it until somebody releases it.

    Locks: the offer. Raises: UnknownOffer, OfferIsGone.
    """
    offer = await offer_by_id(tx, tenant_id, offer_id, kept=True)
    if offer.state is OfferState.GONE:
        raise OfferIsGone
    held_e4 = offer.unit_cost_e4 if offer.state is OfferState.LIVE else offer.held_cost_e4
    after = replace(
        offer,
        state=OfferState.HELD,
        held_because=HeldBecause.HAND,
        held_cost_e4=held_e4,
        changed_at=at,
    )
    await _keep(tx, tenant_id, actor, "offer.held", before=offer, after=after)
    return after


async def _held(tx: Tx, tenant_id: int, offer_id: UUID, price_e4: int | None) -> Offer:
    offer = await offer_by_id(tx, tenant_id, offer_id, kept=True)
    if offer.state is not OfferState.HELD:
        raise OfferNotHeld
    if offer.held_cost_e4 != price_e4:
        now = "—" if offer.held_cost_e4 is None else format_amount(offer.held_cost_e4)
        raise HeldPriceChanged(now=now)
    return offer


async def _keep(
    tx: Tx,
    tenant_id: int,
    actor: str,
    kind: str,
    *,
    before: Offer,
    after: Offer,
    reason: str = "",
) -> None:
    names = (
        *("state", "unit_cost_e4", "held_because", "held_cost_e4"),
        *("checked_title", "checked_face_e4", "changed_at"),
    )
    await tx.execute(
        update(offers)
        .where(offers.c.tenant_id == tenant_id, offers.c.id == after.id)
        .values({name: getattr(after, name) for name in names})
    )
    held = after.state is OfferState.HELD
    await tx.execute(
        insert(prices).values(
            tenant_id=tenant_id,
            id=new_id(),
            offer_id=after.id,
            at=after.changed_at,
            unit_cost_e4=after.held_cost_e4 if held else after.unit_cost_e4,
            stock=after.stock,
            in_stock=after.in_stock,
            on_sale=after.on_sale,
            told=after.told,
            held_because=after.held_because,
        )
    )
    facts = {
        "ref": after.ref,
        "supplier_id": str(after.supplier_id),
        "because": str(before.held_because or after.held_because),
        "price": "" if before.held_cost_e4 is None else format_amount(before.held_cost_e4),
    }
    if reason:
        facts["reason"] = reason
    await record(tx, tenant_id, actor, [Event(kind, after.id, facts)])
    if after.sku_id is not None:
        await note_moves(tx, tenant_id, [after.sku_id], after.changed_at)
        await wake(tx, tenant_id, OFFERS_CHANGED)
