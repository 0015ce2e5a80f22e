"""What a test of orders stands on: a shop with a store, a SKU and cards."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID

from sqlalchemy import insert

from kashu.access.keyring import Keyrings
from kashu.catalog.kinds import ShortagePolicy
from kashu.channels.tables import stores
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.orders.bodies import LineBody, OrderBody, OrdersBody
from kashu.orders.order import NewLine, NewOrder
from kashu.orders.write import Submission
from tests.stock.builders import TODAY, make_sku, make_supplier, put_cards

PAID_AT = datetime(2026, 6, 15, 4, tzinfo=UTC)
_serial = count(1)


@dataclass(frozen=True, slots=True)
class Shop:
    """A tenant with a store and one SKU of some cards."""

    tenant_id: int
    store_id: UUID
    sku_id: UUID
    sku_code: str = "mgtv-month"
    today: date = field(default=TODAY)


async def make_shop(
    tx: Tx,
    tenant_id: int,
    keyrings: Keyrings,
    cards: int,
    *,
    shortage_policy: str = "wait",
    returnable: bool = True,
) -> Shop:
    """A shop that is ready to sell."""
    store_id = new_id()
    await tx.execute(
        insert(stores).values(
            tenant_id=tenant_id, id=store_id, code="direct", name="直销", channel="direct"
        )
    )
    sku_id = await make_sku(tx, tenant_id, shortage_policy=shortage_policy, returnable=returnable)
    await make_supplier(tx, tenant_id)
    if cards:
        await put_cards(tx, tenant_id, cards, sku_id=sku_id, keyrings=keyrings)
    return Shop(tenant_id, store_id, sku_id)


def order_of(
    shop: Shop,
    quantity: int = 1,
    *,
    price_e4: int = 198_000,
    external_id: str | None = None,
    partial_allowed: bool = False,
    shortage_policy: ShortagePolicy = ShortagePolicy.WAIT,
) -> NewOrder:
    """An order of one line."""
    return NewOrder(
        new_id(),
        f"store:{shop.store_id}",
        external_id or f"T{next(_serial)}",
        shop.store_id,
        None,
        PAID_AT,
        (NewLine(new_id(), shop.sku_id, quantity, price_e4, partial_allowed, shortage_policy),),
        "test",
    )


def submission(
    external_id: str,
    quantity: int = 1,
    *,
    key: str | None = None,
    deliver: str = "answer",
    sku: str = "mgtv-month",
    price: str = "19.80",
) -> Submission:
    """What an API call for one order becomes."""
    body = OrdersBody(
        (OrderBody(external_id, (LineBody(sku, quantity, price),)),),
        deliver,  # type: ignore[arg-type]
    )
    content = repr((external_id, quantity, sku, price, deliver)).encode()
    return Submission("key:test", key or f"k-{external_id}", hashlib.sha256(content).digest(), body)
