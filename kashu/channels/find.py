"""Find stores, and orders of platforms by their number or their buyer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, literal_column, or_, select, true

from kashu.channels.kinds import Step
from kashu.channels.reads import Store, stores_by_id
from kashu.channels.tables import shop_orders, stores
from kashu.core.db import Tx
from kashu.core.prefixes import END_MIN, begins_with, contains, ends_with

TAIL: Final = 4  # characters of a buyer's number that people know
BUYER_MIN: Final = 4  # what begins so is looked for
_LOOKED_AT: Final = 1_000  # of those that end alike, for the latest of them


@dataclass(frozen=True, slots=True)
class FoundShopOrder:
    """An order of a platform, as a list of what was found tells it."""

    id: UUID
    store_id: UUID
    number: str
    step: Step
    order_id: UUID | None
    paid_e4: int
    buyer: str
    first_seen_at: datetime


async def find_stores(tx: Tx, tenant_id: int, written: str, *, limit: int) -> list[Store]:
    """Find stores that have this in their code or name."""
    asked = select(stores.c.id).where(stores.c.tenant_id == tenant_id)
    asked = asked.where(or_(contains(stores.c.code, written), contains(stores.c.name, written)))
    ids = (await tx.execute(asked.order_by(stores.c.code).limit(limit))).scalars().all()
    found = await stores_by_id(tx, tenant_id, ids)
    return [found[id_] for id_ in ids]


async def find_shop_orders(
    tx: Tx, tenant_id: int, written: str, *, store_id: UUID | None = None, limit: int
) -> list[FoundShopOrder]:
    """Find orders of platforms whose number begins so, in each store by its index."""
    known = select(stores.c.id).where(stores.c.tenant_id == tenant_id)
    if store_id is not None:
        known = known.where(stores.c.id == store_id)
    of = known.subquery("of")
    each = (
        _found(tenant_id)
        .where(shop_orders.c.store_id == of.c.id, begins_with(shop_orders.c.number, written))
        .order_by(shop_orders.c.number)
        .limit(limit)
        .lateral("each")
    )
    rows = await tx.execute(
        select(each).select_from(of).join(each, true()).order_by(each.c.number).limit(limit)
    )
    return [_row(row) for row in rows]


async def find_by_end(
    tx: Tx, tenant_id: int, written: str, *, store_id: UUID | None = None, limit: int
) -> list[FoundShopOrder]:
    """Find those that aren't orders of ours and whose number ends so, the latest first.

    None where fewer than four characters are said.
    """
    if len(written) < END_MIN:
        return []
    asked = _found(tenant_id).where(
        shop_orders.c.order_id.is_(None),
        ends_with(shop_orders.c.number, shop_orders.c.number_end, written),
    )
    if store_id is not None:
        asked = asked.where(shop_orders.c.store_id == store_id)
    alike = asked.limit(_LOOKED_AT).subquery()
    latest = (alike.c.first_seen_at.desc(), alike.c.id)
    rows = await tx.execute(select(alike).order_by(*latest).limit(limit))
    return [_row(row) for row in rows]


async def find_by_buyer(
    tx: Tx, tenant_id: int, written: str, *, store_id: UUID | None = None, limit: int
) -> list[FoundShopOrder]:
    """Find orders whose buyer's reference begins so, or ends so where it is four characters."""
    has_buyer = shop_orders.c.buyer != literal_column("''")
    if len(written) == TAIL:
        is_so = shop_orders.c.buyer_tail == written
    elif len(written) > BUYER_MIN:
        is_so = begins_with(shop_orders.c.buyer, written)
    else:
        return []
    asked = _found(tenant_id).where(has_buyer, is_so)
    if store_id is not None:
        asked = asked.where(shop_orders.c.store_id == store_id)
    return [_row(row) for row in await tx.execute(asked.limit(limit))]


def _found(tenant_id: int) -> Select[Any]:
    names = FoundShopOrder.__dataclass_fields__
    return select(*(shop_orders.c[name] for name in names)).where(
        shop_orders.c.tenant_id == tenant_id
    )


def _row(row: Any) -> FoundShopOrder:  # noqa: ANN401  (a row of SQLAlchemy's)
    values = row._asdict()
    return FoundShopOrder(**{**values, "step": Step(values["step"])})
