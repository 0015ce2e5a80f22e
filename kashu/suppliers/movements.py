"""Movements: money that people move to or from a supplier: asked, approved, paid, posted."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from kashu.core.clock import Clock, now
from kashu.core.db import Tx
from kashu.core.errors import KashuError
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.money import AMOUNT_MAX_E4, ONE_TO_ONE, format_amount
from kashu.core.secrets import MasterKeys
from kashu.ledger.exchange import in_both, is_exchanged
from kashu.ledger.post import post_each
from kashu.suppliers.currency import currency_of
from kashu.suppliers.errors_prepaid import (
    EvidenceNeeded,
    ExposureOver,
    MovementAskedOtherwise,
    MovementElsewhere,
    MovementNeedsAnother,
    MovementWrong,
    NotClaimed,
    NotOwed,
    PrepaidShort,
    ReasonMissing,
)
from kashu.suppliers.exposure import Exposure, lock_exposure
from kashu.suppliers.files import EVIDENCE_MAX, Attached, seal_file
from kashu.suppliers.kinds_prepaid import (
    OF_CASH,
    SIGNED,
    CashMethod,
    MovementKind,
    MovementState,
)
from kashu.suppliers.movement_books import moved
from kashu.suppliers.movement_reads import Movement, as_movement, movement_of, selected
from kashu.suppliers.rates import rate_of
from kashu.suppliers.tables_prepaid import movements

REASON_MAX: Final = 500
REFERENCE_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class WantedMovement:
    """Money to be moved. `amount_e4` is above 0; of an opening or correction it may be below."""

    supplier_id: UUID
    kind: MovementKind
    amount_e4: int
    reason: str
    method: CashMethod | None = None  # where cash moves
    currency: str | None = None  # None: what the supplier is paid in
    request_key: str | None = None  # asking again with it asks nothing new


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that money was paid: the bank's or wallet's number, or a file."""

    reference: str = ""
    file: Attached | None = field(default=None, repr=False)


async def ask_for_movement(tx: Tx, tenant_id: int, actor: str, wanted: WantedMovement) -> Movement:
    """Ask for money to be moved; somebody else approves it. Nothing is posted.

    Locks: the supplier. Raises: MovementWrong, ReasonMissing, PrepaidShort, NotOwed,
    NotClaimed, ExposureOver, MovementAskedOtherwise.
    """
    _check(wanted)
    if wanted.request_key is not None:
        before = await _asked_before(tx, tenant_id, wanted)
        if before is not None:
            return before
    currency = wanted.currency or await currency_of(tx, tenant_id, wanted.supplier_id)
    exposure = await lock_exposure(tx, tenant_id, wanted.supplier_id, currency=currency)
    _check_limits(exposure, wanted.kind, wanted.amount_e4)
    movement_id = new_id()
    made = await tx.execute(
        insert(movements)
        .values(
            tenant_id=tenant_id,
            id=movement_id,
            supplier_id=wanted.supplier_id,
            kind=wanted.kind,
            amount_e4=wanted.amount_e4,
            currency=currency,
            method=wanted.method,
            reason=wanted.reason.strip(),
            request_key=wanted.request_key,
            asked_by=actor,
        )
        .on_conflict_do_nothing(
            index_elements=[movements.c.tenant_id, movements.c.request_key],
            index_where=movements.c.request_key.is_not(None),
        )
        .returning(movements.c.id)
    )
    if made.one_or_none() is None:  # somebody sent the same request at the same time
        before = await _asked_before(tx, tenant_id, wanted)
        assert before is not None, "the row that we ran into"
        return before
    facts = {
        "supplier_id": str(wanted.supplier_id),
        "kind": wanted.kind.value,
        "amount": format_amount(wanted.amount_e4),
        "currency": currency,
        "reason": wanted.reason.strip(),
    }
    await record(tx, tenant_id, actor, [Event("movement.asked", movement_id, facts)])
    return await movement_of(tx, tenant_id, movement_id)


