"""Matters of stores: their orders, refunds and links that wait for a person."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, not_, or_, select

from kashu.channels.kinds import GrantState, Mode, RefundStep, Step
from kashu.channels.left_to_people import NOT_ACTING, PAID_BEFORE, TO_BE_RELEASED
from kashu.channels.shop_orders import PLATFORM_HOLDS, REFUND_ASKED
from kashu.channels.tables import connections, listings, shop_orders, shop_refunds
from kashu.channels.topups import (
    FAILED,
    LATE,
    TO_BE_DONE,
    TOPPING_UP,
    UNREAD,
    WANTED,
    WITH_DETAILS,
)
from kashu.core.db import Tx
from kashu.core.matters import Matter, facts, matters

OVERDUE_SOON: Final = timedelta(minutes=30)  # before its platform fines us
FAILING_FROM: Final = 3  # calls in a row that didn't reach a platform
# An order's attempts in vain, the last of them over a minute after the first: the next is as far
# off. What passes before isn't a person's.
TRIED_FROM: Final = 5
SETTLES_IN: Final = timedelta(minutes=1)  # what a platform holds for a moment; who works on it
HANDED_OVER_FROM: Final = 2  # looks: a robot has handed it over by the second, in five seconds
SHORT: Final = "short"  # its line is a matter of its own
BY_HAND: Final = "to_be_handed_over"
OF_LINES: Final = (FAILED, LATE)  # the line of it whose top-up it is tells


def kind_of_order(at: datetime) -> ColumnElement[Any]:
    """Say what an order of a platform waits for a person for; NULL: for nobody, or of its lines.

    What goes on by itself isn't there while it does: an order that is under way, in doubt while its
    call is, and asked about or tried again within seconds; nor one that is held there, or asked
    back, for a moment. It comes when that takes longer, its deadline is near, or nobody goes on.
    """
    step, said, failed = shop_orders.c.step, shop_orders.c.said, _failed()
    moving = step.in_([Step.DUE, Step.TAKEN, Step.SENT])
    near = shop_orders.c.ship_by < at + OVERDUE_SOON
    stopped = connections.c.mode == Mode.STOPPED.value
    left_lying = shop_orders.c.next_at < at - SETTLES_IN
    since = func.coalesce(shop_orders.c.paid_at, shop_orders.c.first_seen_at)
    passes = and_(said.in_([PLATFORM_HOLDS, REFUND_ASKED]), since > at - SETTLES_IN)
    held = and_(step == Step.HELD, or_(not_(passes), near))
    nobody = or_(stopped, left_lying)
    long = or_(failed >= TRIED_FROM, and_(near, failed > 0), nobody)
    unclear = and_(shop_orders.c.doubt, or_(_troubled(step), long))
    left = and_(moving, stopped, said == "")
    in_chat = and_(said == BY_HAND, or_(shop_orders.c.attempts >= HANDED_OVER_FROM, nobody))
    by_hand = and_(step == Step.TAKEN, or_(in_chat, said == NOT_ACTING))
    tried = and_(said != TOPPING_UP, or_(failed >= TRIED_FROM, and_(stopped, failed > 0)))
    late = and_(moving, near, or_(said != "", left_lying))
    return case(
        (step == Step.UNMAPPED, Matter.LISTING_UNMAPPED),
        (and_(step == Step.HELD, said == TO_BE_RELEASED), Matter.TO_BE_RELEASED),
        (and_(step == Step.HELD, said == PAID_BEFORE), Matter.PAID_BEFORE),
        (held, Matter.ORDER_HELD),
        (and_(_troubled(step), said.in_([WANTED, *UNREAD])), Matter.ACCOUNT_UNREAD),
        (and_(_troubled(step), said.in_([TO_BE_DONE, WITH_DETAILS])), Matter.TO_BE_TOPPED_UP),
        (and_(_troubled(step), said.in_(OF_LINES)), None),
        (unclear, Matter.DELIVERY_UNCLEAR),
        (_troubled(step), Matter.ORDER_IN_TROUBLE),
        (said == SHORT, None),
        (or_(left, by_hand), Matter.TO_BE_HANDED_OVER),
        (and_(step.in_([Step.TAKEN, Step.SENT]), tried), Matter.CONFIRMATION_FAILING),
        (late, Matter.ORDER_OVERDUE),
        else_=None,
    )


def _failed() -> ColumnElement[int]:
    """Count the attempts that were in vain: without the one under way, which says nothing yet."""
    under_way = case((shop_orders.c.said == "", 1), else_=0)
    return func.greatest(shop_orders.c.attempts - under_way, 0)


def order_matters(tenant_id: int, at: datetime) -> Select[Any]:
    """Orders of platforms that don't go on by themselves, or not in time. Few, by the index."""
    step, said, kind = shop_orders.c.step, shop_orders.c.said, kind_of_order(at)
    return (
        matters(
            kind,
            shop_orders.c.id,
            func.coalesce(shop_orders.c.paid_at, shop_orders.c.first_seen_at),
            due_at=shop_orders.c.ship_by,
            said=said,
            number=shop_orders.c.number,
            order_id=shop_orders.c.order_id,
            store_id=shop_orders.c.store_id,
            amount_e4=shop_orders.c.paid_e4,
            facts=facts(
                step=step,
                attempts=_failed(),
                asked=shop_orders.c.ticket.is_not(None),
                title=shop_orders.c.lines[0]["title"].astext,
                variant=case((step == Step.UNMAPPED, _variant(tenant_id)), else_=None),
            ),
        )
        .select_from(shop_orders)
        .join(connections, linked(tenant_id), isouter=True)
        .where(shop_orders.c.tenant_id == tenant_id)
        # As the index `shop_orders_to_do` says it.
        .where(step.in_(TO_DO))
        .where(kind.is_not(None))
    )


