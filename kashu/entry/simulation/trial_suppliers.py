"""Suppliers of a trial: what they sell, how they are connected, and what was bought of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from kashu.access.tenants import Tenant
from kashu.catalog.change_sku import change_sku
from kashu.catalog.kinds import ShortagePolicy
from kashu.catalog.shapes import SkuChanges
from kashu.channels.ask import Outside
from kashu.core.db import Database
from kashu.core.money import format_amount, parse_amount
from kashu.entry.settings import Settings
from kashu.entry.simulation.town import GOODS
from kashu.entry.simulation.wholesale import (
    Ware,
    Wholesale,
    Wholesaler,
    connect_wholesale,
    leave_former,
    leave_wholesale,
)
from kashu.entry.simulation.wholesale_notices import telling
from kashu.entry.suppliers import make_upstreams
from kashu.simulators.suppliers.house import State

ACTOR: Final = "cli"
CARDS: Final = 5_000  # of each, at each supplier
PRICES_EVERY_S: Final = 10
COST_PERCENT: Final = 70  # of what the platforms sell it for, at the dearest

_FACES: Final = {
    "mgtv-month": "22",
    "iqiyi-month": "30",
    "youku-quarter": "78",
    "tencent-video-year": "258",
}
WARES: Final = tuple(
    Ware(
        goods.sku,
        goods.title,
        goods.price_fen * COST_PERCENT,  # of a fen's hundred ten-thousandths
        face_value_e4=parse_amount(_FACES[goods.sku]),
    )
    for goods in GOODS
)


class SupplierDoor(msgspec.Struct, frozen=True):
    """How a supplier is connected. All of it is made up."""

    supplier: str
    name: str
    protocol: str
    base_url: str
    account: str
    key: str
    options: dict[str, str]


class Sold(msgspec.Struct, frozen=True):
    """What one supplier sold, as it sees it. Amounts are yuan."""

    supplier: str
    orders: int
    under_way: int
    kept: str  # charged, and not given back
    balance: str  # of ours, there


def supplier_door(seller: Wholesaler) -> SupplierDoor:
    """Say how to get in."""
    return SupplierDoor(
        seller.code,
        seller.name,
        seller.protocol,
        seller.url,
        seller.account,
        seller.secret,
        dict(seller.options),
    )


def sold_by(seller: Wholesaler) -> Sold:
    """Count a supplier's orders."""
    orders = seller.house.orders
    return Sold(
        seller.code,
        len(orders),
        sum(order.state is State.UNDER_WAY for order in orders),
        format_amount(seller.taken_e4),
        format_amount(seller.house.balance_e4),
    )


@asynccontextmanager
async def dealing(
    database: Database,
    tenant: Tenant,
    settings: Settings,
    outside: Outside,
    wholesale: Wholesale,
    *,
    former: str,
) -> AsyncIterator[None]:
    """Have a merchant buy from the three what it is short of, while the block runs.

    `former`: how the codes of merchants begin whose simulation may have been killed.
    """
    await leave_former(database, former, tenant)
    async with database.transaction(tenant.id) as tx:
        for ware in WARES:
            changes = SkuChanges(shortage_policy=ShortagePolicy.BUY)
            await change_sku(tx, tenant.id, ACTOR, ware.sku, changes)
    try:
        await connect_wholesale(
            database,
            tenant,
            make_upstreams(settings, outside),
            wholesale,
            shared=False,
            prices_every_s=PRICES_EVERY_S,
        )
        async with telling(wholesale, outside.http):
            yield
    finally:
        await leave_wholesale(database, tenant)
