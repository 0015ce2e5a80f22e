"""Questions about customers."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from kashu.core.db import Tx
from kashu.core.naming import is_code
from kashu.core.sought import Sought
from kashu.customers.errors import UnknownCustomer
from kashu.customers.tables import agents, customers


@dataclass(frozen=True, slots=True)
class Customer:
    """An enterprise or a downstream distributor."""

    id: UUID
    code: str
    name: str
    partial_allowed: bool | None  # None: as the store or the SKU says
    added_at: datetime


async def customer_by_code(tx: Tx, tenant_id: int, code: str) -> Customer:
    """Read one customer. Raises: UnknownCustomer."""
    if is_code(code):
        found = await tx.execute(_customers(tenant_id).where(customers.c.code == code))
        row = found.one_or_none()
        if row is not None:
            return Customer(*row)
    raise UnknownCustomer(customer=code[:40])


async def customers_by_code(tx: Tx, tenant_id: int, codes: Iterable[str]) -> dict[str, Customer]:
    """Read some customers; codes that aren't this merchant's are left out."""
    wanted = {code for code in codes if is_code(code)}
    found = await tx.execute(_customers(tenant_id).where(customers.c.code.in_(wanted)))
    return {row.code: Customer(*row) for row in found}


async def customers_by_id(
    tx: Tx, tenant_id: int, customer_ids: Iterable[UUID]
) -> dict[UUID, Customer]:
    """Read some customers; those that aren't this merchant's are left out."""
    found = await tx.execute(_customers(tenant_id).where(customers.c.id.in_(set(customer_ids))))
    return {row.id: Customer(*row) for row in found}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which customers are wanted; None: whichever."""

    only: Collection[UUID] | None = None
    sought: Sought | None = None
    are_agents: bool | None = None

    def conditions(self, tenant_id: int) -> list[ColumnElement[bool]]:
        """Say it in SQL."""
        said: list[ColumnElement[bool]] = [customers.c.tenant_id == tenant_id]
        if self.only is not None:
            said.append(customers.c.id.in_(self.only))
        if self.sought is not None:
            said += self.sought.conditions(customers.c.id, customers.c.code, customers.c.name)
        if self.are_agents is not None:
            ids = select(agents.c.customer_id).where(agents.c.tenant_id == tenant_id)
            known = customers.c.id.in_(ids)
            said.append(known if self.are_agents else ~known)
        return said


async def customer_list(
    tx: Tx,
    tenant_id: int,
    *,
    only: Collection[UUID] | None = None,
    narrowed: Narrowed | None = None,
    after: str = "",
    limit: int = 100,
) -> list[Customer]:
    """Read up to `limit` customers by code, from the one after `after` on; of `only` some."""
    if after and not is_code(after):
        return []  # none can have such a code
    asked = (narrowed or Narrowed(only)).conditions(tenant_id)
    wanted = _customers(tenant_id).where(customers.c.code > after, *asked)
    wanted = wanted.order_by(customers.c.code).limit(limit)
    return [Customer(*row) for row in await tx.execute(wanted)]


async def count_customers(tx: Tx, tenant_id: int, narrowed: Narrowed) -> int:
    """How many there are in all."""
    counted = select(func.count()).select_from(customers).where(*narrowed.conditions(tenant_id))
    return int((await tx.execute(counted)).scalar_one())


def _customers(tenant_id: int) -> Select[Any]:
    return select(
        customers.c.id,
        customers.c.code,
        customers.c.name,
        customers.c.partial_allowed,
        customers.c.added_at,
    ).where(customers.c.tenant_id == tenant_id)
