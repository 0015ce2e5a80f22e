"""One of everything that waits for a person, and how each is solved."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from kashu.channels.matters import SETTLES_IN
from kashu.channels.missed import acknowledge_missed
from kashu.channels.unmapped import wake_unmapped
from kashu.core.clock import now
from kashu.core.ids import new_id
from kashu.core.matters import Matter
from kashu.delivery.by_hand import try_again
from kashu.delivery.release import release_orders
from kashu.orders.decide import refuse_held
from kashu.orders.fulfil import fulfil
from kashu.orders.refund import CANCEL, NewRefund, refund
from kashu.orders.refund_by_hand import dismiss_refund
from tests.desk.floor import ANN, BEN, Floor, Make, Solve
from tests.desk.supply import (
    attempt,
    broken,
    finding,
    locked_out,
    movement,
    offer_held,
    price_moved,
    purchase,
    resolution,
    stock_alert,
    supplier_alert,
    to_approve,
    unexplained,
)
from tests.orders.builders import order_of
from tests.stock.builders import TODAY

_HOLD: Final = (
    "INSERT INTO orders.held (tenant_id, id, kind, asked_by, request_key, request_hash, order_id,"
    " orders_count, units, amount_e4, said, wanted) VALUES"
)


async def put_shop_order(
    floor: Floor,
    step: str,
    said: str = "",
    *,
    order_id: UUID | None = None,
    ship_by: Any = None,  # noqa: ANN401  (a moment or none)
    attempts: int = 0,
    doubt: bool = False,
    number: str = "",
    paid: timedelta = timedelta(),
    looked_at: timedelta = timedelta(),
) -> UUID:
    """An order of the platform's, as it stands. `paid`, to be `looked_at`: so long ago."""
    id_ = new_id()
    taken = step in {"taken", "sent", "confirmed"}
    await floor.run(
        "INSERT INTO channels.shop_orders (tenant_id, id, store_id, number, step, shop_state,"
        " changed_at, paid_at, ship_by, paid_e4, lines, complete, order_id, said, attempts, doubt,"
        " next_at) VALUES (:tenant, :id, :store, :number, :step, 'paid', now(), :paid, :ship,"
        " 198000, CAST(:lines AS jsonb), true, :order, :said, :attempts, :doubt, :next)",
        id=id_,
        paid=now() - paid,
        next=now() - looked_at,
        store=floor.store_id,
        number=number or f"T{id_.hex[-8:]}",
        step=step,
        ship=ship_by,
        lines=msgspec.json.encode(
            [
                {
                    "line_id": "1",
                    "item_id": "I1",
                    "sku_id": "",
                    "quantity": 1,
                    "paid_e4": 198000,
                    "title": "芒果TV月卡",
                }
            ]
        ).decode(),
        order=order_id or (new_id() if taken else None),
        said=said,
        attempts=attempts,
        doubt=doubt,
    )
    return id_


def shop_order(
    step: str,
    said: str = "",
    *,
    late: timedelta | None = None,
    **more: Any,  # noqa: ANN401  (of put_shop_order)
) -> Make:
    """An order of a platform that its module leaves, confirmed, when it is solved.

    `late`: so long ago it was due, when it is made.
    """

    async def make(floor: Floor) -> tuple[UUID, Solve]:
        ship_by = None if late is None else now() - late
        id_ = await put_shop_order(floor, step, said, ship_by=ship_by, **more)

        async def solve() -> None:
            await floor.run(
                "UPDATE channels.shop_orders SET step = 'confirmed', said = '', doubt = false,"
                " order_id = coalesce(order_id, :order) WHERE tenant_id = :tenant AND id = :id",
                id=id_,
                order=new_id(),
            )

        return id_, solve

    return make


async def short_line(floor: Floor) -> tuple[UUID, Solve]:
    order = order_of(floor.shop, 2, external_id="S1")
    await fulfil(floor.tx, floor.tenant_id, [order], TODAY)
    back = NewRefund(order.source, "S1:back", "S1", CANCEL)

    async def solve() -> None:
        await refund(floor.tx, floor.tenant_id, ANN, back, TODAY)

    return order.lines[0].id, solve


async def orders_to_approve(floor: Floor) -> tuple[UUID, Solve]:
    id_ = new_id()
    await floor.run(
        f"{_HOLD} (:tenant, :id, 'orders', '{ANN}', :key, 'x', NULL, 1, 5, 1000000, 'above_both',"
        " '[]')",
        id=id_,
        key=str(id_),
    )
    return id_, lambda: refuse_held(floor.tx, floor.tenant_id, BEN, id_, because="a typo")


async def refund_to_approve(floor: Floor) -> tuple[UUID, Solve]:
    id_, order = new_id(), order_of(floor.shop, 1, external_id=f"B{new_id().hex[-8:]}")
    await fulfil(floor.tx, floor.tenant_id, [order], TODAY)
    await floor.run(
        "UPDATE orders.lines SET state = 'filled', waiting_count = 0,"
        " refused_count = quantity, unearned_e4 = 0, refunded_e4 = price_e4"
        " WHERE tenant_id = :tenant AND order_id = :order",
        order=order.id,
    )
    await floor.run(
        f"{_HOLD} (:tenant, :id, 'refund', '{ANN}', 'R1', 'x', :order, 1, 1, 198000,"
        """ 'above_amount', '{"lines": []}')""",
        id=id_,
        order=order.id,
    )
    return id_, lambda: refuse_held(floor.tx, floor.tenant_id, BEN, id_, because="no reason")


