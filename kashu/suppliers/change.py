"""Change: a supplier is renamed, or turns out nearer to the brand, or further from it."""

import msgspec
from msgspec import UNSET, UnsetType

from kashu.core.change import change_row, chosen
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.naming import Name, check_naming
from kashu.suppliers.add import Tier, check_tier
from kashu.suppliers.reads import Supplier, supplier_by_code
from kashu.suppliers.tables import suppliers


class SupplierChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed; what is unset stays as it is. A code never changes."""

    name: Name | UnsetType = UNSET
    tier: Tier | UnsetType = UNSET


async def change_supplier(
    tx: Tx, tenant_id: int, actor: str, code: str, changes: SupplierChanges
) -> Supplier:
    """Change what is set. Locks: the supplier. Raises: NamingWrong, TierWrong, UnknownSupplier."""
    wanted = chosen(changes)
    check_naming(name=wanted.get("name"))
    if changes.tier is not UNSET:
        check_tier(changes.tier)
    await supplier_by_code(tx, tenant_id, code)
    changed = await change_row(tx, suppliers, tenant_id, code, wanted)
    assert changed, "suppliers aren't deleted"
    if changed.after:
        await record(tx, tenant_id, actor, [Event("supplier.changed", changed.id, changed.facts)])
    return await supplier_by_code(tx, tenant_id, code)