async def approve_movement(
    tx: Tx, tenant_id: int, actor: str, movement_id: UUID, *, posted_on: date, clock: Clock = now
) -> Movement:
    """Approve what somebody else asked for; where no cash moves it is posted at once.

    Locks: the supplier, the movement. Raises: UnknownMovement, MovementNeedsAnother,
    MovementElsewhere, PrepaidShort, NotOwed, NotClaimed, ExposureOver.
    """
    movement = await movement_of(tx, tenant_id, movement_id)
    if movement.asked_by == actor:
        raise MovementNeedsAnother
    exposure = await lock_exposure(tx, tenant_id, movement.supplier_id, currency=movement.currency)
    _check_limits(exposure, movement.kind, movement.amount_e4)
    await _move(
        tx,
        tenant_id,
        movement_id,
        {MovementState.ASKED},
        state=MovementState.APPROVED,
        approved_by=actor,
        approved_at=clock(),
    )
    await record(tx, tenant_id, actor, [Event("movement.approved", movement_id, {})])
    if movement.kind in OF_CASH:
        return await movement_of(tx, tenant_id, movement_id)
    return await _post(
        tx, tenant_id, actor, movement, MovementState.APPROVED, posted_on=posted_on, at=clock()
    )


async def pay_movement(
    tx: Tx,
    tenant_id: int,
    actor: str,
    movement_id: UUID,
    evidence: Evidence,
    *,
    masters: MasterKeys,
    clock: Clock = now,
) -> Movement:
    """Note that cash was moved as approved, and what shows it. Nothing is posted yet.

    Locks: the movement. Raises: UnknownMovement, EvidenceNeeded, FileTooLarge, MovementElsewhere.
    """
    movement = await movement_of(tx, tenant_id, movement_id)
    reference = evidence.reference.strip()
    if len(reference) > REFERENCE_MAX or not (reference or evidence.file):
        raise EvidenceNeeded
    kept: dict[str, Any] = {}
    if evidence.file is not None:
        file = evidence.file
        kept["sealed_evidence"] = seal_file(
            masters, file, tenant_id=tenant_id, owner=movement_id, most=EVIDENCE_MAX
        )
        kept |= {"evidence_name": file.name, "evidence_sha256": file.sha256}
    if movement.kind not in OF_CASH:
        raise MovementElsewhere(state=movement.state.value)
    await _move(
        tx,
        tenant_id,
        movement_id,
        {MovementState.APPROVED},
        state=MovementState.PAID,
        paid_by=actor,
        paid_at=clock(),
        reference=reference,
        **kept,
    )
    facts = {"reference": reference, "has_file": evidence.file is not None}
    await record(tx, tenant_id, actor, [Event("movement.paid", movement_id, facts)])
    return await movement_of(tx, tenant_id, movement_id)


async def post_movement(
    tx: Tx, tenant_id: int, actor: str, movement_id: UUID, *, posted_on: date, clock: Clock = now
) -> Movement:
    """Put what was paid into the books, once: it arrived.

    Locks: the supplier, the movement. Raises: UnknownMovement, MovementElsewhere,
    PrepaidShort, NotOwed, NotClaimed.
    """
    movement = await movement_of(tx, tenant_id, movement_id)
    exposure = await lock_exposure(tx, tenant_id, movement.supplier_id, currency=movement.currency)
    if movement.kind is MovementKind.WITHDRAWAL:
        _check_limits(exposure, movement.kind, movement.amount_e4)
    return await _post(
        tx, tenant_id, actor, movement, MovementState.PAID, posted_on=posted_on, at=clock()
    )


async def end_movement(
    tx: Tx,
    tenant_id: int,
    actor: str,
    movement_id: UUID,
    *,
    state: MovementState,
    because: str,
    clock: Clock = now,
) -> Movement:
    """Refuse what somebody asked for, or cancel it, as long as nothing was paid.

    Locks: the movement. Raises: UnknownMovement, ReasonMissing, MovementElsewhere.
    """
    assert state in {MovementState.REFUSED, MovementState.CANCELLED}, state
    if not 1 <= len(because.strip()) <= REASON_MAX:
        raise ReasonMissing
    await movement_of(tx, tenant_id, movement_id)
    await _move(
        tx,
        tenant_id,
        movement_id,
        {MovementState.ASKED, MovementState.APPROVED},
        state=state,
        ended_by=actor,
        ended_at=clock(),
        ended_because=because.strip(),
    )
    event = Event(f"movement.{state.value}", movement_id, {"because": because.strip()})
    await record(tx, tenant_id, actor, [event])
    return await movement_of(tx, tenant_id, movement_id)


