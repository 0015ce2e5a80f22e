"""Reserve: promise cards for a time, to a quotation or a campaign."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update

from kashu.core.db import Tx
from kashu.core.errors import Conflict, Invalid, NotFound
from kashu.core.events import Event, record
from kashu.core.ids import new_id, new_ids
from kashu.core.sql import Statement
from kashu.stock.allocate import StockDrifted, offers
from kashu.stock.hold import hold
from kashu.stock.kinds import BULK_MAX
from kashu.stock.plan import Demand, plan
from kashu.stock.replenish import mark_replenished
from kashu.stock.strategy import Strategy
from kashu.stock.tables import ReservationState, cards, reservations


class ReservationWrong(Invalid):
    """A promise of nothing, of too much, or for a time that is over."""

    code = "reservation_wrong"
    zh = "预占数量须为 1 到 {most} 张，到期时间须在将来。请修改后再试。"
    en = "Reserve 1 to {most} cards, until a time that is still to come. Change it and try again."


class ReservationShort(Conflict):
    """There isn't as much to promise."""

    code = "reservation_short"
    zh = "可预占的只有 {available} 张，不足 {quantity} 张。请减少数量，或补货后再试。"
    en = "Only {available} can be reserved, not {quantity}. Ask for fewer, or restock first."


class UnknownReservation(NotFound):
    """No such reservation."""

    code = "unknown_reservation"
    zh = "没有预占 {reservation}，或者您无权查看。请核对编号。"
    en = "There is no reservation {reservation}, or it isn't yours. Check the number."


class ReservationEnded(Conflict):
    """It was used or released before."""

    code = "reservation_ended"
    zh = "预占 {reservation} 已结束（{state}），不能再修改。需要时请重新预占。"
    en = "The reservation {reservation} has ended ({state}). Make a new one if you need it."


@dataclass(frozen=True, slots=True)
class LotCount:
    """So many cards of a lot."""

    lot_id: UUID
    count: int


@dataclass(frozen=True, slots=True)
class Reserved:
    """A promise, and the lots that its cards are in."""

    id: UUID
    sku_id: UUID
    quantity: int
    until_at: datetime
    lots: list[LotCount]


@dataclass(frozen=True, slots=True)
class Reservation:
    """A promise as it stands; `kept` cards wait for it still."""

    id: UUID
    sku_id: UUID
    quantity: int
    kept: int
    reason: str
    actor: str
    until_at: datetime
    state: str
    ended_at: datetime | None


_reserve = Statement(__file__, "reserve_cards.sql", LotCount)
_release = Statement(__file__, "reserve_release.sql", LotCount)


async def reserve(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    sku_id: UUID,
    quantity: int,
    until_at: datetime,
    strategy: Strategy,
    reason: str,
    now: datetime,
    today: date,
) -> Reserved:
    """Keep cards back for `until_at`, those that the strategy would give; all of them or none.

    A shared card can't be promised: it has uses, not copies.
    Locks: the SKU's level, until `tx` ends.
    Raises: ReservationWrong, ReservationShort.
    """
    if not 1 <= quantity <= BULK_MAX or until_at <= now:
        raise ReservationWrong(most=BULK_MAX)
    await hold(tx, tenant_id, [sku_id])
    lots = [lot for lot in await offers(tx, tenant_id, [sku_id]) if not lot.shared]
    made = new_id()
    takings = plan(lots, [Demand(made, sku_id, quantity, strategy)], today)[0]
    if not takings:
        most = Demand(made, sku_id, quantity, strategy, partial_allowed=True)
        found = plan(lots, [most], today)[0]
        raise ReservationShort(available=sum(taking.count for taking in found), quantity=quantity)
    await tx.execute(
        insert(reservations).values(
            tenant_id=tenant_id,
            id=made,
            sku_id=sku_id,
            quantity=quantity,
            reason=reason,
            actor=actor,
            until_at=until_at,
        )
    )
    kept = await _reserve(
        tx,
        tenant=tenant_id,
        actor=actor,
        reason=reason,
        reservation=made,
        lots=[taking.lot.lot_id for taking in takings],
        counts=[taking.count for taking in takings],
        heads=[taking.lot.head for taking in takings],
        ids=new_ids(quantity),
    )
    if sum(lot.count for lot in kept) != quantity:
        raise StockDrifted(f"planned to keep {quantity} cards, found {kept}")
    facts = {"sku_id": str(sku_id), "quantity": quantity, "until_at": until_at.isoformat()}
    await record(tx, tenant_id, actor, [Event("reservation.made", made, facts)])
    return Reserved(made, sku_id, quantity, until_at, kept)