async def topup_failed(floor: Floor) -> tuple[UUID, Solve]:
    line_id, solve = await short_line(floor)
    await floor.run(
        "INSERT INTO orders.buying (tenant_id, line_id, sku_id, goods, state, said,"
        " sealed_account, key_version, masked_account) VALUES (:tenant, :line, :sku, 'topup',"
        " 'due', 'supplier_account_refused', 'x', 1, '138****0000')",
        line=line_id,
        sku=floor.shop.sku_id,
    )
    return line_id, solve


async def unmapped(floor: Floor) -> tuple[UUID, Solve]:
    id_ = await put_shop_order(floor, "unmapped", "listing_not_mapped")
    return id_, lambda: wake_unmapped(floor.tx, floor.tenant_id, floor.store_id)


async def to_be_released(floor: Floor) -> tuple[UUID, Solve]:
    id_ = await put_shop_order(floor, "held", "to_be_released")
    return id_, lambda: release_orders(floor.tx, floor.tenant_id, ANN, [id_])


async def paid_before(floor: Floor) -> tuple[UUID, Solve]:
    id_ = await put_shop_order(floor, "held", "paid_before")
    return id_, lambda: release_orders(floor.tx, floor.tenant_id, ANN, [id_], take_over=True)


async def in_trouble(floor: Floor) -> tuple[UUID, Solve]:
    id_ = await put_shop_order(floor, "trouble", "order_changed", order_id=new_id())
    return id_, lambda: try_again(floor.tx, floor.tenant_id, ANN, id_)


async def shop_refund(floor: Floor) -> tuple[UUID, Solve]:
    await put_shop_order(floor, "confirmed", number="T9")
    id_ = new_id()
    await floor.run(
        "INSERT INTO channels.shop_refunds (tenant_id, id, store_id, number, order_number, line,"
        " step, shop_state, amount_e4, changed_at, said) VALUES (:tenant, :id, :store, 'R9', 'T9',"
        " '1', 'trouble', 'done', 10000, now(), 'refund_line_unknown')",
        id=id_,
        store=floor.store_id,
    )
    return id_, lambda: dismiss_refund(floor.tx, floor.tenant_id, ANN, id_, "nothing went back")


def connection(change: str, back: str) -> Make:
    async def make(floor: Floor) -> tuple[UUID, Solve]:
        where = " WHERE tenant_id = :tenant AND store_id = :store"
        update = "UPDATE channels.connections SET "
        await floor.run(update + change + where, store=floor.store_id)
        return floor.store_id, lambda: floor.run(update + back + where, store=floor.store_id)

    return make


async def history_missed(floor: Floor) -> tuple[UUID, Solve]:
    await floor.run(
        "UPDATE channels.connections SET missed_from = now() - interval '3 days',"
        " missed_until = now() - interval '1 day' WHERE tenant_id = :tenant AND store_id = :store",
        store=floor.store_id,
    )
    return floor.store_id, lambda: acknowledge_missed(
        floor.tx, floor.tenant_id, ANN, floor.store_id
    )


CASES: Final[dict[Matter, Make]] = {
    Matter.ORDERS_TO_APPROVE: orders_to_approve,
    Matter.REFUND_TO_APPROVE: refund_to_approve,
    Matter.SHORT_LINE: short_line,
    Matter.TOPUP_FAILED: topup_failed,
    Matter.LISTING_UNMAPPED: unmapped,
    Matter.ACCOUNT_UNREAD: shop_order("trouble", "account_ambiguous"),
    Matter.TO_BE_TOPPED_UP: shop_order("trouble", "to_be_topped_up"),
    Matter.TO_BE_HANDED_OVER: shop_order("taken", "to_be_handed_over", attempts=2),
    Matter.TO_BE_RELEASED: to_be_released,
    Matter.PAID_BEFORE: paid_before,
    Matter.ORDER_HELD: shop_order("held", "refund_asked", paid=SETTLES_IN),
    Matter.ORDER_IN_TROUBLE: in_trouble,
    Matter.DELIVERY_UNCLEAR: shop_order("taken", "channel_unclear", doubt=True, attempts=5),
    Matter.CONFIRMATION_FAILING: shop_order("sent", "channel_down", attempts=5),
    Matter.ORDER_OVERDUE: shop_order("due", late=SETTLES_IN, looked_at=2 * SETTLES_IN),
    Matter.SHOP_REFUND_IN_TROUBLE: shop_refund,
    Matter.GRANT_LOST: connection("grant_state = 'lost'", "grant_state = 'granted'"),
    Matter.STORE_UNREACHABLE: connection("failures = 7", "failures = 0"),
    Matter.HISTORY_MISSED: history_missed,
    Matter.PURCHASE_TO_APPROVE: to_approve,
    Matter.PURCHASE_DRAFT: purchase("draft"),
    Matter.PURCHASE_HELD: purchase("held"),
    Matter.PURCHASE_OVERDUE: purchase("wanted", late=True),
    Matter.MONEY_IN_DOUBT: attempt("unclear"),
    Matter.PURCHASE_TO_DECIDE: attempt("manual"),
    Matter.STATEMENT_FINDING: finding,
    Matter.RESOLUTION_TO_APPROVE: resolution,
    Matter.MOVEMENT_TO_APPROVE: movement("asked"),
    Matter.MOVEMENT_TO_FINISH: movement("approved"),
    Matter.OFFER_HELD: offer_held,
    Matter.PRICE_MOVED: price_moved,
    Matter.SUPPLIER_LOCKED_OUT: locked_out,
    Matter.SUPPLIER_ALERT: supplier_alert,
    Matter.STOCK_LOW: stock_alert("low"),
    Matter.STOCK_EXPIRING: stock_alert("expiring"),
    Matter.INVARIANT_BROKEN: broken,
    Matter.PILOT_UNEXPLAINED: unexplained,
}
