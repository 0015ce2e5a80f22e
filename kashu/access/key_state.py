"""How far a shop's keys have been renewed: what still waits, and nothing of the keys themselves."""

from dataclasses import dataclass

from sqlalchemy import select

from kashu.access.tables import KeyPurpose, KeyState, data_keys
from kashu.core.db import Tx
from kashu.core.secrets import MasterKeys


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """`retiring`: versions that still seal something; `elsewhere`: under an earlier master key."""

    version: int
    retiring: tuple[int, ...]
    elsewhere: int


async def key_standing(tx: Tx, tenant_id: int, masters: MasterKeys) -> KeyStanding:
    """Read which sealing key is in force, and what an earlier one still protects."""
    rows = (
        await tx.execute(
            select(
                data_keys.c.version,
                data_keys.c.purpose,
                data_keys.c.state,
                data_keys.c.master_key_id,
            ).where(data_keys.c.tenant_id == tenant_id, data_keys.c.state != KeyState.RETIRED)
        )
    ).all()
    seals = [row for row in rows if row.purpose == KeyPurpose.SEAL]
    return KeyStanding(
        next(row.version for row in seals if row.state == KeyState.CURRENT),
        tuple(sorted(row.version for row in seals if row.state == KeyState.RETIRING)),
        sum(row.master_key_id != masters.current.id for row in rows),
    )
