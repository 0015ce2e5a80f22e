"""HTTP of money moved to and from suppliers: asked, approved, paid with evidence, posted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter

from kashu.access.actors import names_of
from kashu.access.caller import Caller
from kashu.access.guards import FILES, problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.core.money import format_amount, parse_amount
from kashu.suppliers.files import EVIDENCE_MAX, attached
from kashu.suppliers.kinds_prepaid import OF_CASH, CashMethod, MovementKind, MovementState
from kashu.suppliers.movement_reads import (
    Movement,
    evidence_of,
    movement_count,
    movement_list,
    movement_of,
)
from kashu.suppliers.movements import (
    Evidence,
    WantedMovement,
    approve_movement,
    ask_for_movement,
    end_movement,
    pay_movement,
    post_movement,
)
from kashu.suppliers.reads import Supplier, supplier_by_code, suppliers_by_id

FORM_BYTES: Final = 64 * 1024  # of a form around its file
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Amount = Annotated[str, msgspec.Meta(max_length=24)]
Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class NewMovement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money to be moved. `method` where cash moves; with `request_key` asking twice asks once."""

    supplier: str
    kind: MovementKind
    amount: Amount
    reason: Reason
    method: CashMethod | None = None
    request_key: Key | None = None
    currency: Currency | None = None  # null: what the supplier is paid in


class MovementEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it won't be."""

    reason: Reason


@dataclass
class PaidForm:
    """What shows that it was paid: a reference, a file of at most 1 MiB, or both."""

    reference: str = ""
    file: UploadFile | None = None


class MovementShown(msgspec.Struct, frozen=True):
    """A movement of money, and what you can do to it."""

    id: UUID
    supplier: str
    supplier_name: str
    kind: MovementKind
    amount: str
    currency: str
    method: CashMethod | None
    reason: str
    state: MovementState
    asked_by: str
    asked_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    paid_by: str | None
    paid_at: datetime | None
    reference: str
    evidence_name: str | None
    posted_by: str | None
    posted_at: datetime | None
    transfer_id: UUID | None
    ended_by: str | None
    ended_at: datetime | None
    ended_because: str | None
    names: dict[str, str]  # of those who did this, by actor
    can: Sequence[str]


class MovementPage(msgspec.Struct, frozen=True):
    """Movements, the latest first; the next page is before `next_before`."""

    movements: list[MovementShown]
    next_before: UUID | None
    total: int


