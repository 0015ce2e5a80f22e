"""Asked for: the conditions of a list of orders, as they stand in its address."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from litestar.params import FromQuery, QueryParameter

from kashu.access.caller import Caller
from kashu.catalog.reads import sku_list, skus_by_code
from kashu.channels.reads import stores_by_code
from kashu.core.clock import day_bounds
from kashu.core.db import Tx
from kashu.core.money import parse_amount
from kashu.customers.reads import customers_by_code
from kashu.orders.listed import CameTo, Conditions, Source

_SKUS_MAX = 10_000  # of one brand or product
_Code = Annotated[str | None, QueryParameter(max_length=64)]
_Amount = Annotated[str | None, QueryParameter(max_length=40)]


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What the orders of a list must be, in the words of the address."""

    sku: str | None
    product: str | None
    brand: str | None
    store: str | None
    customer: str | None
    state: CameTo | None
    source: Source | None
    written: str | None
    external_id: str | None
    since: date | None
    until: date | None
    amount_from: str | None
    amount_to: str | None
    cancelled: bool | None
    refunded: bool | None


def read_asked_for(
    *,
    sku: _Code = None,
    product: _Code = None,
    brand: _Code = None,
    store: _Code = None,
    customer: _Code = None,
    order_state: Annotated[CameTo | None, QueryParameter(name="state")] = None,
    source: FromQuery[Source | None] = None,
    written: Annotated[
        str | None,
        QueryParameter(
            name="q",
            max_length=64,
            description="How its number or our id begins, or how its number ends: 4 at least",
        ),
    ] = None,
    external_id: _Code = None,
    since: Annotated[
        date | None, QueryParameter(name="from", description="The first day, of the merchant's")
    ] = None,
    until: Annotated[
        date | None, QueryParameter(name="to", description="The last day, of the merchant's")
    ] = None,
    amount_from: _Amount = None,
    amount_to: _Amount = None,
    cancelled: FromQuery[bool | None] = None,
    refunded: Annotated[
        bool | None, QueryParameter(description="Whether any of it went back")
    ] = None,
) -> AskedFor:
    """Take the conditions from the address."""
    return AskedFor(
        sku,
        product,
        brand,
        store,
        customer,
        order_state,
        source,
        written,
        external_id,
        since,
        until,
        amount_from,
        amount_to,
        cancelled,
        refunded,
    )


async def conditions_of(tx: Tx, caller: Caller, asked: AskedFor) -> Conditions | None:
    """Say what was asked for in ids, moments and amounts; None: nothing can be so.

    A bound key sees its own only. Raises: AmountUnreadable.
    """
    least_e4 = None if asked.amount_from is None else parse_amount(asked.amount_from)
    most_e4 = None if asked.amount_to is None else parse_amount(asked.amount_to)
    store_id, customer_id = caller.store_id, caller.customer_id
    if asked.store is not None:
        stores = await stores_by_code(tx, caller.tenant_id, [asked.store])
        if asked.store not in stores or store_id not in {None, stores[asked.store].id}:
            return None
        store_id = stores[asked.store].id
    if asked.customer is not None:
        known = await customers_by_code(tx, caller.tenant_id, [asked.customer])
        if asked.customer not in known or customer_id not in {None, known[asked.customer].id}:
            return None
        customer_id = known[asked.customer].id
    return Conditions(
        sku_ids=await _skus(tx, caller.tenant_id, asked),
        store_id=store_id,
        customer_id=customer_id,
        came_to=asked.state,
        source=asked.source,
        written=asked.written,
        external_id=asked.external_id,
        since=_begin(asked.since, caller.timezone),
        until=None if asked.until is None else day_bounds(asked.until, caller.timezone)[1],
        least_e4=least_e4,
        most_e4=most_e4,
        cancelled=asked.cancelled,
        gave_back=asked.refunded,
    )


def _begin(day: date | None, timezone: str) -> datetime | None:
    return None if day is None else day_bounds(day, timezone)[0]


async def _skus(tx: Tx, tenant_id: int, asked: AskedFor) -> set[UUID] | None:
    """Say which SKUs are meant; None: any."""
    if asked.sku is None and asked.product is None and asked.brand is None:
        return None
    if asked.product is None and asked.brand is None:
        assert asked.sku is not None, "it is the only one left"
        return {each.id for each in (await skus_by_code(tx, tenant_id, [asked.sku])).values()}
    listed = await sku_list(
        tx, tenant_id, brand=asked.brand, product=asked.product, limit=_SKUS_MAX
    )
    return {each.sku.id for each in listed if asked.sku in {None, each.sku.code}}
