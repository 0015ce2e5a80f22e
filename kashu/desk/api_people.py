"""HTTP of who is on what, and of notes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, QueryParameter

from kashu.access.actors import names_of
from kashu.access.caller import Caller
from kashu.access.guards import ProblemDetail, problems, requires_one_of
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.channels.matters import shop_order_named
from kashu.core.clock import now
from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError
from kashu.desk.api import SEES
from kashu.desk.claims import Claim, claim, forget_claims, release
from kashu.desk.errors import MatterGone, NotYoursToDo, SomebodyIsOnIt
from kashu.desk.notes import check_text, note, notes_about
from kashu.desk.queue import Name, Row, kinds_seen, named
from kashu.desk.shapes import (
    ClaimBody,
    ClaimList,
    ClaimShown,
    LeaveBody,
    Left,
    MatterName,
    NoteBody,
    NotedList,
    NotedShown,
    NoteList,
    OnIt,
)
from kashu.desk.show import note_shown
from kashu.orders.errors import UnknownOrder
from kashu.orders.reads import order_by_id

# Whoever may do something about one kind of what is there.
ACTS: Final = (
    Permission.ORDERS_WRITE,
    Permission.ORDERS_REFUND,
    Permission.CATALOG_WRITE,
    Permission.STOCK_MOVE,
    Permission.SUPPLIERS_WRITE,
    Permission.PURCHASES_WRITE,
    Permission.PURCHASES_APPROVE,
    Permission.PREPAID_WRITE,
    Permission.PREPAID_APPROVE,
    Permission.SETTINGS_WRITE,
)


@post(
    "/v1/desk/claims",
    operation_id="claimMatters",
    guards=[requires_one_of(*ACTS)],
    status_code=200,
)
async def post_claims(
    data: JSONBody[ClaimBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ClaimList:
    """Be on rows for 15 minutes, so that others see it; once more to stay on them.

    Where somebody else is, it stays theirs: `somebody_is_on_it` names them. With `take_over` it
    becomes the caller's, and that is on record. One that fails doesn't hold up the others.
    """
    at = now()
    async with database.transaction(caller.tenant_id) as tx:
        rows, refused = await _sorted_out(tx, caller, data.rows, at)
        stand = await claim(
            tx, caller.tenant_id, caller.actor, rows, at=at, take_over=data.take_over
        )
        await forget_claims(tx, caller.tenant_id, at)
        people = await names_of(tx, caller.tenant_id, {each.actor for each in stand.values()})
    outcomes = []
    for n, each in enumerate(data.rows):
        found, error = stand.get((each.kind, each.id)), refused.get((each.kind, each.id))
        who = None if found is None else _who(caller, found, people)
        if who is not None and not who.mine:
            minutes = int((at - who.since).total_seconds()) // 60
            error = SomebodyIsOnIt(who=who.name, minutes=minutes)
        outcomes.append(ClaimShown(each.kind, each.id, who, _problem(caller, n, error)))
    return ClaimList(sum(each.problem is None for each in outcomes), outcomes)


@post(
    "/v1/desk/claims/release",
    operation_id="leaveMatters",
    guards=[requires_one_of(*ACTS)],
    status_code=200,
)
async def post_release(
    data: JSONBody[LeaveBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> Left:
    """Be on rows no more. Of rows that somebody else is on nothing changes."""
    names = {(each.kind, each.id) for each in data.rows}
    async with database.transaction(caller.tenant_id) as tx:
        return Left(await release(tx, caller.tenant_id, caller.actor, names))


@post(
    "/v1/desk/notes",
    operation_id="noteMatters",
    guards=[requires_one_of(*ACTS)],
    status_code=200,
)
async def post_notes(
    data: JSONBody[NoteBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> NotedList:
    """Write a note about each of some rows, for whoever comes next. It stays with its subject.

    A text with a card of ours in it is refused (note_has_card): nothing is kept then.
    """
    at = now()
    async with database.transaction(caller.tenant_id) as tx:
        rows, refused = await _sorted_out(tx, caller, data.rows, at)
        if rows:  # who may note nothing learns nothing of our cards
            await check_text(tx, caller, data.text, await keyrings.of(tx, caller.tenant_id))
        made = await note(tx, caller.tenant_id, caller.actor, rows, data.text.strip(), at=at)
        people = await names_of(tx, caller.tenant_id, {caller.actor})
    written = {(each.kind, each.subject_id): note_shown(each, people) for each in made}
    outcomes = [
        NotedShown(
            each.kind,
            each.id,
            written.get((each.kind, each.id)),
            _problem(caller, n, refused.get((each.kind, each.id))),
        )
        for n, each in enumerate(data.rows)
    ]
    return NotedList(len(made), outcomes)


@get(
    "/v1/desk/notes",
    operation_id="listNotes",
    guards=[requires_one_of(*SEES)],
    responses=problems(404),
)
async def list_notes(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    about: Annotated[UUID | None, QueryParameter(name="id")] = None,
    order_id: FromQuery[UUID | None] = None,
) -> NoteList:
    """Read what was noted about a row, or about one of our orders; of all, the latest 200.

    After it was solved, too; of kinds that the caller may see.
    """
    tenant_id, seen = caller.tenant_id, kinds_seen(caller)
    async with database.transaction(tenant_id) as tx:
        subjects = set() if about is None else {about}
        if order_id is not None:
            subjects |= await _known_as(tx, caller, order_id)
        found = await notes_about(
            tx,
            tenant_id,
            subject_ids=subjects,
            order_ids=set() if order_id is None else {order_id},
            limit=200 if about is None and order_id is None else 1_000,
        )
        people = await names_of(tx, tenant_id, {each.actor for each in found})
    if caller.bound and order_id is None:
        found = []  # whose a row was that is solved nobody knows any more
    return NoteList([note_shown(each, people) for each in found if each.kind in seen])


async def _known_as(tx: Tx, caller: Caller, order_id: UUID) -> set[UUID]:
    """The platform's order that one of ours is of, which may have been noted about before.

    Raises: UnknownOrder.
    """
    order, _ = await order_by_id(tx, caller.tenant_id, order_id)
    mine = caller.store_id in {None, order.store_id}
    if not mine or caller.customer_id not in {None, order.customer_id}:
        raise UnknownOrder(order=order_id)
    if order.store_id is None:
        return set()
    known = await shop_order_named(tx, caller.tenant_id, order.store_id, order.external_id)
    return set() if known is None else {known}


def _who(caller: Caller, found: Claim, people: dict[str, str]) -> OnIt:
    name = people.get(found.actor, found.actor)
    return OnIt(name, found.claimed_at, found.until_at, found.actor == caller.actor)


def _problem(caller: Caller, n: int, error: KashuError | None) -> ProblemDetail | None:
    if error is None:
        return None
    return ProblemDetail(f"/rows/{n}", error.code, error.text(caller.language))


async def _sorted_out(
    tx: Tx, caller: Caller, asked: Sequence[MatterName], at: datetime
) -> tuple[list[Row], dict[Name, KashuError]]:
    """Read the rows that are there and the caller's to act on; and why not the others."""
    names = {(each.kind, each.id) for each in asked}
    seen = kinds_seen(caller)
    found = await named(tx, caller.tenant_id, {name for name in names if name[0] in seen}, at=at)
    if caller.store_id is not None:
        found = [row for row in found if row.store_id == caller.store_id]
    rows: list[Row] = []
    refused: dict[Name, KashuError] = {name: MatterGone() for name in names}
    for row in found:
        needed = row.about.act_permissions
        if any(caller.may(permission) for permission in needed):
            rows.append(row)
            del refused[row.name]
        else:
            refused[row.name] = NotYoursToDo(permission=min(needed).value)
    return rows, refused


routes: Final[Sequence[Any]] = (post_claims, post_release, post_notes, list_notes)
