"""HTTP of agents' money: what was paid in or out, and who approved it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.actors import names_of
from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.core.money import format_amount, parse_price
from kashu.customers.agents import agent_by_code
from kashu.customers.reads import customers_by_id
from kashu.downstream.kinds import MoveKind, MoveMethod, MoveState
from kashu.downstream.wallet_moves import (
    Move,
    WantedMove,
    approve_move,
    ask_for_move,
    move_list,
    refuse_move,
)


class NewMove(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Money that an agent paid us, or we paid back. `reference`: the bank's or wallet's number."""

    kind: MoveKind
    amount: Annotated[str, msgspec.Meta(max_length=40)]
    method: MoveMethod
    reference: Annotated[str, msgspec.Meta(min_length=1, max_length=100, pattern=r"\S")]
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class MoveShown(msgspec.Struct, frozen=True):
    """Money of an agent's, how far it has come, and what you can do to it."""

    id: UUID
    customer: str
    customer_name: str
    kind: MoveKind
    amount: str
    method: MoveMethod
    reference: str
    reason: str
    state: MoveState
    asked_by: str
    asked_by_name: str | None  # of one of the staff, or of a key
    asked_at: datetime
    decided_by: str | None
    decided_by_name: str | None
    decided_at: datetime | None
    transfer_id: UUID | None
    can: Sequence[str]


class MovePage(msgspec.Struct, frozen=True):
    """Movements, the latest first; the next page is before `next_before`."""

    moves: list[MoveShown]
    next_before: UUID | None


@post(
    "/v1/customers/{code:str}/wallet-moves",
    operation_id="askForWalletMove",
    guards=[requires(Permission.PREPAID_WRITE)],
    responses=problems(404, 409),
)
async def post_asked(
    code: FromPath[str],
    data: JSONBody[NewMove],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MoveShown:
    """Note that an agent's money moved: posted at once up to its limit, else another decides."""
    wanted = WantedMove(
        data.kind, parse_price(data.amount), data.method, data.reference, data.reason
    )
    today = day_of(now(), caller.timezone)
    async with database.transaction(caller.tenant_id) as tx:
        agent = await agent_by_code(tx, caller.tenant_id, code)
        asked = await ask_for_move(
            tx, caller.tenant_id, caller.actor, agent, wanted, posted_on=today
        )
        [shown] = await _shown(tx, caller, [asked])
    return shown


@get(
    "/v1/wallet-moves",
    operation_id="listWalletMoves",
    guards=[requires(Permission.PREPAID_READ)],
    responses=problems(404),
)
async def list_moves(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    customer: FromQuery[str | None] = None,
    in_state: Annotated[MoveState | None, QueryParameter(name="state")] = None,
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> MovePage:
    """List money of agents': of one, or of all."""
    async with database.transaction(caller.tenant_id) as tx:
        of = None
        if customer is not None:
            of = (await agent_by_code(tx, caller.tenant_id, customer)).customer_id
        found = await move_list(
            tx,
            caller.tenant_id,
            customer_id=of,
            state=in_state,
            before=before,
            limit=limit + 1,
        )
        shown = await _shown(tx, caller, found[:limit])
    return MovePage(shown, shown[-1].id if len(found) > limit else None)


@post(
    "/v1/wallet-moves/{move_id:uuid}/approval",
    operation_id="approveWalletMove",
    guards=[requires(Permission.PREPAID_APPROVE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_approval(
    move_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MoveShown:
    """Approve what somebody else asked for: it is posted at once."""
    today = day_of(now(), caller.timezone)
    async with database.transaction(caller.tenant_id) as tx:
        move = await approve_move(tx, caller.tenant_id, caller.actor, move_id, posted_on=today)
        [shown] = await _shown(tx, caller, [move])
    return shown


@post(
    "/v1/wallet-moves/{move_id:uuid}/refusal",
    operation_id="refuseWalletMove",
    guards=[requires(Permission.PREPAID_APPROVE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_refusal(
    move_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MoveShown:
    """Refuse what was asked for; nothing is posted."""
    async with database.transaction(caller.tenant_id) as tx:
        move = await refuse_move(tx, caller.tenant_id, caller.actor, move_id)
        [shown] = await _shown(tx, caller, [move])
    return shown


async def _shown(tx: Tx, caller: Caller, moves: Sequence[Move]) -> list[MoveShown]:
    """Put movements in the words of the wire, with who they are of and who did what."""
    of = await customers_by_id(tx, caller.tenant_id, {each.customer_id for each in moves})
    actors = {each.asked_by for each in moves} | {each.decided_by or "" for each in moves}
    names = await names_of(tx, caller.tenant_id, actors)
    return [
        MoveShown(
            move.id,
            of[move.customer_id].code,
            of[move.customer_id].name,
            move.kind,
            format_amount(move.amount_e4),
            move.method,
            move.reference,
            move.reason,
            move.state,
            move.asked_by,
            names.get(move.asked_by),
            move.asked_at,
            move.decided_by,
            names.get(move.decided_by or ""),
            move.decided_at,
            move.transfer_id,
            _able(caller, move),
        )
        for move in moves
    ]


def _able(caller: Caller, move: Move) -> list[str]:
    if move.state is not MoveState.ASKED or not caller.may(Permission.PREPAID_APPROVE):
        return []
    return ["refuse"] if move.asked_by == caller.actor else ["approve", "refuse"]


routes: Final = (post_asked, list_moves, post_approval, post_refusal)
