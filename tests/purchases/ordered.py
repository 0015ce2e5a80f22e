"""Orders at a supplier as they stand in a test's database, put there as they are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from kashu.core.db import Tx
from kashu.core.ids import new_id
from tests.stock.builders import make_sku, make_warehouse


@dataclass(frozen=True, slots=True)
class Ordered:
    """One attempt. It ends three seconds after it was made, unless told otherwise."""

    number: str
    made_at: datetime
    total_e4: int
    state: str = "succeeded"
    took: timedelta | None = timedelta(seconds=3)  # None: it hasn't ended
    their_number: str | None = None
    quantity: int = 1
    charged_e4: int | None = None
    refunded_e4: int = 0


async def make_offer(tx: Tx, tenant_id: int, supplier_id: UUID) -> tuple[UUID, UUID, UUID]:
    """Make a SKU, a warehouse and an offer; returns their ids."""
    sku_id = await make_sku(tx, tenant_id)
    warehouse_id = await make_warehouse(tx, tenant_id)
    offer_id = new_id()
    await tx.execute(
        text(
            "INSERT INTO suppliers.offers"
            " (tenant_id, id, supplier_id, ref, title, goods, sku_id, unit_cost_e4)"
            " VALUES (:tenant, :id, :supplier, 'r1', '月卡', 'card', :sku, 100000)"
        ),
        {"tenant": tenant_id, "id": offer_id, "supplier": supplier_id, "sku": sku_id},
    )
    return sku_id, warehouse_id, offer_id


async def put_orders(
    tx: Tx,
    tenant_id: int,
    supplier_id: UUID,
    orders: list[Ordered],
    *,
    of: tuple[UUID, UUID, UUID] | None = None,
) -> dict[str, UUID]:
    """Put orders there, each with a purchase of its own; returns their ids by number.

    `of`: a SKU, a warehouse and an offer that are there.
    """
    made = of or await make_offer(tx, tenant_id, supplier_id)
    sku_id, warehouse_id, offer_id = made
    ids = {order.number: new_id() for order in orders}
    purchases = [
        {
            "tenant": tenant_id,
            "id": ids[order.number],
            "sku": sku_id,
            "warehouse": warehouse_id,
            "quantity": order.quantity,
        }
        for order in orders
    ]
    await tx.execute(
        text(
            "INSERT INTO purchases.purchases (tenant_id, id, sku_id, goods, quantity,"
            " received_count, warehouse_id, cause, state, actor) VALUES (:tenant, :id, :sku,"
            " 'card', :quantity, :quantity, :warehouse, 'hand', 'done', 'cli')"
        ),
        purchases,
    )
    await tx.execute(
        text(
            "INSERT INTO purchases.attempts (tenant_id, id, purchase_id, supplier_id, offer_id,"
            " number, their_number, ref, quantity, units, unit_cost_e4, total_e4, currency,"
            " account_kind, choice, state, made_at, answered_at, ended_at, next_at, charged_e4,"
            " refunded_e4, received_count) VALUES (:tenant, :id, :id, :supplier, :offer, :number,"
            " :theirs, 'r1', :quantity, 1, :total, :total, 'CNY', 'prepaid', '{}', :state, :made,"
            " :ended, :ended, :made, :charged, :refunded, :received)"
        ),
        [
            {
                "tenant": tenant_id,
                "id": ids[order.number],
                "supplier": supplier_id,
                "offer": offer_id,
                "number": order.number,
                "theirs": order.their_number,
                "quantity": order.quantity,
                "total": order.total_e4,
                "state": order.state,
                "made": order.made_at,
                "ended": None if order.took is None else order.made_at + order.took,
                "charged": order.charged_e4,
                "refunded": order.refunded_e4,
                "received": order.quantity if order.state == "succeeded" else 0,
            }
            for order in orders
        ],
    )
    return ids
