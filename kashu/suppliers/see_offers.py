"""See: take down what a supplier tells of its products; hold the prices that can't be believed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from kashu.catalog.titles import SkuWords, brand_names, sku_words
from kashu.channels.shop_orders import storable
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id, new_ids
from kashu.core.jobs import wake
from kashu.core.money import format_amount
from kashu.core.sql import Statement
from kashu.suppliers.judge import Yardstick, judge
from kashu.suppliers.kinds import OfferState, Told
from kashu.suppliers.offers import COST_MAX_E4, LISTED, HeldBecause, Offer, offers_by_ref
from kashu.suppliers.price_alerts import note_moves
from kashu.suppliers.rules import price_rules
from kashu.suppliers.upstream import Product

BATCH: Final = 1_000  # offers in one statement
REF_CHARS_MAX: Final = 200
TITLE_CHARS_MAX: Final = 300
COUNT_MAX: Final = 2**31 - 1
OFFERS_CHANGED: Final = "suppliers.offers"  # called out when something can be bought otherwise


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a look at products."""

    added: int = 0
    changed: int = 0
    held: int = 0
    unreadable: int = 0  # refs that we can't keep
    older: int = 0  # than what we know already

    def __add__(self, other: "Seen") -> "Seen":
        return Seen(
            self.added + other.added,
            self.changed + other.changed,
            self.held + other.held,
            self.unreadable + other.unreadable,
            self.older + other.older,
        )


@dataclass(frozen=True, slots=True)
class _Written:
    id: UUID


_see = Statement(__file__, "see_offers.sql", _Written)


async def see_offers(
    tx: Tx,
    tenant_id: int,
    actor: str,
    supplier_id: UUID,
    products: Sequence[Product],
    *,
    how: Told,
    at: datetime,
    touch: bool = True,
) -> Seen:
    """Take down up to BATCH products as they were `at`, in one statement; alert where it matters.

    What we know to be newer stands. `touch`: also where nothing changed, note that it was told
    now; without it, the whole list that they are from is noted by its reader (prices_ok_at).
    Locks: the supplier's offers that change, in the order of their refs.
    """
    latest = {product.ref: product for product in products if _ref_fits(product.ref)}
    unreadable = sum(not _ref_fits(product.ref) for product in products)
    cleaned = {ref: _cleaned(product) for ref, product in latest.items()}
    known = await offers_by_ref(tx, tenant_id, supplier_id, cleaned)
    news = [ref for ref, told in cleaned.items() if touch or _differs(known.get(ref), told, how)]
    if not news:
        return Seen(unreadable=unreadable)
    known = await offers_by_ref(tx, tenant_id, supplier_id, news, kept=True)
    fresh = [ref for ref in news if ref not in known or known[ref].seen_at <= at]
    sku_ids = {known[ref].sku_id for ref in fresh if ref in known}
    skus = await sku_words(tx, tenant_id, {each for each in sku_ids if each is not None})
    names = await brand_names(tx, tenant_id) if skus else ()
    yardstick = Yardstick(await price_rules(tx, tenant_id), names)
    after = [
        _after(supplier_id, cleaned[ref], known.get(ref), skus, yardstick, how=how, at=at)
        for ref in sorted(fresh)
    ]
    await _write(tx, tenant_id, supplier_id, after, known, at=at)
    events = [
        event for offer in after if (event := _event(offer, known.get(offer.ref))) is not None
    ]
    await record(tx, tenant_id, actor, events)
    moved = {
        offer.sku_id
        for offer in after
        if offer.sku_id is not None and _matters(offer, known.get(offer.ref))
    }
    if moved:
        await note_moves(tx, tenant_id, moved, at)
        await wake(tx, tenant_id, OFFERS_CHANGED)
    return Seen(
        added=sum(offer.ref not in known for offer in after),
        changed=sum(_matters(offer, known.get(offer.ref)) for offer in after if offer.ref in known),
        held=sum(event.kind == "offer.held" for event in events),
        unreadable=unreadable,
        older=len(news) - len(fresh),
    )


def batches(products: Sequence[Product]) -> Iterable[Sequence[Product]]:
    """Cut products into what one statement takes."""
    return (products[n : n + BATCH] for n in range(0, len(products), BATCH))


def _ref_fits(ref: str) -> bool:
    return 0 < len(ref) <= REF_CHARS_MAX and storable(ref) == ref


def _cleaned(told: Product) -> Product:
    """Leave out what no column can hold; a supplier may write anything."""
    stock = None if told.stock is None or told.stock < 0 else min(told.stock, COUNT_MAX)
    most = None if told.most is None or told.most < 1 else min(told.most, COUNT_MAX)
    face_e4 = told.face_value_e4
    cost_e4 = told.unit_cost_e4
    return replace(
        told,
        title=storable(told.title)[:TITLE_CHARS_MAX],
        currency=storable(told.currency)[:8],
        stock=stock,
        most=most,
        least=min(max(told.least, 1), COUNT_MAX),
        face_value_e4=face_e4 if face_e4 and 0 < face_e4 <= COST_MAX_E4 else None,
        unit_cost_e4=None if cost_e4 is None else max(min(cost_e4, 2**62), -(2**62)),
    )


def _differs(known: Offer | None, told: Product, how: Told) -> bool:
    """Whether a row must be written: something differs, or only a whole list would confirm it."""
    if known is None or known.state is OfferState.GONE:
        return True
    if known.state is OfferState.HELD and known.sku_id is not None:
        return True  # it is judged again: the limits may be others by now
    if how in LISTED and (told.unit_cost_e4 is None) == (known.told in LISTED):
        return True  # from here on a whole list confirms its price, or doesn't any more
    cost_e4 = known.held_cost_e4 if known.state is OfferState.HELD else known.unit_cost_e4
    return (
        (told.unit_cost_e4 is not None and told.unit_cost_e4 != cost_e4)
        or (told.title, told.goods, told.currency) != (known.title, known.goods, known.currency)
        or (told.stock, told.in_stock, told.on_sale) != (known.stock, known.in_stock, known.on_sale)
        or (told.face_value_e4, told.least, told.most)
        != (known.face_value_e4, known.least, known.most)
    )


