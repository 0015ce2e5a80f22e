"""Agents: customers who sell on what we have, what they may owe, and what is left of it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import insert

from kashu.core.change import Changed
from kashu.core.db import Tx, on_violation
from kashu.core.sql import Statement
from kashu.customers.errors import NotAnAgent, WalletShort
from kashu.customers.kinds import AgentState, StockShown
from kashu.customers.tables import agents, customers

on_violation("agent_stays_within_credit", WalletShort)


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent as it stands. `wallet_e4`: below 0 it owes us; what it ordered is taken off."""

    customer_id: UUID
    code: str
    name: str
    state: AgentState
    wallet_e4: int
    credit_max_e4: int
    alone_max_e4: int
    stock_shown: StockShown

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", AgentState(self.state))
        object.__setattr__(self, "stock_shown", StockShown(self.stock_shown))

    @property
    def room_e4(self) -> int:
        """What it may still order for."""
        return self.wallet_e4 + self.credit_max_e4


@dataclass(frozen=True, slots=True)
class _Moved:
    customer_id: UUID


_move_wallets = Statement(__file__, "agents_move_wallets.sql", _Moved)


async def agent_by_code(tx: Tx, tenant_id: int, code: str) -> Agent:
    """Read one agent. Raises: NotAnAgent."""
    found = await tx.execute(_agents(tenant_id).where(customers.c.code == code))
    row = found.one_or_none()
    if row is None:
        raise NotAnAgent(customer=code[:40])
    return Agent(*row)


async def agents_by_id(tx: Tx, tenant_id: int, customer_ids: Collection[UUID]) -> dict[UUID, Agent]:
    """Read those of some customers that are agents."""
    found = await tx.execute(_agents(tenant_id).where(agents.c.customer_id.in_(customer_ids)))
    return {row.customer_id: Agent(*row) for row in found}


async def agents_by_code(tx: Tx, tenant_id: int, codes: Iterable[str]) -> dict[str, Agent]:
    """Read those of some customers that are agents."""
    found = await tx.execute(_agents(tenant_id).where(customers.c.code.in_(list(codes))))
    return {row.code: Agent(*row) for row in found}


async def hold_customer(tx: Tx, tenant_id: int, customer_id: UUID) -> None:
    """See that no order of a customer is written until `tx` ends.

    Whoever writes one shares a lock on the customer, since it refers to it; this one waits for it.
    """
    await tx.execute(
        select(customers.c.id)
        .where(customers.c.tenant_id == tenant_id, customers.c.id == customer_id)
        .with_for_update()
    )


async def begin_agent(tx: Tx, tenant_id: int, customer_id: UUID, *, wallet_e4: int) -> bool:
    """Make a customer an agent who has so much with us; False: it is one already.

    Who owes us begins with as much credit. Under hold_customer().
    """
    made = await tx.execute(
        insert(agents)
        .values(
            tenant_id=tenant_id,
            customer_id=customer_id,
            wallet_e4=wallet_e4,
            credit_max_e4=max(-wallet_e4, 0),
        )
        .on_conflict_do_nothing(index_elements=[agents.c.tenant_id, agents.c.customer_id])
        .returning(agents.c.customer_id)
    )
    return made.one_or_none() is not None


async def change_agent(
    tx: Tx, tenant_id: int, customer_id: UUID, wanted: Mapping[str, Any]
) -> Changed:
    """Change an agent's terms. Locks: the agent. Raises: WalletShort, for less credit than used."""
    ours = (agents.c.tenant_id == tenant_id) & (agents.c.customer_id == customer_id)
    found = await tx.execute(
        select(*(agents.c[name] for name in wanted)).where(ours).with_for_update()
    )
    row = found.mappings().one()
    after = {name: value for name, value in wanted.items() if row[name] != value}
    if after:
        await tx.execute(update(agents).where(ours).values(after))
    return Changed(customer_id, {name: row[name] for name in after}, after)


async def move_wallets(tx: Tx, tenant_id: int, amounts_e4: Mapping[UUID, int]) -> set[UUID]:
    """Add to agents' wallets, or take off them (below 0); of customers who aren't agents, nothing.

    Say so whenever something is posted to a wallet, or waits to be: after post(), so that two
    writers meet in one order. Returns who is an agent.
    Locks: the agents, in order. Raises: WalletShort; the transaction must then be given up.
    """
    moved = [(owner, amount_e4) for owner, amount_e4 in sorted(amounts_e4.items()) if amount_e4]
    if not moved:
        return set()
    rows = await _move_wallets(
        tx,
        tenant=tenant_id,
        customers=[owner for owner, _ in moved],
        amounts=[amount_e4 for _, amount_e4 in moved],
    )
    return {row.customer_id for row in rows}


def _agents(tenant_id: int) -> Select[Any]:
    return (
        select(
            agents.c.customer_id,
            customers.c.code,
            customers.c.name,
            agents.c.state,
            agents.c.wallet_e4,
            agents.c.credit_max_e4,
            agents.c.alone_max_e4,
            agents.c.stock_shown,
        )
        .join(
            customers,
            (customers.c.tenant_id == tenant_id) & (customers.c.id == agents.c.customer_id),
        )
        .where(agents.c.tenant_id == tenant_id)
    )
