"""Change: a customer is renamed, or takes part of an order from now on."""

import msgspec
from msgspec import UNSET, UnsetType

from kashu.core.change import change_row, chosen
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.naming import Name, check_naming
from kashu.customers.reads import Customer, customer_by_code
from kashu.customers.tables import customers


class CustomerChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed; what is unset stays as it is. A code never changes."""

    name: Name | UnsetType = UNSET
    partial_allowed: bool | UnsetType | None = UNSET  # null: as the store or the SKU says


async def change_customer(
    tx: Tx, tenant_id: int, actor: str, code: str, changes: CustomerChanges
) -> Customer:
    """Change what is set. Locks: the customer. Raises: NamingWrong, UnknownCustomer."""
    wanted = chosen(changes)
    check_naming(name=wanted.get("name"))
    await customer_by_code(tx, tenant_id, code)
    changed = await change_row(tx, customers, tenant_id, code, wanted)
    assert changed, "customers aren't deleted"
    if changed.after:
        await record(tx, tenant_id, actor, [Event("customer.changed", changed.id, changed.facts)])
    return await customer_by_code(tx, tenant_id, code)
