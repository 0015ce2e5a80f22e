"""Matters of orders: lines that wait, top-ups that brought nothing, what is to be approved."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
)

from kashu.channels.matters import OVERDUE_SOON, promised_times
from kashu.core.matters import Matter, facts, matters
from kashu.orders.tables import (
    BuyingState,
    HeldKind,
    HeldState,
    LineState,
    buying,
    held,
    lines,
    orders,
)
from kashu.purchases.kinds import PurchaseState
from kashu.purchases.matters import purchase_states
from kashu.suppliers.kinds import Goods

# A top-up's purchase that is over without the account being topped up.
_OVER: Final = [each.value for each in (PurchaseState.ENDED, PurchaseState.CANCELLED)]
# A purchase that goes on by itself. Done: its cards are on their way from the stock to the line.
_GOES_ON: Final = [
    each.value for each in (PurchaseState.WANTED, PurchaseState.PLACED, PurchaseState.DONE)
]
BUYING_TAKES: Final = timedelta(minutes=1)  # most are bought in seconds: those are no exceptions


def line_matters(tenant_id: int, at: datetime) -> Select[Any]:
    """Lines that are short of cards, and those whose top-up isn't under way. By `lines_short`.

    What is bought as it should be is nobody's matter before it took BUYING_TAKES, or its platform
    is about to fine us.
    """
    made = purchase_states(tenant_id).subquery("made")
    told = promised_times(tenant_id).subquery("told")
    is_topup = buying.c.goods == Goods.TOPUP.value
    refused = and_(buying.c.state == BuyingState.DUE.value, buying.c.said != "")
    kind = case(
        (
            and_(is_topup, or_(refused, made.c.state.in_(_OVER), told.c.awaits_person)),
            Matter.TOPUP_FAILED,
        ),
        (is_topup, None),
        (
            and_(
                _is_bought(made),
                orders.c.accepted_at > at - BUYING_TAKES,
                or_(told.c.ship_by.is_(None), told.c.ship_by >= at + OVERDUE_SOON),
            ),
            None,
        ),
        else_=Matter.SHORT_LINE,
    )
    return (
        matters(
            kind,
            lines.c.id,
            orders.c.accepted_at,
            due_at=told.c.ship_by,
            said=func.coalesce(
                func.nullif(buying.c.said, ""), func.nullif(made.c.said, ""), told.c.said, ""
            ),
            number=orders.c.external_id,
            order_id=lines.c.order_id,
            store_id=orders.c.store_id,
            customer_id=orders.c.customer_id,
            sku_id=lines.c.sku_id,
            amount_e4=lines.c.unearned_e4,
            quantity=lines.c.waiting_count,
            facts=facts(
                line=lines.c.number,
                ordered=lines.c.quantity,
                buying=buying.c.state,
                purchase_id=buying.c.purchase_id,
                purchase_state=made.c.state,
                account=buying.c.masked_account,
                shop_order_id=told.c.shop_order_id,
            ),
        )
        .select_from(lines)
        .join(orders, and_(orders.c.tenant_id == tenant_id, orders.c.id == lines.c.order_id))
        .join(
            buying,
            and_(buying.c.tenant_id == tenant_id, buying.c.line_id == lines.c.id),
            isouter=True,
        )
        .join(made, made.c.id == buying.c.purchase_id, isouter=True)
        .join(
            told,
            and_(told.c.store_id == orders.c.store_id, told.c.number == orders.c.external_id),
            isouter=True,
        )
        .where(lines.c.tenant_id == tenant_id)
        .where(lines.c.state == literal(LineState.SHORT.value, literal_execute=True))
        .where(kind.is_not(None))
    )


def _is_bought(made: FromClause) -> ColumnElement[bool]:
    """Say that buying for a line goes on by itself; NULL where nothing is bought for it."""
    return or_(
        and_(buying.c.state == BuyingState.DUE.value, buying.c.said == ""),
        and_(
            buying.c.state == BuyingState.BOUGHT.value,
            made.c.state.in_(_GOES_ON),
            not_(made.c.in_doubt),
        ),
    )


def short_orders(tenant_id: int, at: datetime) -> Select[Any]:
    """The orders whose short lines are matters, by id."""
    of_lines = line_matters(tenant_id, at).subquery("of_lines")
    return select(of_lines.c.order_id).where(of_lines.c.kind == Matter.SHORT_LINE.value)


def held_matters(tenant_id: int) -> Select[Any]:
    """What people asked for above a limit, and nobody else decided. By `held_open`."""
    is_orders = held.c.kind == HeldKind.ORDERS.value
    kind = case((is_orders, Matter.ORDERS_TO_APPROVE), else_=Matter.REFUND_TO_APPROVE)
    return (
        matters(
            kind,
            held.c.id,
            held.c.asked_at,
            said=held.c.said,
            number=func.coalesce(orders.c.external_id, held.c.file_name),
            order_id=held.c.order_id,
            store_id=orders.c.store_id,
            customer_id=orders.c.customer_id,
            amount_e4=held.c.amount_e4,
            quantity=held.c.units,
            asked_by=held.c.asked_by,
            facts=facts(orders=held.c.orders_count, part=held.c.part, parts=held.c.parts),
        )
        .select_from(held)
        .join(
            orders,
            and_(orders.c.tenant_id == tenant_id, orders.c.id == held.c.order_id),
            isouter=True,
        )
        .where(held.c.tenant_id == tenant_id)
        .where(held.c.state == literal(HeldState.ASKED.value, literal_execute=True))
    )
