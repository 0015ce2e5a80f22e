"""What a test of buying stands on: suppliers that ask prices for a SKU, money there, a listing."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from kashu.channels.tables import listings, stores
from kashu.core.db import Tx
from kashu.core.ids import new_id
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post
from kashu.purchases.kinds import AttemptState, Cause
from kashu.purchases.numbers import new_number
from kashu.purchases.reads import Purchase, purchase_of
from kashu.purchases.tables import attempts, purchases
from kashu.purchases.want import Wanted, want
from kashu.suppliers.kinds import Goods
from kashu.suppliers.tables import connections, offers, suppliers
from tests.stock.builders import make_sku, make_supplier, make_warehouse

AT = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)
DAY = date(2026, 6, 15)
CLERK = "staff:00000000-0000-0000-0000-00000000000a"
OTHER = "staff:00000000-0000-0000-0000-00000000000b"


@dataclass(frozen=True, slots=True)
class Ground:
    """A SKU and where its cards go."""

    sku_id: UUID
    warehouse_id: UUID


async def make_ground(tx: Tx, tenant_id: int, code: str = "mgtv-month") -> Ground:
    return Ground(await make_sku(tx, tenant_id, code), await make_warehouse(tx, tenant_id))


async def make_offer(
    tx: Tx,
    tenant_id: int,
    sku_id: UUID,
    supplier: str,
    cost_e4: int,
    *,
    deposit_e4: int = 10**10,
    at: datetime = AT,
    **columns: Any,  # noqa: ANN401 (columns of an offer)
) -> UUID:
    """A supplier that is connected, has our money, and asks so much. Returns its id."""
    supplier_id = await make_supplier(tx, tenant_id, supplier)
    linked = select(connections.c.supplier_id).where(
        connections.c.tenant_id == tenant_id, connections.c.supplier_id == supplier_id
    )
    if (await tx.execute(linked)).first() is None:
        await tx.execute(
            insert(connections).values(
                tenant_id=tenant_id,
                supplier_id=supplier_id,
                protocol="none",
                account="we",
                sealed_secret=b"",
                notice_token=supplier,
            )
        )
        if deposit_e4:
            await deposit(tx, tenant_id, supplier_id, deposit_e4)
    values: dict[str, Any] = {
        "ref": f"{supplier}-{sku_id}",
        "title": "芒果TV 月卡",
        "goods": Goods.CARD,
        "unit_cost_e4": cost_e4,
        "seen_at": at,
        **columns,
    }
    await tx.execute(
        insert(offers).values(
            tenant_id=tenant_id, id=new_id(), supplier_id=supplier_id, sku_id=sku_id, **values
        )
    )
    return supplier_id


async def deposit(
    tx: Tx, tenant_id: int, supplier_id: UUID, amount_e4: int, currency: str = "CNY"
) -> None:
    """Money that we sent to a supplier."""
    await post(
        tx,
        tenant_id,
        [
            Transfer(
                Account(AccountKind.PREPAID, supplier_id),
                Account(AccountKind.CASH),
                amount_e4,
                0,
                "deposit",
                supplier_id,
                supplier_id=supplier_id,
            )
        ],
        posted_on=DAY,
        currency=currency,
    )


async def ask_price(tx: Tx, tenant_id: int, supplier_id: UUID, cost_e4: int) -> None:
    """A supplier asks another price from now on."""
    await tx.execute(
        update(offers)
        .where(offers.c.tenant_id == tenant_id, offers.c.supplier_id == supplier_id)
        .values(unit_cost_e4=cost_e4)
    )


async def limit(tx: Tx, tenant_id: int, supplier_id: UUID, **columns: Any) -> None:  # noqa: ANN401
    """Set what a supplier's row says."""
    await tx.execute(
        update(suppliers)
        .where(suppliers.c.tenant_id == tenant_id, suppliers.c.id == supplier_id)
        .values(**columns)
    )


async def make_listing(
    tx: Tx, tenant_id: int, sku_id: UUID, price_e4: int, *, store: str = "mango", units: int = 1
) -> UUID:
    """A store that sells the SKU. Returns the store."""
    store_id = new_id()
    await tx.execute(
        insert(stores).values(
            tenant_id=tenant_id, id=store_id, code=store, name=store, channel="taobao"
        )
    )
    await tx.execute(
        insert(listings).values(
            tenant_id=tenant_id,
            id=new_id(),
            store_id=store_id,
            item_id="1",
            variant_id="",
            price_e4=price_e4,
            sku_id=sku_id,
            units=units,
        )
    )
    return store_id


async def wanted(
    tx: Tx,
    tenant_id: int,
    ground: Ground,
    quantity: int = 1,
    *,
    actor: str = "system",
    at: datetime = AT,
    **more: Any,  # noqa: ANN401 (fields of Wanted)
) -> Purchase:
    """Want some, by itself unless said otherwise, and read it back."""
    values: dict[str, Any] = {
        "sku_id": ground.sku_id,
        "goods": Goods.CARD,
        "quantity": quantity,
        "warehouse_id": ground.warehouse_id,
        "cause": Cause.SHORT,
        **more,
    }
    purchase_id = await want(tx, tenant_id, actor, Wanted(**values), at=at)
    return await purchase_of(tx, tenant_id, purchase_id)


async def attempted(
    tx: Tx,
    tenant_id: int,
    purchase: Purchase,
    supplier_id: UUID,
    state: AttemptState = AttemptState.SUCCEEDED,
    *,
    said: str = "",
    at: datetime = AT,
    unit_cost_e4: int = 100_000,
    choice: dict[str, Any] | None = None,
) -> UUID:
    """An order at a supplier that ended so."""
    found = await tx.execute(
        select(offers.c.id)
        .where(offers.c.tenant_id == tenant_id, offers.c.supplier_id == supplier_id)
        .limit(1)
    )
    attempt_id = new_id()
    live = state in {AttemptState.SENDING, AttemptState.UNCLEAR, AttemptState.PROCESSING}
    await tx.execute(
        insert(attempts).values(
            tenant_id=tenant_id,
            id=attempt_id,
            purchase_id=purchase.id,
            supplier_id=supplier_id,
            offer_id=found.scalar_one(),
            number=new_number(),
            ref="x",
            quantity=purchase.quantity,
            units=1,
            unit_cost_e4=unit_cost_e4,
            total_e4=unit_cost_e4 * purchase.quantity,
            currency="CNY",
            account_kind="prepaid",
            choice=choice or {},
            state=state,
            said=said,
            made_at=at,
            next_at=at,
            ended_at=None if live else at,
        )
    )
    return attempt_id


async def moved_to(tx: Tx, tenant_id: int, purchase: Purchase, **columns: Any) -> Purchase:  # noqa: ANN401
    """Set what a purchase's row says."""
    await tx.execute(
        update(purchases)
        .where(purchases.c.tenant_id == tenant_id, purchases.c.id == purchase.id)
        .values(**columns)
    )
    return await purchase_of(tx, tenant_id, purchase.id)


def later(**by: float) -> datetime:
    """AT, moved on."""
    return AT + timedelta(**by)