def _variant(tenant_id: int) -> ColumnElement[Any]:
    """What of an item was bought: in its listing's words, else by the platform's id."""
    line = shop_orders.c.lines[0]
    words = select(func.nullif(listings.c.properties, "")).where(
        listings.c.tenant_id == tenant_id,
        listings.c.store_id == shop_orders.c.store_id,
        listings.c.item_id == line["item_id"].astext,
        listings.c.variant_id == line["sku_id"].astext,
    )
    return func.coalesce(words.scalar_subquery(), func.nullif(line["sku_id"].astext, ""))


TO_DO: Final = tuple(
    literal(each.value, literal_execute=True)
    for each in (Step.DUE, Step.UNMAPPED, Step.HELD, Step.TAKEN, Step.SENT, Step.TROUBLE)
)


def _troubled(step: ColumnElement[str]) -> ColumnElement[bool]:
    return step == Step.TROUBLE.value


def linked(tenant_id: int) -> ColumnElement[bool]:
    """Join an order of a platform to how its store is connected."""
    return and_(
        connections.c.tenant_id == tenant_id, connections.c.store_id == shop_orders.c.store_id
    )


def refund_matters(tenant_id: int) -> Select[Any]:
    """Refunds of platforms that our books can't follow by themselves."""
    return (
        matters(
            Matter.SHOP_REFUND_IN_TROUBLE,
            shop_refunds.c.id,
            shop_refunds.c.changed_at,
            said=shop_refunds.c.said,
            number=shop_refunds.c.order_number,
            store_id=shop_refunds.c.store_id,
            amount_e4=shop_refunds.c.amount_e4,
            facts=facts(refund=shop_refunds.c.number, line=shop_refunds.c.line),
        )
        .where(shop_refunds.c.tenant_id == tenant_id)
        .where(shop_refunds.c.step == literal(RefundStep.TROUBLE.value, literal_execute=True))
    )


def store_matters(tenant_id: int) -> list[Select[Any]]:
    """Stores whose platform doesn't let us in, doesn't answer, or forgot what we never read."""
    lost = connections.c.grant_state == GrantState.LOST.value
    silent = and_(
        connections.c.grant_state == GrantState.GRANTED.value,
        connections.c.failures >= FAILING_FROM,
    )
    broken = matters(
        case((lost, Matter.GRANT_LOST), else_=Matter.STORE_UNREACHABLE),
        connections.c.store_id,
        func.coalesce(connections.c.ok_at, connections.c.orders_until),
        said=connections.c.said,
        store_id=connections.c.store_id,
        quantity=connections.c.failures,
    ).where(connections.c.tenant_id == tenant_id, or_(lost, silent))
    missed = matters(
        Matter.HISTORY_MISSED,
        connections.c.store_id,
        connections.c.missed_until,
        store_id=connections.c.store_id,
        facts=facts(missed_from=connections.c.missed_from, missed_until=connections.c.missed_until),
    ).where(connections.c.tenant_id == tenant_id, connections.c.missed_from.is_not(None))
    return [broken, missed]


def promised_times(tenant_id: int) -> Select[Any]:
    """What platforms' orders say of what waits for them, by store and number: until when, and why.

    `awaits_person`: a top-up of theirs doesn't go on by itself.
    """
    return select(
        shop_orders.c.id.label("shop_order_id"),
        shop_orders.c.store_id,
        shop_orders.c.number,
        shop_orders.c.ship_by,
        and_(shop_orders.c.step == Step.TROUBLE.value, shop_orders.c.said.in_(OF_LINES)).label(
            "awaits_person"
        ),
        shop_orders.c.said,
    ).where(shop_orders.c.tenant_id == tenant_id)


async def shop_order_named(tx: Tx, tenant_id: int, store_id: UUID, number: str) -> UUID | None:
    """Find an order of a platform by its store and number."""
    found = await tx.execute(
        select(shop_orders.c.id).where(
            shop_orders.c.tenant_id == tenant_id,
            shop_orders.c.store_id == store_id,
            shop_orders.c.number == number,
        )
    )
    return found.scalar_one_or_none()