def _check(wanted: WantedMovement) -> None:
    if not 1 <= len(wanted.reason.strip()) <= REASON_MAX:
        raise ReasonMissing
    least = -AMOUNT_MAX_E4 if wanted.kind in SIGNED else 1
    if wanted.amount_e4 == 0 or not least <= wanted.amount_e4 <= AMOUNT_MAX_E4:
        raise MovementWrong(what="金额必须大于 0", what_en="the amount must be above 0")
    if (wanted.method is not None) != (wanted.kind in OF_CASH):
        raise MovementWrong(
            what="现金往来必须填写付款方式，其他类型不能填",
            what_en="a way to pay is given where cash moves, and only there",
        )


def _check_limits(exposure: Exposure, kind: MovementKind, amount_e4: int) -> None:
    """Refuse what would leave too much there, or less than nothing.

    A correction says what happened already: it is never refused for being more than we have.
    """
    most = exposure.exposure_max_e4
    if kind is MovementKind.DEPOSIT and most is not None:
        room_e4 = most - exposure.exposed_e4
        if amount_e4 > room_e4:
            raise ExposureOver(
                supplier=exposure.code,
                amount=format_amount(amount_e4),
                room=format_amount(max(room_e4, 0)),
            )
    error: type[KashuError]
    match kind:
        case MovementKind.WITHDRAWAL:
            has_e4, error = exposure.available_e4, PrepaidShort
        case MovementKind.PAYMENT:
            has_e4, error = exposure.payable_e4, NotOwed
        case MovementKind.RETURNED | MovementKind.RECOVERED | MovementKind.WRITTEN_OFF:
            has_e4, error = exposure.recoveries_e4, NotClaimed
        case _:
            return
    if amount_e4 > has_e4:
        raise error(
            supplier=exposure.code,
            amount=format_amount(amount_e4),
            room=format_amount(max(has_e4, 0)),
        )


async def _asked_before(tx: Tx, tenant_id: int, wanted: WantedMovement) -> Movement | None:
    found = await tx.execute(
        selected(tenant_id).where(movements.c.request_key == wanted.request_key)
    )
    row = found.one_or_none()
    if row is None:
        return None
    before = as_movement(row)
    same = (before.supplier_id, before.kind, before.amount_e4, before.method, before.currency)
    if same != (
        wanted.supplier_id,
        wanted.kind,
        wanted.amount_e4,
        wanted.method,
        wanted.currency or before.currency,
    ):
        raise MovementAskedOtherwise
    return before


async def _move(
    tx: Tx, tenant_id: int, movement_id: UUID, before: set[MovementState], **values: object
) -> None:
    """Bring a movement on, if it stands as `before`. Raises: MovementElsewhere."""
    moved = await tx.execute(
        update(movements)
        .where(movements.c.tenant_id == tenant_id, movements.c.id == movement_id)
        .where(movements.c.state.in_(before))
        .values(**values)
    )
    if not moved.rowcount:
        there = await movement_of(tx, tenant_id, movement_id)
        raise MovementElsewhere(state=there.state.value)


async def _post(
    tx: Tx,
    tenant_id: int,
    actor: str,
    movement: Movement,
    before: MovementState,
    *,
    posted_on: date,
    at: datetime,
) -> Movement:
    """Post what stands as `before`. The supplier is locked: whoever was first is seen here.

    What makes profit is in ours: at the rate that was entered last. Raises also: MovementWrong.
    """
    there = await movement_of(tx, tenant_id, movement.id)
    if there.state is not before:
        raise MovementElsewhere(state=there.state.value)
    transfer, rate_e6 = moved(movement), None
    if is_exchanged(transfer, movement.currency):
        rate_e6 = await rate_of(tx, tenant_id, movement.currency)
        if rate_e6 is None:
            raise MovementWrong(
                what=f"没有 {movement.currency} 的汇率，请先登记",
                what_en=f"there is no rate of {movement.currency}: enter one first",
            )
    posting = in_both(transfer, movement.supplier_id, movement.currency, rate_e6 or ONE_TO_ONE)
    posted = await post_each(tx, tenant_id, posting, posted_on=posted_on)
    [transfer_id] = posted[movement.currency]  # in what it is paid in
    await _move(
        tx,
        tenant_id,
        movement.id,
        {before},
        state=MovementState.POSTED,
        posted_by=actor,
        posted_at=at,
        transfer_id=transfer_id,
        rate_e6=rate_e6,
    )
    facts = {
        "transfer_id": str(transfer_id),
        "amount": format_amount(movement.amount_e4),
        "currency": movement.currency,
    }
    await record(tx, tenant_id, actor, [Event("movement.posted", movement.id, facts)])
    return await movement_of(tx, tenant_id, movement.id)
