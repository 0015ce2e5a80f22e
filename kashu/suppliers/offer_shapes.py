"""How offers are shown, whichever way they are asked for."""

from datetime import datetime
from uuid import UUID

import msgspec

from kashu.access.caller import Caller
from kashu.access.permissions import Permission
from kashu.catalog.reads import skus_by_id
from kashu.core.db import Tx
from kashu.core.money import format_amount
from kashu.suppliers.kinds import Goods, OfferState, Told
from kashu.suppliers.offers import HeldBecause, Offer, offer_by_id
from kashu.suppliers.reads import suppliers_by_id
from kashu.suppliers.words import HELD


class HeldShown(msgspec.Struct, frozen=True):
    """Why a price isn't taken. `price`: the one that is held."""

    because: str  # a HeldBecause
    price: str | None
    zh: str
    en: str


class OfferShown(msgspec.Struct, frozen=True):
    """What a supplier asks for one of its products. Texts are the supplier's own.

    `seen_at`: when its price was last told by itself; the list it is in may be newer. `units`: of
    the SKU in one of these. `can`: what you can do to it.
    """

    id: UUID
    supplier: str
    ref: str
    title: str
    goods: Goods
    sku: str | None
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
    changed_at: datetime
    can: list[str]


async def shown_offer(tx: Tx, caller: Caller, offer_id: UUID) -> OfferShown:
    """Show one offer. Raises: UnknownOffer."""
    offer = await offer_by_id(tx, caller.tenant_id, offer_id)
    (shown,) = await shown_offers(tx, caller, [offer])
    return shown


async def shown_offers(tx: Tx, caller: Caller, offers: list[Offer]) -> list[OfferShown]:
    """Show offers, each with its supplier and SKU by their codes."""
    tenant_id = caller.tenant_id
    suppliers = await suppliers_by_id(tx, tenant_id, {each.supplier_id for each in offers})
    skus = await skus_by_id(tx, tenant_id, {each.sku_id for each in offers if each.sku_id})
    return [
        OfferShown(
            id=each.id,
            supplier=suppliers[each.supplier_id].code,
            ref=each.ref,
            title=each.title,
            goods=each.goods,
            sku=None if each.sku_id is None else skus[each.sku_id].code,
            units=each.units,
            price=written(each.unit_cost_e4),
            currency=each.currency,
            stock=each.stock,
            in_stock=each.in_stock,
            on_sale=each.on_sale,
            face_value=written(each.face_value_e4),
            least=each.least,
            most=each.most,
            state=each.state,
            held=_held(each),
            told=each.told,
            seen_at=each.seen_at,
            changed_at=each.changed_at,
            can=_can(caller, each),
        )
        for each in offers
    ]


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
