"""Refunds of platforms: see what is told; those whose money is back are due in our books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true, tuple_, update

from kashu.channels.channel import ShopRefund, ShopRefundState
from kashu.channels.connections import SHOP_ORDERS_DUE
from kashu.channels.errors import UnknownShopRefund
from kashu.channels.kinds import RefundStep
from kashu.channels.shop_orders import Seen
from kashu.channels.tables import shop_refunds
from kashu.core.db import Tx
from kashu.core.ids import new_ids
from kashu.core.jobs import wake
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class KnownRefund:
    """A refund of a platform as we know it."""

    id: UUID
    store_id: UUID
    number: str
    order_number: str
    line: str
    amount_e4: int | None  # None: the platform doesn't say how much
    step: RefundStep
    state: ShopRefundState
    said: str  # why it is in trouble: a code
    changed_at: datetime


_see = Statement(__file__, "shop_refunds_see.sql", Seen)


async def see_refunds(
    tx: Tx, tenant_id: int, store_id: UUID, told: Sequence[ShopRefund]
) -> list[Seen]:
    """Note what a platform tells; return those that it changed. Who keeps the books is woken."""
    latest: dict[str, ShopRefund] = {}
    for refund in told:
        before = latest.get(refund.refund_id)
        if before is None or refund.changed_at >= before.changed_at:
            latest[refund.refund_id] = refund
    refunds = [latest[number] for number in sorted(latest)]
    if not refunds:
        return []
    steps = [
        RefundStep.DUE if refund.state is ShopRefundState.DONE else RefundStep.SEEN
        for refund in refunds
    ]
    changed = await _see(
        tx,
        tenant=tenant_id,
        store=store_id,
        ids=new_ids(len(refunds)),
        numbers=[refund.refund_id for refund in refunds],
        orders=[refund.order_id for refund in refunds],
        lines=[refund.line_id for refund in refunds],
        steps=[step.value for step in steps],
        states=[refund.state.value for refund in refunds],
        amounts=[refund.amount_e4 for refund in refunds],
        changed=[refund.changed_at for refund in refunds],
    )
    if any(each.step == RefundStep.DUE for each in changed):
        await wake(tx, tenant_id, SHOP_ORDERS_DUE)
    return changed


async def due_refunds(tx: Tx, tenant_id: int, at: datetime, *, most: int) -> list[KnownRefund]:
    """Refunds that our books must follow, oldest first; not locked."""
    rows = await tx.execute(
        select(shop_refunds)
        .where(shop_refunds.c.tenant_id == tenant_id, shop_refunds.c.step == RefundStep.DUE)
        .where(shop_refunds.c.next_at <= at)
        .order_by(shop_refunds.c.next_at, shop_refunds.c.id)
        .limit(most)
    )
    return [_known(row) for row in rows]


async def refunds_of(
    tx: Tx, tenant_id: int, store_id: UUID, order_number: str
) -> list[KnownRefund]:
    """All refunds of an order that we were told of."""
    rows = await tx.execute(
        select(shop_refunds)
        .where(shop_refunds.c.tenant_id == tenant_id, shop_refunds.c.store_id == store_id)
        .where(shop_refunds.c.order_number == order_number)
        .order_by(shop_refunds.c.id)
    )
    return [_known(row) for row in rows]


async def shop_refund_page(
    tx: Tx,
    tenant_id: int,
    *,
    step: RefundStep | None,
    order_number: str | None,
    only_store: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[KnownRefund]:
    """Refunds, newest first: at one step, of one order's number, of one store."""
    wanted = select(shop_refunds).where(*_those(tenant_id, step, order_number, only_store))
    if before is not None:
        wanted = wanted.where(shop_refunds.c.id < before)
    rows = await tx.execute(wanted.order_by(shop_refunds.c.id.desc()).limit(limit))
    return [_known(row) for row in rows]


async def count_shop_refunds(
    tx: Tx,
    tenant_id: int,
    *,
    step: RefundStep | None,
    order_number: str | None,
    only_store: UUID | None,
    most: int,
) -> int:
    """Say how many `shop_refund_page` has on all its pages; no further than `most`."""
    wanted = select(shop_refunds.c.id).where(*_those(tenant_id, step, order_number, only_store))
    counted = select(func.count()).select_from(wanted.limit(most).subquery("those"))
    return (await tx.execute(counted)).scalar_one()


