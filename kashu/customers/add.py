"""Add: somebody buys from us under an agreement."""

from sqlalchemy.dialects.postgresql import insert

from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.naming import check_naming
from kashu.customers.errors import CustomerCodeTaken
from kashu.customers.reads import Customer, customer_by_code
from kashu.customers.tables import customers


async def add_customer(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    code: str,
    name: str,
    partial_allowed: bool | None = None,
) -> Customer:
    """Add a customer. `partial_allowed`: None leaves it to the store or the SKU.

    Raises: NamingWrong, CustomerCodeTaken.
    """
    check_naming(code=code, name=name)
    customer_id = new_id()
    added = await tx.execute(
        insert(customers)
        .values(
            tenant_id=tenant_id,
            id=customer_id,
            code=code,
            name=name,
            partial_allowed=partial_allowed,
        )
        .on_conflict_do_nothing(index_elements=[customers.c.tenant_id, customers.c.code])
        .returning(customers.c.id)
    )
    if added.one_or_none() is None:
        raise CustomerCodeTaken(customer=code)
    facts = {"code": code, "name": name, "partial_allowed": partial_allowed}
    await record(tx, tenant_id, actor, [Event("customer.added", customer_id, facts)])
    return await customer_by_code(tx, tenant_id, code)
