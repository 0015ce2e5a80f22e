"""Map: say which SKU an offer stands for, and how many of it. A person does; nothing guesses."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.catalog.kinds import Fulfilment, SkuState
from kashu.catalog.reads import ListedSku, Sku, sku_list, skus_by_id
from kashu.catalog.titles import SkuWords, brand_names, likely, mismatch, sku_words
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.jobs import wake
from kashu.core.sql import Statement
from kashu.suppliers.judge import off_scale
from kashu.suppliers.kinds import Goods
from kashu.suppliers.offers import UNITS_MAX, Offer, offer_list, offers_by_id
from kashu.suppliers.price_alerts import note_moves
from kashu.suppliers.see_offers import OFFERS_CHANGED
from kashu.suppliers.tables import offers

SKUS_MAX: Final = 1_000  # that are suggested from

_FITS: Final[Mapping[Goods, Collection[Fulfilment]]] = {
    Goods.CARD: (Fulfilment.CARD, Fulfilment.SHARED),
    Goods.LINK: (Fulfilment.LINK,),
    Goods.TOPUP: (Fulfilment.TOPUP,),
}


class MapOutcome(StrEnum):
    """What came of mapping an offer."""

    MAPPED = "mapped"
    UNMAPPED = "unmapped"
    SAME = "same"  # it stood for that already
    UNKNOWN = "unknown"  # no such offer
    SKU_UNKNOWN = "sku_unknown"
    SKU_RETIRED = "sku_retired"
    GOODS_DIFFER = "goods_differ"  # a card isn't a top-up
    UNITS_WRONG = "units_wrong"
    BRAND = "brand"  # the title names another one than the SKU's …
    PERIOD = "period"
    PRICE = "price"  # a hundred times the SKU's face value, or a hundredth


# A person who looked may say that these are right.
DOUBTFUL: Final = frozenset({MapOutcome.BRAND, MapOutcome.PERIOD, MapOutcome.PRICE})


@dataclass(frozen=True, slots=True)
class OfferMapping:
    """What an offer stands for: `units` of a SKU for one of theirs. No SKU: nothing any more."""

    offer_id: UUID
    sku_id: UUID | None
    units: int = 1


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_map = Statement(__file__, "map_offers.sql", _Nothing)


async def map_offers(
    tx: Tx,
    tenant_id: int,
    actor: str,
    wanted: Sequence[OfferMapping],
    *,
    at: datetime,
    despite: bool = False,
) -> list[MapOutcome]:
    """Map offers, those that can be; one outcome for each, in order.

    `despite`: also those whose words or price contradict the SKU. What a person maps is checked
    by them: its title and face value as they are now aren't held again.
    Locks: the offers, by supplier and ref as everybody locks them.
    """
    known = await _lock(tx, tenant_id, [each.offer_id for each in wanted])
    sku_ids = {each.sku_id for each in wanted if each.sku_id is not None}
    skus = await skus_by_id(tx, tenant_id, sku_ids)
    words = await sku_words(tx, tenant_id, sku_ids)
    names = await brand_names(tx, tenant_id) if words else ()
    outcomes = [_outcome(each, known, skus, words, names) for each in wanted]
    writes = {MapOutcome.MAPPED, MapOutcome.UNMAPPED} | (DOUBTFUL if despite else set())
    chosen = {
        each.offer_id: each
        for each, outcome in zip(wanted, outcomes, strict=True)
        if outcome in writes
    }
    if chosen:
        await _write(tx, tenant_id, actor, list(chosen.values()), known, at=at)
    if not despite:
        return outcomes
    return [MapOutcome.MAPPED if outcome in DOUBTFUL else outcome for outcome in outcomes]


async def suggest_skus(
    tx: Tx,
    tenant_id: int,
    *,
    supplier_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[tuple[Offer, list[ListedSku]]]:
    """Suggest SKUs for offers that stand for none, from their titles; the likeliest first."""
    unmapped = await offer_list(
        tx, tenant_id, supplier_id=supplier_id, mapped=False, after=after, limit=limit
    )
    listed = await sku_list(tx, tenant_id, state=SkuState.ACTIVE, limit=SKUS_MAX)
    by_goods = {
        goods: [each for each in listed if each.sku.fulfilment in fits]
        for goods, fits in _FITS.items()
    }
    return [(offer, likely(offer.title, by_goods[offer.goods])) for offer in unmapped]


def _outcome(
    wanted: OfferMapping,
    known: Mapping[UUID, Offer],
    skus: Mapping[UUID, Sku],
    words: Mapping[UUID, SkuWords],
    names: Collection[str],
) -> MapOutcome:
    offer = known.get(wanted.offer_id)
    if offer is None:
        return MapOutcome.UNKNOWN
    if (offer.sku_id, offer.units) == (wanted.sku_id, wanted.units):
        return MapOutcome.SAME
    if wanted.sku_id is None:
        return MapOutcome.UNMAPPED if offer.sku_id is not None else MapOutcome.SAME
    unfit = _unfit(offer, wanted.units, skus.get(wanted.sku_id))
    return unfit or _doubt(offer, wanted.units, words[wanted.sku_id], names) or MapOutcome.MAPPED


def _unfit(offer: Offer, units: int, sku: Sku | None) -> MapOutcome | None:
    """Say why an offer can't stand for so many of a SKU."""
    if not 1 <= units <= UNITS_MAX:
        return MapOutcome.UNITS_WRONG
    if sku is None:
        return MapOutcome.SKU_UNKNOWN
    if sku.state is not SkuState.ACTIVE:
        return MapOutcome.SKU_RETIRED
    return None if sku.fulfilment in _FITS[offer.goods] else MapOutcome.GOODS_DIFFER


