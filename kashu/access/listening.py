"""Listening: what those who stay connected may still be told."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from kashu.access.permissions import ROLE_PERMISSIONS, Permission, Role
from kashu.core.db import Tx
from kashu.core.sql import Statement


@dataclass(frozen=True, slots=True)
class _Good:
    id: UUID
    role: str | None
    scopes: list[str] | None
    must_enrol: bool


_good = Statement(__file__, "listening.sql", _Good)


async def who_may_listen(
    tx: Tx, tenant_id: int, ids: Collection[UUID]
) -> dict[UUID, frozenset[Permission]]:
    """What each of these sessions and API keys may do now; those that ended are left out."""
    known = {permission.value for permission in Permission}
    may = {}
    for each in await _good(tx, tenant=tenant_id, ids=list(ids)):
        if each.role is None:
            scopes = (Permission(scope) for scope in each.scopes or () if scope in known)
            may[each.id] = frozenset(scopes)
        else:
            may[each.id] = frozenset() if each.must_enrol else ROLE_PERMISSIONS[Role(each.role)]
    return may
