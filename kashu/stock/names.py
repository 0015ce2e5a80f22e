"""Names: what the things are called that stock knows by id, in the reader's language."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import msgspec

from kashu.access.actors import names_of
from kashu.access.caller import Caller
from kashu.core.db import Tx
from kashu.core.sql import Statement


class Called(msgspec.Struct, frozen=True):
    """A SKU, warehouse, supplier, store or customer, as people call it."""

    id: UUID
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Names:
    """What some things are called. Who isn't a person or a program is called as it is written."""

    things: dict[UUID, Called]
    people: dict[str, str]

    def of(self, id_: UUID) -> Called:
        """Say what a thing is called that is there, as all are that stock refers to."""
        return self.things[id_]

    def by(self, actor: str | None) -> str | None:
        """Say who did something."""
        return None if actor is None else self.people.get(actor, actor)


_names = Statement(__file__, "names.sql", _Row)


async def names(
    tx: Tx, caller: Caller, ids: Iterable[UUID | None], actors: Iterable[str | None] = ()
) -> Names:
    """Read what some things and people are called, at once."""
    wanted = list({id_ for id_ in ids if id_ is not None})
    zh = caller.language.startswith("zh")
    rows = await _names(tx, tenant=caller.tenant_id, ids=wanted) if wanted else []
    things = {row.id: Called(row.id, row.code, row.name_zh if zh else row.name_en) for row in rows}
    who = [actor for actor in actors if actor is not None]
    return Names(things, await names_of(tx, caller.tenant_id, who) if who else {})
