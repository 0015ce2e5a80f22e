"""How offers are shown, whichever way they are asked for."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from kashu.access.caller import Caller
from kashu.access.permissions import Permission
from kashu.catalog.reads import Sku, skus_by_id
from kashu.core.clock import now
from kashu.core.db import Tx
from kashu.core.money import format_amount
from kashu.suppliers.connections import Connection, connections_by_supplier
from kashu.suppliers.kinds import Goods, OfferState, Told
from kashu.suppliers.offers import FILED, LISTED, HeldBecause, Offer, offer_by_id
from kashu.suppliers.reads import Supplier, suppliers_by_id
from kashu.suppliers.rules import price_rules
from kashu.suppliers.words import HELD


class HeldShown(msgspec.Struct, frozen=True):
    """Why a price isn't taken. `price`: the one that is held."""

    because: str  # a HeldBecause
    price: str | None
    zh: str
    en: str


class OfferShown(msgspec.Struct, frozen=True):
    """What a supplier asks for one of its products. Texts are the supplier's own.

    `seen_at`: when its price was last told by itself; the list it is in may be newer. `told_at`:
    as of when it is known; `stale`: that is too long ago to be bought at. `units`: of the SKU in
    one of these. `can`: what you can do to it.
    """

    id: UUID
    supplier: str
    supplier_name: str
    ref: str
    title: str
    goods: Goods
    sku: str | None
    sku_name_zh: str | None
    sku_name_en: str | None
    units: int
    price: str | None
    currency: str
    stock: int | None
    in_stock: bool
    on_sale: bool
    face_value: str | None
    least: int
    most: int | None
    state: OfferState
    held: HeldShown | None
    told: Told
    seen_at: datetime
    told_at: datetime
    stale: bool
    changed_at: datetime
    can: list[str]


async def shown_offer(tx: Tx, caller: Caller, offer_id: UUID) -> OfferShown:
    """Show one offer. Raises: UnknownOffer."""
    offer = await offer_by_id(tx, caller.tenant_id, offer_id)
    (shown,) = await shown_offers(tx, caller, [offer])
    return shown


async def shown_offers(tx: Tx, caller: Caller, offers: list[Offer]) -> list[OfferShown]:
    """Show offers, each with its supplier and SKU by their codes and names."""
    tenant_id, at = caller.tenant_id, now()
    ids = {each.supplier_id for each in offers}
    suppliers = await suppliers_by_id(tx, tenant_id, ids)
    links = await connections_by_supplier(tx, tenant_id, ids)
    rules = await price_rules(tx, tenant_id)
    skus = await skus_by_id(tx, tenant_id, {each.sku_id for each in offers if each.sku_id})
    shown = []
    for each in offers:
        told_at = _told_at(each, links.get(each.supplier_id))
        stale_s = rules.file_stale_s if each.told in FILED else rules.stale_s
        shown.append(
            _shown(
                caller,
                each,
                suppliers[each.supplier_id],
                None if each.sku_id is None else skus[each.sku_id],
                told_at=told_at,
                stale=told_at < at - timedelta(seconds=stale_s),
            )
        )
    return shown


def _told_at(offer: Offer, link: Connection | None) -> datetime:
    """As of when its price is known: a whole list that was read later tells it, too."""
    if link is None or link.prices_ok_at is None:
        return offer.seen_at
    listed = offer.told in LISTED and offer.state is not OfferState.GONE
    return max(offer.seen_at, link.prices_ok_at) if listed else offer.seen_at


def _shown(
    caller: Caller,
    offer: Offer,
    supplier: Supplier,
    sku: Sku | None,
    *,
    told_at: datetime,
    stale: bool,
) -> OfferShown:
    return OfferShown(
        id=offer.id,
        supplier=supplier.code,
        supplier_name=supplier.name,
        ref=offer.ref,
        title=offer.title,
        goods=offer.goods,
        sku=None if sku is None else sku.code,
        sku_name_zh=None if sku is None else sku.name_zh,
        sku_name_en=None if sku is None else sku.name_en,
        units=offer.units,
        price=written(offer.unit_cost_e4),
        currency=offer.currency,
        stock=offer.stock,
        in_stock=offer.in_stock,
        on_sale=offer.on_sale,
        face_value=written(offer.face_value_e4),
        least=offer.least,
        most=offer.most,
        state=offer.state,
        held=_held(offer),
        told=offer.told,
        seen_at=offer.seen_at,
        told_at=told_at,
        stale=stale,
        changed_at=offer.changed_at,
        can=_can(caller, offer),
    )


def _held(offer: Offer) -> HeldShown | None:
    if offer.held_because is None:
        return None
    zh, en = HELD[HeldBecause(offer.held_because)]
    return HeldShown(offer.held_because, written(offer.held_cost_e4), zh, en)


def _can(caller: Caller, offer: Offer) -> list[str]:
    if not caller.may(Permission.SUPPLIERS_WRITE):
        return []
    by_state = {
        OfferState.LIVE: ["hold"],
        OfferState.HELD: ["release", "refuse"],
        OfferState.GONE: [],
    }
    return ["map", "refresh", *by_state[offer.state]]


def written(amount_e4: int | None) -> str | None:
    """Write an amount, where there is one."""
    return None if amount_e4 is None else format_amount(amount_e4)