@get(
    "/v1/prepaid/movements",
    operation_id="listMovements",
    guards=[requires(Permission.PREPAID_READ)],
    responses=problems(404),
)
async def list_movements(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    supplier: FromQuery[str | None] = None,
    in_state: Annotated[MovementState | None, QueryParameter(name="state")] = None,
    kind: FromQuery[MovementKind | None] = None,
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> MovementPage:
    """List money asked for, approved, paid and posted."""
    async with database.transaction(caller.tenant_id) as tx:
        of = None
        if supplier is not None:
            of = (await supplier_by_code(tx, caller.tenant_id, supplier)).id
        found = await movement_list(
            tx,
            caller.tenant_id,
            supplier_id=of,
            state=in_state,
            kind=kind,
            before=before,
            limit=limit,
        )
        rows = await _shown(tx, caller, found)
        total = await movement_count(
            tx, caller.tenant_id, supplier_id=of, state=in_state, kind=kind
        )
    return MovementPage(rows, found[-1].id if len(found) == limit else None, total)


@post(
    "/v1/prepaid/movements",
    operation_id="askForMovement",
    guards=[requires(Permission.PREPAID_WRITE)],
    responses=problems(404, 409),
)
async def post_asked(
    data: JSONBody[NewMovement],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MovementShown:
    """Ask for money to be moved; somebody else approves it."""
    amount_e4 = parse_amount(data.amount)
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, data.supplier)
        wanted = WantedMovement(
            supplier.id,
            data.kind,
            amount_e4,
            data.reason,
            data.method,
            request_key=data.request_key,
            currency=data.currency,
        )
        asked = await ask_for_movement(tx, caller.tenant_id, caller.actor, wanted)
        [shown] = await _shown(tx, caller, [asked])
    return shown


@get(
    "/v1/prepaid/movements/{movement_id:uuid}",
    operation_id="readMovement",
    guards=[requires(Permission.PREPAID_READ)],
    responses=problems(404),
)
async def read_movement(
    movement_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MovementShown:
    """Read one."""
    return await _read(database, caller, movement_id)


@post(
    "/v1/prepaid/movements/{movement_id:uuid}/approval",
    operation_id="approveMovement",
    guards=[requires(Permission.PREPAID_APPROVE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_approval(
    movement_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MovementShown:
    """Approve what somebody else asked for; where no cash moves it is posted at once."""
    today = day_of(now(), caller.timezone)
    async with database.transaction(caller.tenant_id) as tx:
        await approve_movement(tx, caller.tenant_id, caller.actor, movement_id, posted_on=today)
    return await _read(database, caller, movement_id)


@post(
    "/v1/prepaid/movements/{movement_id:uuid}/payment",
    operation_id="payMovement",
    guards=[requires(Permission.PREPAID_WRITE)],
    responses=problems(404, 409),
    status_code=200,
    request_max_body_size=EVIDENCE_MAX + FORM_BYTES,
)
async def post_payment(
    movement_id: FromPath[UUID],
    data: MultipartBody[PaidForm],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> MovementShown:
    """Note that it was paid as approved, with what shows it."""
    file = None
    if data.file is not None:
        file = attached(data.file.filename, await data.file.read())
    evidence = Evidence(data.reference, file)
    async with database.transaction(caller.tenant_id) as tx:
        await pay_movement(
            tx, caller.tenant_id, caller.actor, movement_id, evidence, masters=keyrings.masters
        )
    return await _read(database, caller, movement_id)


@get(
    "/v1/prepaid/movements/{movement_id:uuid}/evidence",
    operation_id="readEvidence",
    guards=[requires(Permission.PREPAID_READ)],
    responses={
        200: ResponseSpec(bytes, generate_examples=False, description="The file"),
        **problems(404),
    },
    opt={FILES: ("application/octet-stream",)},
)
async def read_evidence(
    movement_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> Response[bytes]:
    """Open the file that shows the payment."""
    async with database.transaction(caller.tenant_id) as tx:
        file = await evidence_of(tx, caller.tenant_id, movement_id, keyrings.masters)
    # Never under the type that somebody said it has: it is kept, not shown as a page of ours.
    headers = {"Content-Disposition": 'attachment; filename="evidence"'}
    return Response(file.content, media_type="application/octet-stream", headers=headers)


@post(
    "/v1/prepaid/movements/{movement_id:uuid}/posting",
    operation_id="postMovement",
    guards=[requires(Permission.PREPAID_WRITE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_posting(
    movement_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MovementShown:
    """Put what was paid into the books: it arrived."""
    today = day_of(now(), caller.timezone)
    async with database.transaction(caller.tenant_id) as tx:
        await post_movement(tx, caller.tenant_id, caller.actor, movement_id, posted_on=today)
    return await _read(database, caller, movement_id)


@post(
    "/v1/prepaid/movements/{movement_id:uuid}/refusal",
    operation_id="refuseMovement",
    guards=[requires(Permission.PREPAID_APPROVE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_refusal(
    movement_id: FromPath[UUID],
    data: JSONBody[MovementEnd],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MovementShown:
    """Refuse what somebody asked for, as long as nothing was paid."""
    return await _end(database, caller, movement_id, MovementState.REFUSED, data.reason)


@post(
    "/v1/prepaid/movements/{movement_id:uuid}/cancellation",
    operation_id="cancelMovement",
    guards=[requires(Permission.PREPAID_WRITE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_cancellation(
    movement_id: FromPath[UUID],
    data: JSONBody[MovementEnd],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MovementShown:
    """Take a request back, as long as nothing was paid."""
    return await _end(database, caller, movement_id, MovementState.CANCELLED, data.reason)


async def _end(
    database: Database, caller: Caller, movement_id: UUID, state: MovementState, because: str
) -> MovementShown:
    async with database.transaction(caller.tenant_id) as tx:
        await end_movement(
            tx, caller.tenant_id, caller.actor, movement_id, state=state, because=because
        )
    return await _read(database, caller, movement_id)


async def _read(database: Database, caller: Caller, movement_id: UUID) -> MovementShown:
    async with database.transaction(caller.tenant_id) as tx:
        [shown] = await _shown(tx, caller, [await movement_of(tx, caller.tenant_id, movement_id)])
    return shown


async def _shown(tx: Tx, caller: Caller, found: Sequence[Movement]) -> list[MovementShown]:
    suppliers = await suppliers_by_id(tx, caller.tenant_id, [each.supplier_id for each in found])
    names = await names_of(tx, caller.tenant_id, {who for each in found for who in _who(each)})
    return [_one(caller, each, suppliers[each.supplier_id], names) for each in found]


def _who(movement: Movement) -> set[str]:
    """Who had a hand in it."""
    steps = (movement.approved_by, movement.paid_by, movement.posted_by, movement.ended_by)
    return {movement.asked_by, *(each for each in steps if each is not None)}


def _one(
    caller: Caller, movement: Movement, supplier: Supplier, names: Mapping[str, str]
) -> MovementShown:
    apart = {"supplier", "supplier_name", "amount", "names", "can"}
    values = {
        name: getattr(movement, name)
        for name in MovementShown.__struct_fields__
        if name not in apart
    }
    return MovementShown(
        supplier=supplier.code,
        supplier_name=supplier.name,
        amount=format_amount(movement.amount_e4),
        names={each: names[each] for each in _who(movement) if each in names},
        can=_can(caller, movement),
        **values,
    )


def _can(caller: Caller, movement: Movement) -> Sequence[str]:
    """Say what this caller could do to it now."""
    writes = caller.may(Permission.PREPAID_WRITE)
    approves = caller.may(Permission.PREPAID_APPROVE)
    able = []
    if movement.state is MovementState.ASKED and approves and movement.asked_by != caller.actor:
        able.append("approve")
    if movement.state is MovementState.APPROVED and writes and movement.kind in OF_CASH:
        able.append("pay")
    if movement.state is MovementState.PAID and writes:
        able.append("post")
    if movement.state in {MovementState.ASKED, MovementState.APPROVED}:
        able += ["refuse"] * approves + ["cancel"] * writes
    return able


routes: Final = (
    list_movements,
    post_asked,
    read_movement,
    post_approval,
    post_payment,
    read_evidence,
    post_posting,
    post_refusal,
    post_cancellation,
)
