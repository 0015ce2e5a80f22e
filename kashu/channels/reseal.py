"""Reseal: what connections have under an earlier master key goes under the one in force."""

from sqlalchemy import select, update

from kashu.access.keyring import open_for_access, seal_for_access
from kashu.channels.options import seal_open_options
from kashu.channels.tables import connections
from kashu.core.db import Tx
from kashu.core.secrets import MasterKeys


async def reseal_connections(tx: Tx, tenant_id: int, masters: MasterKeys) -> int:
    """Put what is sealed under an earlier master key under the one in force; return how many.

    Secret options that an earlier version kept open are sealed, too.
    Locks: the connections, in order of store. Raises: MasterKeyMissing, SealBroken.
    """
    await seal_open_options(tx, tenant_id, masters, {})
    rows = await tx.execute(
        select(connections)
        .where(connections.c.tenant_id == tenant_id)
        .order_by(connections.c.store_id)
        .with_for_update()
    )
    changed = 0
    for row in rows:
        sealed = {
            name: getattr(row, name)
            for name in ("sealed_app_secret", "sealed_access", "sealed_refresh", "sealed_options")
            if getattr(row, name) is not None
        }
        if all(each.startswith(masters.current.id.encode()) for each in sealed.values()):
            continue
        fresh = {
            name: seal_for_access(
                masters,
                open_for_access(masters, each, tenant_id=tenant_id, owner=row.store_id),
                tenant_id=tenant_id,
                owner=row.store_id,
            )
            for name, each in sealed.items()
        }
        await tx.execute(
            update(connections)
            .where(connections.c.tenant_id == tenant_id, connections.c.store_id == row.store_id)
            .values(**fresh)
        )
        changed += 1
    return changed
