"""Retire: erase a sealing key once nothing is sealed under it any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from kashu.access.tables import KeyPurpose, KeyState, data_keys
from kashu.core.db import Tx


@dataclass(frozen=True, slots=True)
class Replacement:
    """A sealing key that replaced others, and when; `retiring` are those, by version."""

    version: int
    replaced_at: datetime
    retiring: list[int]


async def replacement(tx: Tx, tenant_id: int) -> Replacement | None:
    """Say which sealing keys wait to be retired, and what replaced them. None: none waits."""
    rows = await tx.execute(
        select(data_keys.c.version, data_keys.c.state, data_keys.c.created_at)
        .where(data_keys.c.tenant_id == tenant_id, data_keys.c.purpose == KeyPurpose.SEAL)
        .where(data_keys.c.state != KeyState.RETIRED)
        .order_by(data_keys.c.version)
    )
    *retiring, current = rows.all()
    assert current.state == KeyState.CURRENT, "the newest sealing key is the one in force"
    if not retiring:
        return None
    return Replacement(current.version, current.created_at, [row.version for row in retiring])


async def retire_keys(tx: Tx, tenant_id: int, versions: Sequence[int]) -> None:
    """Erase sealing keys for good. The caller has proved that nothing is sealed under them."""
    await tx.execute(
        update(data_keys)
        .where(data_keys.c.tenant_id == tenant_id, data_keys.c.purpose == KeyPurpose.SEAL)
        .where(data_keys.c.version.in_(versions), data_keys.c.state == KeyState.RETIRING)
        .values(state=KeyState.RETIRED, wrapped=b"")
    )