def _those(
    tenant_id: int, step: RefundStep | None, order_number: str | None, only_store: UUID | None
) -> list[ColumnElement[bool]]:
    asked = {
        shop_refunds.c.tenant_id: tenant_id,
        shop_refunds.c.step: step,
        shop_refunds.c.order_number: order_number,
        shop_refunds.c.store_id: only_store,
    }
    return [column == value for column, value in asked.items() if value is not None]


async def locked_refund(tx: Tx, tenant_id: int, refund_id: UUID) -> KnownRefund:
    """One refund, locked. Raises: UnknownShopRefund."""
    rows = await tx.execute(
        select(shop_refunds)
        .where(shop_refunds.c.tenant_id == tenant_id, shop_refunds.c.id == refund_id)
        .with_for_update()
    )
    row = rows.one_or_none()
    if row is None:
        raise UnknownShopRefund
    return _known(row)


async def refund_in_trouble(
    tx: Tx, tenant_id: int, store_id: UUID, number: str
) -> KnownRefund | None:
    """The refund of that number, locked, where it waits for a person; None otherwise."""
    rows = await tx.execute(
        select(shop_refunds)
        .where(shop_refunds.c.tenant_id == tenant_id, shop_refunds.c.store_id == store_id)
        .where(shop_refunds.c.number == number, shop_refunds.c.step == RefundStep.TROUBLE)
        .with_for_update()
    )
    row = rows.one_or_none()
    return None if row is None else _known(row)


async def refunds_waiting(
    tx: Tx, tenant_id: int, names: Sequence[tuple[UUID, str]]
) -> set[tuple[UUID, str]]:
    """Those of some orders (store, number) of which a refund is due in our books."""
    return await _orders_with(tx, tenant_id, names, shop_refunds.c.step == RefundStep.DUE)


async def refunds_open(
    tx: Tx, tenant_id: int, names: Sequence[tuple[UUID, str]]
) -> set[tuple[UUID, str]]:
    """Those of some orders (store, number) whose money went back, and our books don't know yet."""
    open_ = shop_refunds.c.step.in_([RefundStep.DUE, RefundStep.TROUBLE])
    return await _orders_with(tx, tenant_id, names, open_)


async def orders_against(
    tx: Tx, tenant_id: int, names: Sequence[tuple[UUID, str]]
) -> set[tuple[UUID, str]]:
    """Those of some orders (store, number) of which a refund is asked for, or isn't booked yet."""
    asked = shop_refunds.c.shop_state == ShopRefundState.ASKED
    unbooked = shop_refunds.c.step.in_([RefundStep.DUE, RefundStep.TROUBLE])
    return await _orders_with(tx, tenant_id, names, asked | unbooked)


async def orders_asked_back(
    tx: Tx, tenant_id: int, names: Sequence[tuple[UUID, str]]
) -> set[tuple[UUID, str]]:
    """Those of some orders (store, number) of which any refund was told of."""
    return await _orders_with(tx, tenant_id, names, true())


async def _orders_with(
    tx: Tx, tenant_id: int, names: Sequence[tuple[UUID, str]], such: ColumnElement[bool]
) -> set[tuple[UUID, str]]:
    if not names:
        return set()
    rows = await tx.execute(
        select(shop_refunds.c.store_id, shop_refunds.c.order_number)
        .where(shop_refunds.c.tenant_id == tenant_id, such)
        .where(tuple_(shop_refunds.c.store_id, shop_refunds.c.order_number).in_(names))
    )
    return {(row.store_id, row.order_number) for row in rows}


async def lock_refund(tx: Tx, tenant_id: int, refund_id: UUID) -> bool:
    """Lock a refund; False when it is due no more."""
    rows = await tx.execute(
        select(shop_refunds.c.step)
        .where(shop_refunds.c.tenant_id == tenant_id, shop_refunds.c.id == refund_id)
        .with_for_update()
    )
    return bool(rows.scalar_one() == RefundStep.DUE)


async def move_refund(
    tx: Tx,
    tenant_id: int,
    refund_id: UUID,
    step: RefundStep,
    **values: object,
) -> None:
    """Set how far a refund has come, and why."""
    await tx.execute(
        update(shop_refunds)
        .where(shop_refunds.c.tenant_id == tenant_id, shop_refunds.c.id == refund_id)
        .values(step=step, **values)
    )


def _known(row: Any) -> KnownRefund:  # noqa: ANN401 (a row of SQLAlchemy's)
    return KnownRefund(
        row.id,
        row.store_id,
        row.number,
        row.order_number,
        row.line,
        row.amount_e4,
        RefundStep(row.step),
        ShopRefundState(row.shop_state),
        row.said,
        row.changed_at,
    )
