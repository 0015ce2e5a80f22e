"""Actors: what those are called who did something."""

import re
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.access.tables import api_keys, staff
from kashu.core.db import Tx

_NAMED: Final = re.compile(r"(staff|key):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


async def names_of(tx: Tx, tenant_id: int, actors: Iterable[str]) -> dict[str, str]:
    """Names of the people and the programs among actors; others have none."""
    names: dict[str, str] = {}
    wanted = set(actors)
    for prefix, table in (("staff", staff), ("key", api_keys)):
        matched = (_NAMED.fullmatch(actor) for actor in wanted)
        ids = [UUID(each[2]) for each in matched if each is not None and each[1] == prefix]
        if ids:
            found = await tx.execute(
                select(table.c.id, table.c.name).where(
                    table.c.tenant_id == tenant_id, table.c.id.in_(ids)
                )
            )
            names |= {f"{prefix}:{row.id}": row.name for row in found}
    return names


def is_person(actor: str) -> bool:
    """Whether it is somebody who is signed in: no program, no command."""
    return actor.startswith("staff:")
