"""Wallet moves: money that an agent paid us, or we paid back: asked, approved, posted."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import Select, insert, select, update

from kashu.core.clock import Clock, now
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.money import FEN, format_amount
from kashu.customers.agents import Agent, agents_by_id, move_wallets
from kashu.customers.errors import WalletShort
from kashu.downstream.errors import MoveDecided, MoveNeedsAnother, MoveWrong, UnknownMove
from kashu.downstream.kinds import MoveKind, MoveMethod, MoveState
from kashu.downstream.tables import wallet_moves
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, Transfer, post

# As movements of suppliers' money name it: one account for each way that cash moves.
_METHODS: Final = UUID("6f0d7c1e-6b61-5368-9175-636173686d65")


@dataclass(frozen=True, slots=True)
class WantedMove:
    """Money that moved. `reference` is what shows it: the bank's or wallet's number."""

    kind: MoveKind
    amount_e4: int
    method: MoveMethod
    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class Move:
    """Money of an agent's, and how far it has come."""

    id: UUID
    customer_id: UUID
    kind: MoveKind
    amount_e4: int
    method: MoveMethod
    reference: str
    reason: str
    state: MoveState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    transfer_id: UUID | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", MoveKind(self.kind))
        object.__setattr__(self, "method", MoveMethod(self.method))
        object.__setattr__(self, "state", MoveState(self.state))


async def ask_for_move(
    tx: Tx, tenant_id: int, actor: str, agent: Agent, wanted: WantedMove, *, posted_on: date
) -> Move:
    """Note that money moved. Up to the agent's limit it is posted at once; else another decides.

    One reference is one movement. Locks: the agent, where it is posted.
    Raises: MoveWrong, MoveShownBefore, WalletShort.
    """
    if wanted.amount_e4 <= 0 or wanted.amount_e4 % FEN:
        raise MoveWrong
    if wanted.kind is MoveKind.WITHDRAWAL and wanted.amount_e4 > agent.wallet_e4:
        raise WalletShort  # credit isn't paid out
    alone = wanted.amount_e4 <= agent.alone_max_e4
    move_id = new_id()
    await tx.execute(
        insert(wallet_moves).values(
            tenant_id=tenant_id,
            id=move_id,
            customer_id=agent.customer_id,
            kind=wanted.kind,
            amount_e4=wanted.amount_e4,
            method=wanted.method,
            reference=wanted.reference.strip(),
            reason=wanted.reason.strip(),
            asked_by=actor,
            alone=actor if alone else None,
        )
    )
    facts = {
        "kind": wanted.kind.value,
        "amount": format_amount(wanted.amount_e4),
        "method": wanted.method.value,
        "reference": wanted.reference.strip(),
    }
    events = [Event(f"wallet.{wanted.kind.value}_asked", agent.customer_id, facts)]
    await record(tx, tenant_id, actor, events)
    move = await move_of(tx, tenant_id, move_id)
    return await _post(tx, tenant_id, actor, move, posted_on=posted_on) if alone else move


async def approve_move(
    tx: Tx, tenant_id: int, actor: str, move_id: UUID, *, posted_on: date
) -> Move:
    """Approve what somebody else asked for: it is posted at once.

    Locks: the movement, the agent. Raises: UnknownMove, MoveNeedsAnother, MoveDecided, WalletShort.
    """
    move = await move_of(tx, tenant_id, move_id)
    if move.asked_by == actor:
        raise MoveNeedsAnother
    return await _post(tx, tenant_id, actor, move, posted_on=posted_on)


async def refuse_move(
    tx: Tx, tenant_id: int, actor: str, move_id: UUID, *, clock: Clock = now
) -> Move:
    """Refuse what was asked for; nothing is posted. Raises: UnknownMove, MoveDecided."""
    move = await move_of(tx, tenant_id, move_id)
    await _decide(
        tx, tenant_id, move, state=MoveState.REFUSED, decided_by=actor, decided_at=clock()
    )
    await record(tx, tenant_id, actor, [Event("wallet.move_refused", move.customer_id)])
    return await move_of(tx, tenant_id, move_id)


async def move_of(tx: Tx, tenant_id: int, move_id: UUID) -> Move:
    """Read one. Raises: UnknownMove."""
    row = (await tx.execute(_moves(tenant_id).where(wallet_moves.c.id == move_id))).one_or_none()
    if row is None:
        raise UnknownMove(move=move_id)
    return Move(*row)


async def move_list(
    tx: Tx,
    tenant_id: int,
    *,
    customer_id: UUID | None = None,
    state: MoveState | None = None,
    before: UUID | None = None,
    limit: int,
) -> list[Move]:
    """Read movements, the latest first: of one agent, or of all; in one state, or in any."""
    wanted = _moves(tenant_id).order_by(wallet_moves.c.id.desc()).limit(limit)
    if customer_id is not None:
        wanted = wanted.where(wallet_moves.c.customer_id == customer_id)
    if state is not None:
        wanted = wanted.where(wallet_moves.c.state == state)
    if before is not None:
        wanted = wanted.where(wallet_moves.c.id < before)
    return [Move(*row) for row in await tx.execute(wanted)]


async def _post(tx: Tx, tenant_id: int, actor: str, move: Move, *, posted_on: date) -> Move:
    """Put a movement into the books and the wallet, once. Raises: MoveDecided, WalletShort."""
    if move.state is not MoveState.ASKED:
        raise MoveDecided
    paid_in = move.kind is MoveKind.DEPOSIT
    cash = Account(AccountKind.CASH, uuid5(_METHODS, move.method.value))
    wallet = Account(AccountKind.WALLET, move.customer_id)
    transfer = Transfer(
        debit=cash if paid_in else wallet,
        credit=wallet if paid_in else cash,
        amount_e4=move.amount_e4,
        quantity=0,
        reason=f"agent_{move.kind.value}",
        subject_id=move.id,
        customer_id=move.customer_id,
    )
    [transfer_id] = await post(tx, tenant_id, [transfer], posted_on=posted_on)
    await _decide(
        tx,
        tenant_id,
        move,
        state=MoveState.POSTED,
        decided_by=actor,
        decided_at=now(),
        transfer_id=transfer_id,
    )
    signed_e4 = move.amount_e4 if paid_in else -move.amount_e4
    await move_wallets(tx, tenant_id, {move.customer_id: signed_e4})
    there = (await agents_by_id(tx, tenant_id, [move.customer_id]))[move.customer_id]
    if not paid_in and there.wallet_e4 < 0:
        raise WalletShort  # an order came first: what is lent isn't paid out
    facts = {"amount": format_amount(move.amount_e4), "transfer_id": str(transfer_id)}
    event = Event(f"wallet.{move.kind.value}_posted", move.customer_id, facts)
    await record(tx, tenant_id, actor, [event])
    return await move_of(tx, tenant_id, move.id)


async def _decide(tx: Tx, tenant_id: int, move: Move, **values: object) -> None:
    moved = await tx.execute(
        update(wallet_moves)
        .where(wallet_moves.c.tenant_id == tenant_id, wallet_moves.c.id == move.id)
        .where(wallet_moves.c.state == MoveState.ASKED)
        .values(**values)
    )
    if not moved.rowcount:
        raise MoveDecided


def _moves(tenant_id: int) -> Select[Any]:
    names = list(Move.__dataclass_fields__)
    return select(*(wallet_moves.c[name] for name in names)).where(
        wallet_moves.c.tenant_id == tenant_id
    )