def _doubt(offer: Offer, units: int, words: SkuWords, names: Collection[str]) -> MapOutcome | None:
    """Say what contradicts the SKU, which a person may overrule."""
    differs = mismatch(offer.title, words, names, units=units)
    if differs is not None:
        return MapOutcome(differs.value)
    face_e4 = words.face_value_e4 * units if words.currency == offer.currency else 0
    if face_e4 and offer.unit_cost_e4 is not None and off_scale(offer.unit_cost_e4, face_e4):
        return MapOutcome.PRICE
    return None


async def _lock(tx: Tx, tenant_id: int, offer_ids: Collection[UUID]) -> dict[UUID, Offer]:
    await tx.execute(
        select(offers.c.id)
        .where(offers.c.tenant_id == tenant_id, offers.c.id.in_(set(offer_ids)))
        .order_by(offers.c.supplier_id, offers.c.ref)
        .with_for_update()
    )
    return await offers_by_id(tx, tenant_id, offer_ids)


async def _write(
    tx: Tx,
    tenant_id: int,
    actor: str,
    chosen: Sequence[OfferMapping],
    known: Mapping[UUID, Offer],
    *,
    at: datetime,
) -> None:
    await _map(
        tx,
        tenant=tenant_id,
        ids=[each.offer_id for each in chosen],
        skus=[each.sku_id for each in chosen],
        units=[each.units if each.sku_id is not None else 1 for each in chosen],
    )
    events = [
        Event(
            "offer.mapped" if each.sku_id is not None else "offer.unmapped",
            each.offer_id,
            {
                "sku_id": None if each.sku_id is None else str(each.sku_id),
                "units": each.units,
                "title": known[each.offer_id].title,
            },
        )
        for each in chosen
    ]
    await record(tx, tenant_id, actor, events)
    before = {known[each.offer_id].sku_id for each in chosen}
    touched = {each for each in before | {each.sku_id for each in chosen} if each is not None}
    await note_moves(tx, tenant_id, touched, at)
    await wake(tx, tenant_id, OFFERS_CHANGED)
