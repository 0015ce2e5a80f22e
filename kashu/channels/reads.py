"""Questions about stores."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select

from kashu.channels.errors import UnknownStore
from kashu.channels.kinds import ChannelKind, StoreState
from kashu.channels.tables import stores
from kashu.core.db import Tx
from kashu.core.naming import is_code
from kashu.core.sought import Sought


@dataclass(frozen=True, slots=True)
class Store:
    """A shop on a platform, or our own counter."""

    id: UUID
    code: str
    name: str
    channel: ChannelKind
    partial_allowed: bool | None  # None: as the SKU says
    state: StoreState
    opened_at: datetime


async def store_by_code(tx: Tx, tenant_id: int, code: str) -> Store:
    """Read one store, open or closed. Raises: UnknownStore."""
    if is_code(code):
        found = await tx.execute(_stores(tenant_id).where(stores.c.code == code))
        row = found.one_or_none()
        if row is not None:
            return _store(row)
    raise UnknownStore(store=code[:40])


async def stores_by_code(tx: Tx, tenant_id: int, codes: Iterable[str]) -> dict[str, Store]:
    """Read some stores, open or closed; codes that aren't this merchant's are left out."""
    wanted = {code for code in codes if is_code(code)}
    found = await tx.execute(_stores(tenant_id).where(stores.c.code.in_(wanted)))
    return {row.code: _store(row) for row in found}


async def stores_by_id(tx: Tx, tenant_id: int, store_ids: Iterable[UUID]) -> dict[UUID, Store]:
    """Read some stores; those that aren't this merchant's are left out."""
    found = await tx.execute(_stores(tenant_id).where(stores.c.id.in_(set(store_ids))))
    return {row.id: _store(row) for row in found}


async def store_list(
    tx: Tx,
    tenant_id: int,
    *,
    state: StoreState | None = None,
    only: Collection[UUID] | None = None,
    sought: Sought | None = None,
    after: str = "",
    limit: int = 100,
) -> list[Store]:
    """Read up to `limit` stores by code, from the one after `after` on; of `only` some."""
    if after and not is_code(after):
        return []  # none can have such a code
    wanted = _stores(tenant_id).where(stores.c.code > after, *_sought(sought))
    if only is not None:
        wanted = wanted.where(stores.c.id.in_(only))
    wanted = wanted.order_by(stores.c.code).limit(limit)
    if state is not None:
        wanted = wanted.where(stores.c.state == state)
    return [_store(row) for row in await tx.execute(wanted)]


async def count_stores(
    tx: Tx,
    tenant_id: int,
    *,
    state: StoreState | None = None,
    only: Collection[UUID] | None = None,
    sought: Sought | None = None,
) -> int:
    """Say how many `store_list` has on all its pages."""
    wanted = select(func.count()).select_from(stores).where(stores.c.tenant_id == tenant_id)
    wanted = wanted.where(*_sought(sought))
    if only is not None:
        wanted = wanted.where(stores.c.id.in_(only))
    if state is not None:
        wanted = wanted.where(stores.c.state == state)
    return (await tx.execute(wanted)).scalar_one()


def _sought(sought: Sought | None) -> list[ColumnElement[bool]]:
    return (sought or Sought()).conditions(stores.c.id, stores.c.code, stores.c.name)


def _stores(tenant_id: int) -> Select[Any]:
    return select(
        stores.c.id,
        stores.c.code,
        stores.c.name,
        stores.c.channel,
        stores.c.partial_allowed,
        stores.c.state,
        stores.c.opened_at,
    ).where(stores.c.tenant_id == tenant_id)


def _store(row: Any) -> Store:  # noqa: ANN401 (a row of SQLAlchemy's)
    return Store(
        row.id,
        row.code,
        row.name,
        ChannelKind(row.channel),
        row.partial_allowed,
        StoreState(row.state),
        row.opened_at,
    )
