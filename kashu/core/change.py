"""Change a row that people keep, and say what was different before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Table, select, update

from kashu.core.db import Tx


@dataclass(frozen=True, slots=True)
class Changed:
    """A row after a change: what each changed column was and is. Empty: nothing differed."""

    id: UUID
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def facts(self) -> dict[str, Any]:
        """Tell the change as an event does."""
        return {"before": self.before, "after": self.after}


def chosen(changes: msgspec.Struct) -> dict[str, Any]:
    """Give the fields that somebody set, by name; what is UNSET stays as it is."""
    fields = msgspec.structs.asdict(changes)
    return {name: value for name, value in fields.items() if value is not msgspec.UNSET}


async def change_row(
    tx: Tx, table: Table, tenant_id: int, code: str, wanted: Mapping[str, object]
) -> Changed | None:
    """Give columns of the row with this code the values wanted. None: there is no such row.

    Locks: the row, until `tx` ends; rows that refer to it can still be written meanwhile.
    """
    ours = (table.c.tenant_id == tenant_id) & (table.c.code == code)
    columns = [table.c.id, *(table.c[name] for name in wanted)]
    found = await tx.execute(select(*columns).where(ours).with_for_update(key_share=True))
    row = found.mappings().one_or_none()
    if row is None:
        return None
    after = {name: value for name, value in wanted.items() if row[name] != value}
    if after:
        await tx.execute(update(table).where(ours).values(after))
    return Changed(row["id"], {name: row[name] for name in after}, after)
