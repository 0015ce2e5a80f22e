"""Matters of orders: lines that wait, top-ups that brought nothing, what is to be approved."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
)

from kashu.channels.matters import OVERDUE_SOON, promised_times
from kashu.core.matters import COLUMNS, Matter, facts, matters
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
from kashu.purchases.matters import attempt_matters, purchase_states
from kashu.suppliers.kinds import Goods

# A top-up's purchase that is over without the account being topped up.
_OVER: Final = [each.value for each in (PurchaseState.ENDED, PurchaseState.CANCELLED)]
# A purchase that goes on by itself. Done: its cards are on their way from the stock to the line.
# Held: where that is for a moment.
_GOES_ON: Final = [
    each.value
    for each in (
        PurchaseState.WANTED,
        PurchaseState.PLACED,
        PurchaseState.HELD,
        PurchaseState.DONE,
    )
]
BUYING_TAKES: Final = timedelta(minutes=1)  # most are bought in seconds: those are no exceptions


def line_matters(tenant_id: int, at: datetime, *, told_by_purchases: bool = False) -> Select[Any]:
    """Lines that are short of cards, and those whose top-up isn't under way. By `lines_short`.

    What is bought as it should be is nobody's matter before it took BUYING_TAKES, or is in doubt
    too long, or its platform is about to fine us. `told_by_purchases`: who looks sees the purchases
    that are in doubt, which tell of their lines.
    """
    made = purchase_states(tenant_id, at).subquery("made")
    told = promised_times(tenant_id).subquery("told")
    kind = _kind_of_line(made, told, at, told_by_purchases=told_by_purchases)
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


def _kind_of_line(
    made: FromClause, told: FromClause, at: datetime, *, told_by_purchases: bool
) -> ColumnElement[Any]:
    """Say what a short line waits for a person for; NULL: for nobody, or its purchase tells."""
    is_topup = buying.c.goods == Goods.TOPUP.value
    refused = and_(buying.c.state == BuyingState.DUE.value, buying.c.said != "")
    return case(
        (and_(made.c.doubt.is_not(None), literal(told_by_purchases)), None),
        (
            and_(is_topup, or_(refused, made.c.state.in_(_OVER), told.c.awaits_person)),
            Matter.TOPUP_FAILED,
        ),
        (is_topup, None),
        (
            and_(
                _is_bought(made),
                or_(orders.c.accepted_at > at - BUYING_TAKES, made.c.is_asked),
                or_(told.c.ship_by.is_(None), told.c.ship_by >= at + OVERDUE_SOON),
            ),
            None,
        ),
        else_=Matter.SHORT_LINE,
    )


def _is_bought(made: FromClause) -> ColumnElement[bool]:
    """Say that buying for a line goes on by itself; NULL where nothing is bought for it."""
    return or_(
        and_(buying.c.state == BuyingState.DUE.value, buying.c.said == ""),
        and_(
            buying.c.state == BuyingState.BOUGHT.value,
            made.c.state.in_(_GOES_ON),
            not_(made.c.is_held),
            made.c.doubt.is_(None),
        ),
    )


def doubt_matters(tenant_id: int, at: datetime) -> Select[Any]:
    """Orders at suppliers whose outcome isn't known, with the order of ours that waits for each.

    One trouble is one matter: it is due when the purchase is, or before, as the platform wants it.
    """
    doubt = attempt_matters(tenant_id, at).subquery("doubt")
    told = promised_times(tenant_id).subquery("told")
    more = {
        "order_id": lines.c.order_id,
        "due_at": func.least(doubt.c.due_at, told.c.ship_by),
        "facts": doubt.c.facts + facts(order=orders.c.external_id),
    }
    return (
        select(*(more.get(name, doubt.c[name]).label(name) for name in COLUMNS))
        .select_from(doubt)
        .join(
            lines,
            and_(
                lines.c.tenant_id == tenant_id,
                lines.c.id == cast(doubt.c.facts["line_id"].astext, Uuid()),
            ),
            isouter=True,
        )
        .join(
            orders,
            and_(orders.c.tenant_id == tenant_id, orders.c.id == lines.c.order_id),
            isouter=True,
        )
        .join(
            told,
            and_(told.c.store_id == orders.c.store_id, told.c.number == orders.c.external_id),
            isouter=True,
        )
    )


def waiting_orders(
    tenant_id: int, at: datetime, *, told_by_purchases: bool
) -> Mapping[Matter, Select[Any]]:
    """The orders whose lines are matters, by id and what they are on the desk as."""
    of_lines = line_matters(tenant_id, at, told_by_purchases=told_by_purchases).subquery("of_lines")
    short = select(of_lines.c.order_id).where(of_lines.c.kind == Matter.SHORT_LINE.value)
    if not told_by_purchases:
        return {Matter.SHORT_LINE: short}
    doubt = doubt_matters(tenant_id, at).subquery("of_purchases")
    found = {
        kind: select(doubt.c.order_id).where(doubt.c.kind == kind.value)
        for kind in (Matter.PURCHASE_TO_DECIDE, Matter.MONEY_IN_DOUBT)
    }
    return {**found, Matter.SHORT_LINE: short}


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
