"""Names: what people call those who did something."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from kashu.access.tables import api_keys, staff
from kashu.core.db import Tx


async def names_of(tx: Tx, tenant_id: int, actors: Collection[str]) -> dict[str, str]:
    """Say what staff and keys are called, by actor; others are left out."""
    names: dict[str, str] = {}
    for kind, table in (("staff", staff), ("key", api_keys)):
        ids = {UUID(each.partition(":")[2]) for each in actors if each.startswith(f"{kind}:")}
        if not ids:
            continue
        rows = await tx.execute(
            select(table.c.id, table.c.name).where(
                table.c.tenant_id == tenant_id, table.c.id.in_(ids)
            )
        )
        names |= {f"{kind}:{row.id}": row.name for row in rows}
    return names