async def extend_reservation(
    tx: Tx, tenant_id: int, actor: str, reservation_id: UUID, *, until_at: datetime, now: datetime
) -> None:
    """Let a promise stand until another time.

    Raises: ReservationWrong, UnknownReservation, ReservationEnded.
    """
    if until_at <= now:
        raise ReservationWrong(most=BULK_MAX)
    held = (
        update(reservations)
        .where(reservations.c.tenant_id == tenant_id, reservations.c.id == reservation_id)
        .where(reservations.c.state == ReservationState.HELD)
        .values(until_at=until_at)
    )
    if not (await tx.execute(held)).rowcount:
        raise await _why_not(tx, tenant_id, reservation_id)
    facts = {"until_at": until_at.isoformat()}
    await record(tx, tenant_id, actor, [Event("reservation.extended", reservation_id, facts)])


async def release_reservation(
    tx: Tx,
    tenant_id: int,
    actor: str,
    reservation_id: UUID,
    *,
    because: str,
    due_at: datetime | None = None,
) -> list[LotCount]:
    """End a promise: what it still keeps is available again, in front, and wakes the short.

    `due_at`: only if its time had run out by then, which whoever sweeps must say.
    Locks: its SKU's level, until `tx` ends.
    Raises: UnknownReservation, ReservationEnded.
    """
    sku_id, _ = await _found(tx, tenant_id, reservation_id)
    await hold(tx, tenant_id, [sku_id])
    ended = (
        update(reservations)
        .where(reservations.c.tenant_id == tenant_id, reservations.c.id == reservation_id)
        .where(reservations.c.state == ReservationState.HELD)
        .values(state=ReservationState.RELEASED, ended_at=func.now())
        .returning(reservations.c.quantity)
    )
    if due_at is not None:
        ended = ended.where(reservations.c.until_at <= due_at)
    quantity = (await tx.execute(ended)).scalar_one_or_none()
    if quantity is None:
        raise await _why_not(tx, tenant_id, reservation_id)
    back = await _release(
        tx,
        tenant=tenant_id,
        actor=actor,
        reason=because,
        reservation=reservation_id,
        ids=new_ids(quantity),
    )
    if back:
        await mark_replenished(tx, tenant_id, [sku_id])
    facts = {"because": because, "count": sum(lot.count for lot in back)}
    await record(tx, tenant_id, actor, [Event("reservation.released", reservation_id, facts)])
    return back


async def _found(tx: Tx, tenant_id: int, reservation_id: UUID) -> tuple[UUID, str]:
    """Read a reservation's SKU and state."""
    row = await tx.execute(
        select(reservations.c.sku_id, reservations.c.state).where(
            reservations.c.tenant_id == tenant_id, reservations.c.id == reservation_id
        )
    )
    found = row.one_or_none()
    if found is None:
        raise UnknownReservation(reservation=reservation_id)
    return found.sku_id, found.state


async def _why_not(tx: Tx, tenant_id: int, reservation_id: UUID) -> ReservationEnded:
    _, state = await _found(tx, tenant_id, reservation_id)
    return ReservationEnded(reservation=reservation_id, state=state)


async def reserved_skus(
    tx: Tx, tenant_id: int, reservation_ids: Collection[UUID]
) -> dict[UUID, UUID]:
    """Of which SKU some reservations are or were; those that aren't there are left out."""
    if not reservation_ids:
        return {}
    found = await tx.execute(
        select(reservations.c.id, reservations.c.sku_id).where(
            reservations.c.tenant_id == tenant_id, reservations.c.id.in_(reservation_ids)
        )
    )
    return {row.id: row.sku_id for row in found}


async def reservations_page(
    tx: Tx,
    tenant_id: int,
    *,
    state: ReservationState | None = None,
    before: UUID | None = None,
    limit: int = 100,
) -> list[Reservation]:
    """Reservations, the newest first, from behind `before` on, with what each still keeps."""
    kept = (
        select(func.count())
        .select_from(cards)
        .where(cards.c.tenant_id == tenant_id, cards.c.reservation_id == reservations.c.id)
        .scalar_subquery()
    )
    found = (
        select(
            reservations.c.id,
            reservations.c.sku_id,
            reservations.c.quantity,
            kept,
            reservations.c.reason,
            reservations.c.actor,
            reservations.c.until_at,
            reservations.c.state,
            reservations.c.ended_at,
        )
        .where(reservations.c.tenant_id == tenant_id)
        .order_by(reservations.c.id.desc())
        .limit(limit)
    )
    if state is not None:
        found = found.where(reservations.c.state == state)
    if before is not None:
        found = found.where(reservations.c.id < before)
    return [Reservation(*row) for row in await tx.execute(found)]
