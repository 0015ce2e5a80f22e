"""HTTP of customers."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.db import Database, Tx
from kashu.core.money import format_amount
from kashu.core.naming import Code, Name
from kashu.core.sought import WHICH_MAX, WRITTEN_MAX, Sought
from kashu.customers.add import add_customer
from kashu.customers.agents import Agent, agents_by_id
from kashu.customers.change import CustomerChanges, change_customer
from kashu.customers.errors import UnknownCustomer
from kashu.customers.kinds import AgentState
from kashu.customers.reads import (
    Customer,
    Narrowed,
    count_customers,
    customer_by_code,
    customer_list,
)


class NewCustomer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer to add."""

    code: Code
    name: Name
    partial_allowed: bool | None = None  # null: as the store or the SKU says


class WalletShown(msgspec.Struct, frozen=True):
    """What an agent has with us. `wallet`: below 0 it owes us; `room`: what it may order for."""

    state: AgentState
    wallet: str
    credit_max: str
    room: str
    currency: str


class CustomerShown(msgspec.Struct, frozen=True):
    """A customer, and what you can do to it. `agent`: null for one who doesn't sell on."""

    id: UUID
    code: str
    name: str
    partial_allowed: bool | None
    added_at: datetime
    agent: WalletShown | None
    can: Sequence[str]


class CustomerPage(msgspec.Struct, frozen=True):
    """Customers by code; the next page begins after `next_after`, null on the last one.

    `total`: how many there are in all, as narrowed.
    """

    customers: list[CustomerShown]
    next_after: str | None
    total: int


@get("/v1/customers", operation_id="listCustomers", guards=[requires(Permission.ORDERS_READ)])
async def list_customers(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    written: Annotated[str | None, QueryParameter(name="q", max_length=WRITTEN_MAX)] = None,
    which: Annotated[list[str] | None, QueryParameter(max_items=WHICH_MAX)] = None,
    are_agents: Annotated[bool | None, QueryParameter(name="agents")] = None,
    after: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> CustomerPage:
    """List customers by code; `q` is in the code or the name, `agents` narrows to who sells on.

    `which`: only these, each by its code or id.
    A key that is bound to a customer sees that one only.
    """
    narrowed = Narrowed(_sees_only(caller), Sought(written, which), are_agents)
    async with database.transaction(caller.tenant_id) as tx:
        found = await customer_list(
            tx, caller.tenant_id, narrowed=narrowed, after=after, limit=limit + 1
        )
        total = await count_customers(tx, caller.tenant_id, narrowed)
        shown = found[:limit]
        known = await agents_by_id(tx, caller.tenant_id, [each.id for each in shown])
    return CustomerPage(
        customers=[_shown(caller, each, known.get(each.id)) for each in shown],
        next_after=shown[-1].code if len(found) > limit else None,
        total=total,
    )


@get(
    "/v1/customers/{code:str}",
    operation_id="readCustomer",
    guards=[requires(Permission.ORDERS_READ)],
    responses=problems(404),
)
async def read_customer(
    code: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> CustomerShown:
    """Read one customer."""
    async with database.transaction(caller.tenant_id) as tx:
        return await _with_wallet(tx, caller, await _seen(tx, caller, code))


@post(
    "/v1/customers",
    operation_id="addCustomer",
    guards=[requires(Permission.SETTINGS_WRITE)],
    responses=problems(409),
)
async def post_customer(
    data: JSONBody[NewCustomer],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> CustomerShown:
    """Add a customer."""
    async with database.transaction(caller.tenant_id) as tx:
        added = await add_customer(
            tx,
            caller.tenant_id,
            caller.actor,
            code=data.code,
            name=data.name,
            partial_allowed=data.partial_allowed,
        )
    return _shown(caller, added, None)


@patch(
    "/v1/customers/{code:str}",
    operation_id="changeCustomer",
    guards=[requires(Permission.SETTINGS_WRITE)],
    responses=problems(404),
)
async def patch_customer(
    code: FromPath[str],
    data: JSONBody[CustomerChanges],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> CustomerShown:
    """Change what is given."""
    async with database.transaction(caller.tenant_id) as tx:
        await _seen(tx, caller, code)
        changed = await change_customer(tx, caller.tenant_id, caller.actor, code, data)
        return await _with_wallet(tx, caller, changed)


def _sees_only(caller: Caller) -> tuple[UUID, ...] | None:
    """A key bound to a customer sees that one; one bound to a store sees no customer."""
    if caller.customer_id is not None:
        return (caller.customer_id,)
    return () if caller.store_id is not None else None


async def _seen(tx: Tx, caller: Caller, code: str) -> Customer:
    customer = await customer_by_code(tx, caller.tenant_id, code)
    only = _sees_only(caller)
    if only is not None and customer.id not in only:
        raise UnknownCustomer(customer=code)
    return customer


async def _with_wallet(tx: Tx, caller: Caller, customer: Customer) -> CustomerShown:
    known = await agents_by_id(tx, caller.tenant_id, [customer.id])
    return _shown(caller, customer, known.get(customer.id))


def _shown(caller: Caller, customer: Customer, agent: Agent | None) -> CustomerShown:
    able = ("change",) if agent is not None else ("change", "make_agent")
    return CustomerShown(
        id=customer.id,
        code=customer.code,
        name=customer.name,
        partial_allowed=customer.partial_allowed,
        added_at=customer.added_at,
        agent=None if agent is None else _wallet(agent),
        can=able if caller.may(Permission.SETTINGS_WRITE) else (),
    )


def _wallet(agent: Agent) -> WalletShown:
    return WalletShown(
        agent.state,
        format_amount(agent.wallet_e4),
        format_amount(agent.credit_max_e4),
        format_amount(agent.room_e4),
        "CNY",
    )


routes: Final = (list_customers, read_customer, post_customer, patch_customer)