def _after(
    supplier_id: UUID,
    told: Product,
    known: Offer | None,
    skus: Mapping[UUID, SkuWords],
    yardstick: Yardstick,
    *,
    how: Told,
    at: datetime,
) -> Offer:
    """Say what an offer is after this was told."""
    offer = known or _new(supplier_id, told, how=how, at=at)
    offer = replace(
        offer,
        title=told.title,
        goods=told.goods,
        stock=told.stock,
        in_stock=told.in_stock,
        on_sale=told.on_sale,
        face_value_e4=told.face_value_e4,
        least=told.least,
        most=told.most,
        changed_at=at,
    )
    if told.unit_cost_e4 is None:  # nothing is said of the price: what we know of it grows old
        if known is None or offer.told in LISTED:
            offer = replace(offer, told=Told.READ)
        gone = offer.state is OfferState.GONE
        return replace(offer, state=OfferState.LIVE) if gone else offer
    sku = None if offer.sku_id is None else skus.get(offer.sku_id)
    because = judge(told, known, sku, yardstick)
    offer = replace(offer, told=how, seen_at=at)
    if because is None:
        return replace(
            offer,
            state=OfferState.LIVE,
            unit_cost_e4=told.unit_cost_e4,
            currency=told.currency,
            held_because=None,
            held_cost_e4=None,
        )
    refused = offer.held_because == HeldBecause.REFUSED
    if refused and offer.held_cost_e4 == told.unit_cost_e4:
        because = HeldBecause.REFUSED  # that very price is still not believed
    if because is HeldBecause.CURRENCY:  # what it cost in another one says nothing any more
        offer = replace(offer, unit_cost_e4=None, currency=told.currency)
    return replace(
        offer, state=OfferState.HELD, held_because=because, held_cost_e4=told.unit_cost_e4
    )


def _new(supplier_id: UUID, told: Product, *, how: Told, at: datetime) -> Offer:
    return Offer(
        id=new_id(),
        supplier_id=supplier_id,
        ref=told.ref,
        title=told.title,
        goods=told.goods,
        sku_id=None,
        units=1,
        unit_cost_e4=None,
        currency=told.currency,
        stock=told.stock,
        in_stock=told.in_stock,
        on_sale=told.on_sale,
        face_value_e4=told.face_value_e4,
        least=told.least,
        most=told.most,
        state=OfferState.LIVE,
        held_because=None,
        held_cost_e4=None,
        told=how,
        seen_at=at,
        changed_at=at,
        checked_title=None,
        checked_face_e4=None,
    )


def _matters(offer: Offer, known: Offer | None) -> bool:
    """Whether somebody who buys sees a difference, so that it is kept."""
    return known is None or (
        (offer.unit_cost_e4, offer.currency, offer.in_stock, offer.on_sale)
        != (known.unit_cost_e4, known.currency, known.in_stock, known.on_sale)
        or (offer.state, offer.held_because, offer.held_cost_e4)
        != (known.state, known.held_because, known.held_cost_e4)
    )


def _event(offer: Offer, known: Offer | None) -> Event | None:
    """Tell people of what was held, and of what came right again, where it is mapped."""
    if offer.sku_id is None or known is None:
        return None
    facts = {"ref": offer.ref, "supplier_id": str(offer.supplier_id)}
    if offer.state is OfferState.HELD:
        same = (offer.held_because, offer.held_cost_e4) == (known.held_because, known.held_cost_e4)
        if same:
            return None
        return Event("offer.held", offer.id, facts | _held_facts(offer))
    if known.state is OfferState.HELD:
        cost = "" if offer.unit_cost_e4 is None else format_amount(offer.unit_cost_e4)
        return Event("offer.plausible_again", offer.id, facts | {"price": cost})
    return None


def _held_facts(offer: Offer) -> dict[str, str]:
    def written(amount_e4: int | None) -> str:
        return "" if amount_e4 is None else format_amount(amount_e4)

    return {
        "because": str(offer.held_because),
        "price": written(offer.held_cost_e4),
        "before": written(offer.unit_cost_e4),
    }


async def _write(
    tx: Tx,
    tenant_id: int,
    supplier_id: UUID,
    after: Sequence[Offer],
    known: Mapping[str, Offer],
    *,
    at: datetime,
) -> None:
    await _see(
        tx,
        tenant=tenant_id,
        supplier=supplier_id,
        at=at,
        ids=[each.id for each in after],
        known=[each.ref in known for each in after],
        kept=[_matters(each, known.get(each.ref)) for each in after],
        refs=[each.ref for each in after],
        titles=[each.title for each in after],
        goods=[each.goods for each in after],
        costs=[each.unit_cost_e4 for each in after],
        currencies=[each.currency for each in after],
        stocks=[each.stock for each in after],
        in_stock=[each.in_stock for each in after],
        on_sale=[each.on_sale for each in after],
        faces=[each.face_value_e4 for each in after],
        least=[each.least for each in after],
        most=[each.most for each in after],
        states=[each.state for each in after],
        reasons=[each.held_because for each in after],
        held_costs=[each.held_cost_e4 for each in after],
        seen=[each.seen_at for each in after],
        told=[each.told for each in after],
        price_ids=new_ids(len(after)),
    )
