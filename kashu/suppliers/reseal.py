"""Reseal: what suppliers have under an earlier master key goes under the one in force."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Column, Table, select, update

from kashu.access.keyring import open_for_access, seal_for_access
from kashu.core.db import Tx
from kashu.core.secrets import MasterKeys
from kashu.suppliers.tables import connections
from kashu.suppliers.tables_prepaid import contacts, movements, papers

# Table, the column that names who a sealed value is bound to, and the sealed columns.
_SEALED: Final[Sequence[tuple[Table, str, tuple[str, ...]]]] = (
    (connections, "supplier_id", ("sealed_secret", "sealed_options")),
    (movements, "id", ("sealed_evidence",)),
    (papers, "id", ("sealed_file",)),
    (contacts, "id", ("sealed",)),
)


async def reseal_suppliers(tx: Tx, tenant_id: int, masters: MasterKeys) -> int:
    """Put what is sealed under an earlier master key under the one in force; return how many.

    One value at a time, since a file may have megabytes.
    Locks: the rows, in order of their key. Raises: MasterKeyMissing, SealBroken.
    """
    changed = 0
    for table, owner, names in _SEALED:
        for name in names:
            changed += await _reseal(tx, tenant_id, masters, table.c[owner], table.c[name])
    return changed


async def _reseal(
    tx: Tx, tenant_id: int, masters: MasterKeys, owner: "Column[Any]", sealed: "Column[Any]"
) -> int:
    table = owner.table
    assert isinstance(table, Table)
    ours = table.c.tenant_id == tenant_id
    found = await tx.execute(
        select(owner).where(ours, sealed.is_not(None)).order_by(owner).with_for_update()
    )
    changed = 0
    for key in list(found.scalars()):
        value = (await tx.execute(select(sealed).where(ours, owner == key))).scalar_one()
        if value.startswith(masters.current.id.encode()):
            continue
        clear = open_for_access(masters, value, tenant_id=tenant_id, owner=key)
        fresh = seal_for_access(masters, clear, tenant_id=tenant_id, owner=key)
        await tx.execute(update(table).where(ours, owner == key).values({sealed.name: fresh}))
        changed += 1
    return changed
