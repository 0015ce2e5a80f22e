"""Mode locks: how far we act for a store and its listings stays as it is for a while.

None locks a row: that of a connection is written about once a second, and nobody is to wait.
"""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import text

from kashu.core.db import Tx, one_at_a_time

_KEEP: Final = text(
    "SELECT pg_advisory_xact_lock_shared(hashtextextended(name, 0))"
    " FROM unnest(CAST(:names AS text[])) AS name"
)


async def keep_modes(tx: Tx, tenant_id: int, store_ids: Collection[UUID]) -> None:
    """Keep the modes of stores and of their listings until `tx` ends: who changes one waits.

    Locks: the stores' modes, in order of store.
    """
    if store_ids:
        await tx.execute(_KEEP, {"names": [_name(tenant_id, each) for each in sorted(store_ids)]})


async def begin_mode_change(tx: Tx, tenant_id: int, store_id: UUID) -> None:
    """Wait for those who keep a store's modes; who wants to keep them then waits until `tx` ends.

    Locks: the store's modes.
    """
    await one_at_a_time(tx, _name(tenant_id, store_id))


def _name(tenant_id: int, store_id: UUID) -> str:
    return f"channels.modes:{tenant_id}:{store_id}"
