"""Offers: what suppliers ask for their products, as we know it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, any_, case, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from kashu.core.db import Tx, on_violation
from kashu.suppliers.errors import UnknownOffer, UnknownOfferSku
from kashu.suppliers.kinds import Goods, OfferState, Told
from kashu.suppliers.tables import connections, offers, prices

on_violation("offer_knows_its_sku", UnknownOfferSku)

# More for one of anything isn't believed, whatever the currency: a million yuan.
COST_MAX_E4: Final = 10**10
UNITS_MAX: Final = 100_000  # of ours that one of theirs may be
LISTED: Final = (Told.POLLED, Told.PUSHED)  # a whole list that is read later confirms these
FILED: Final = (Told.FILE, Told.HAND)  # nobody tells these again by themselves


class HeldBecause(StrEnum):
    """Why an offer's price isn't taken."""

    ZERO = "zero"
    NEGATIVE = "negative"
    OFF_SCALE = "off_scale"  # a hundred times as much or as little, or beyond all sense
    RISE = "rise"  # above the merchant's limit
    DROP = "drop"
    CURRENCY = "currency"  # another one than before
    FACE_VALUE = "face_value"  # another one than its SKU's
    BRAND = "brand"  # its title names another one than its SKU's
    PERIOD = "period"
    HAND = "hand"  # a person said so
    REFUSED = "refused"  # a person didn't believe this price


@dataclass(frozen=True, slots=True)
class Offer:
    """What a supplier asks for one of its products."""

    id: UUID
    supplier_id: UUID
    ref: str
    title: str
    goods: Goods
    sku_id: UUID | None  # None: mapped by nobody, so that it isn't bought
    units: int
    unit_cost_e4: int | None
    currency: str
    stock: int | None
    in_stock: bool
    on_sale: bool
    face_value_e4: int | None
    least: int
    most: int | None
    state: OfferState
    held_because: str | None  # a HeldBecause
    held_cost_e4: int | None
    told: Told
    seen_at: datetime
    changed_at: datetime
    checked_title: str | None
    checked_face_e4: int | None


@dataclass(frozen=True, slots=True)
class Price:
    """What an offer was at a time. `held_because`: it wasn't taken."""

    id: UUID
    at: datetime
    unit_cost_e4: int | None
    stock: int | None
    in_stock: bool
    on_sale: bool
    told: Told
    held_because: str | None


_OFFER: Final = tuple(offers.c[name] for name in Offer.__dataclass_fields__)
_PRICE: Final = tuple(prices.c[name] for name in Price.__dataclass_fields__)


async def offer_by_id(tx: Tx, tenant_id: int, offer_id: UUID, *, kept: bool = False) -> Offer:
    """Read one offer. `kept`: locked, so that nobody changes it meanwhile. Raises: UnknownOffer."""
    wanted = _all(tenant_id).where(offers.c.id == offer_id)
    found = await tx.execute(wanted.with_for_update() if kept else wanted)
    row = found.one_or_none()
    if row is None:
        raise UnknownOffer
    return _offer(row)


async def offers_by_id(tx: Tx, tenant_id: int, offer_ids: Collection[UUID]) -> dict[UUID, Offer]:
    """Read some offers; those that aren't this merchant's are left out."""
    found = await tx.execute(_all(tenant_id).where(offers.c.id.in_(set(offer_ids))))
    return {row.id: _offer(row) for row in found}


