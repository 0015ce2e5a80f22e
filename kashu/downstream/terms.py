"""Terms: a customer becomes an agent, or its credit and what it is shown change."""

from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from kashu.core.change import chosen
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.money import format_amount
from kashu.customers.agents import (
    Agent,
    agent_by_code,
    agents_by_id,
    begin_agent,
    change_agent,
    hold_customer,
)
from kashu.customers.kinds import AgentState, StockShown
from kashu.customers.reads import customer_by_code
from kashu.downstream.errors import CreditInUse
from kashu.ledger.kinds import AccountKind
from kashu.ledger.post import Account, account_id
from kashu.ledger.reads import trial_balance
from kashu.orders.unearned import unearned_of


class Terms(msgspec.Struct, frozen=True):
    """What may be said of an agent; what is unset stays as it is."""

    state: AgentState | UnsetType = UNSET
    credit_max_e4: int | UnsetType = UNSET
    alone_max_e4: int | UnsetType = UNSET
    stock_shown: StockShown | UnsetType = UNSET


async def set_terms(tx: Tx, tenant_id: int, actor: str, code: str, terms: Terms) -> Agent:
    """Make a customer an agent, or change its terms.

    One who has bought before begins with what the books say, and with credit for what it owes.
    Locks: the customer, the agent.
    Raises: UnknownCustomer, CreditInUse.
    """
    customer = await customer_by_code(tx, tenant_id, code)
    await hold_customer(tx, tenant_id, customer.id)  # no order comes between the sum and the row
    agent = (await agents_by_id(tx, tenant_id, [customer.id])).get(customer.id)
    if agent is None:
        owed_e4 = await _owed(tx, tenant_id, customer.id)
        await begin_agent(tx, tenant_id, customer.id, wallet_e4=-owed_e4)
        facts = {"wallet": format_amount(-owed_e4)}
        await record(tx, tenant_id, actor, [Event("agent.begun", customer.id, facts)])
        agent = await agent_by_code(tx, tenant_id, code)
    credit_e4 = terms.credit_max_e4
    if not isinstance(credit_e4, UnsetType) and agent.wallet_e4 + credit_e4 < 0:
        raise CreditInUse(used=format_amount(-agent.wallet_e4))
    changed = await change_agent(tx, tenant_id, customer.id, chosen(terms))
    if changed.after:
        await record(tx, tenant_id, actor, [Event("agent.changed", customer.id, changed.facts)])
    return await agent_by_code(tx, tenant_id, code)


async def _owed(tx: Tx, tenant_id: int, customer_id: UUID) -> int:
    """Say what a customer owes us by the books, and will once what it waits for is given."""
    mine = account_id(tenant_id, Account(AccountKind.WALLET, customer_id))
    books = await trial_balance(tx, tenant_id)
    posted_e4 = sum(each.balance_e4 for each in books.accounts if each.account_id == mine)
    return posted_e4 + await unearned_of(tx, tenant_id, customer_id)
