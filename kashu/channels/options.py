"""Options of connections that earlier versions kept in clear."""

from collections.abc import Collection, Mapping

from sqlalchemy import select, update

from kashu.access.options import open_options, seal_options, sort_options
from kashu.channels.tables import connections
from kashu.core.db import Tx
from kashu.core.secrets import MasterKeys


async def seal_open_options(
    tx: Tx, tenant_id: int, masters: MasterKeys, declared: Mapping[str, Collection[str]]
) -> int:
    """Seal secret options that lie open, as earlier versions kept them; return of how many stores.

    No migration could: they have no master key. `declared`: by channel.
    Locks: the connections, in order of store.
    """
    rows = await tx.execute(
        select(connections)
        .where(connections.c.tenant_id == tenant_id, connections.c.options != {})
        .order_by(connections.c.store_id)
        .with_for_update()
    )
    changed = 0
    for row in rows:
        plain, secret = sort_options(row.options, declared.get(row.channel, ()))
        if not secret:
            continue
        owner = row.store_id
        secret |= open_options(masters, row.sealed_options, tenant_id=tenant_id, owner=owner)
        sealed = seal_options(masters, secret, tenant_id=tenant_id, owner=owner)
        await tx.execute(
            update(connections)
            .where(connections.c.tenant_id == tenant_id, connections.c.store_id == owner)
            .values(options=plain, sealed_options=sealed)
        )
        changed += 1
    return changed