async def offers_by_ref(
    tx: Tx, tenant_id: int, supplier_id: UUID, refs: Collection[str], *, kept: bool = False
) -> dict[str, Offer]:
    """Read some of a supplier's offers; those we don't know are left out.

    `kept`: locked in the order of their refs, as everybody locks a supplier's offers.
    """
    wanted = _all(tenant_id).where(
        offers.c.supplier_id == supplier_id,
        offers.c.ref == any_(literal(list(refs), ARRAY(Text()))),
    )
    if kept:
        wanted = wanted.order_by(offers.c.ref).with_for_update()
    return {row.ref: _offer(row) for row in await tx.execute(wanted)}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Conditions on offers; each narrows the list. `text`: in the title or ref.

    `stale_at`: only those whose price is too old then to be bought at, by `stale_s` and, for price
    files, `file_stale_s`.
    """

    supplier_id: UUID | None = None
    sku_id: UUID | None = None
    state: OfferState | None = None
    mapped: bool | None = None
    text: str = ""
    stale_at: datetime | None = None
    stale_s: int = 0
    file_stale_s: int = 0


async def offer_page(
    tx: Tx, tenant_id: int, narrowed: Narrowed, *, after: UUID | None = None, limit: int = 100
) -> list[Offer]:
    """Read up to `limit` offers in order of id, from the one after `after` on."""
    wanted = _all(tenant_id).where(*_conditions(tenant_id, narrowed))
    if after is not None:
        wanted = wanted.where(offers.c.id > after)
    return [_offer(row) for row in await tx.execute(wanted.order_by(offers.c.id).limit(limit))]


async def offer_count(tx: Tx, tenant_id: int, narrowed: Narrowed, *, most: int) -> int:
    """Count offers, no further than `most`."""
    counted = (
        select(offers.c.id)
        .where(offers.c.tenant_id == tenant_id, *_conditions(tenant_id, narrowed))
        .limit(most)
        .subquery()
    )
    return int((await tx.execute(select(func.count()).select_from(counted))).scalar_one())


async def offer_list(
    tx: Tx,
    tenant_id: int,
    *,
    supplier_id: UUID | None = None,
    mapped: bool | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[Offer]:
    """Read up to `limit` offers in order of id, of a supplier, mapped or not."""
    narrowed = Narrowed(supplier_id=supplier_id, mapped=mapped)
    return await offer_page(tx, tenant_id, narrowed, after=after, limit=limit)


async def price_history(
    tx: Tx, tenant_id: int, offer_id: UUID, *, before: datetime | None = None, limit: int = 100
) -> Sequence[Price]:
    """Read what an offer was, the latest first; only what was before `before`."""
    wanted = select(*_PRICE).where(prices.c.tenant_id == tenant_id, prices.c.offer_id == offer_id)
    if before is not None:
        wanted = wanted.where(prices.c.at < before)
    wanted = wanted.order_by(prices.c.at.desc(), prices.c.id.desc()).limit(limit)
    return [_price(row) for row in await tx.execute(wanted)]


def _conditions(tenant_id: int, narrowed: Narrowed) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if narrowed.supplier_id is not None:
        found.append(offers.c.supplier_id == narrowed.supplier_id)
    if narrowed.sku_id is not None:
        found.append(offers.c.sku_id == narrowed.sku_id)
    if narrowed.state is not None:
        found.append(offers.c.state == narrowed.state)
    if narrowed.mapped is not None:
        is_mapped = offers.c.sku_id.is_not(None)
        found.append(is_mapped if narrowed.mapped else ~is_mapped)
    if narrowed.text:
        found.append(
            offers.c.title.icontains(narrowed.text, autoescape=True)
            | offers.c.ref.icontains(narrowed.text, autoescape=True)
        )
    if narrowed.stale_at is not None:
        found.append(_is_stale(tenant_id, narrowed, narrowed.stale_at))
    return found


def _is_stale(tenant_id: int, narrowed: Narrowed, at: datetime) -> ColumnElement[bool]:
    """As compare.sql reckons it: a whole list that was read later tells all that is in it, too."""
    listed = (
        select(connections.c.prices_ok_at)
        .where(connections.c.tenant_id == tenant_id)
        .where(connections.c.supplier_id == offers.c.supplier_id)
        .scalar_subquery()
    )
    of_list = offers.c.told.in_(LISTED) & (offers.c.state != OfferState.GONE)
    told_at = case((of_list, func.greatest(offers.c.seen_at, listed)), else_=offers.c.seen_at)
    oldest = case(
        (offers.c.told.in_(FILED), at - timedelta(seconds=narrowed.file_stale_s)),
        else_=at - timedelta(seconds=narrowed.stale_s),
    )
    return told_at < oldest


def _all(tenant_id: int) -> Select[Any]:
    return select(*_OFFER).where(offers.c.tenant_id == tenant_id)


def _offer(row: Any) -> Offer:  # noqa: ANN401 (a row of SQLAlchemy's)
    values = row._asdict()
    return Offer(
        **values
        | {
            "goods": Goods(row.goods),
            "state": OfferState(row.state),
            "told": Told(row.told),
        }
    )


def _price(row: Any) -> Price:  # noqa: ANN401 (a row of SQLAlchemy's)
    return Price(**row._asdict() | {"told": Told(row.told)})
