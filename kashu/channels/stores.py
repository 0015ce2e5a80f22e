"""Stores: open one, rename it, close it, open it again."""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy.dialects.postgresql import insert

from kashu.channels.errors import StoreCodeTaken
from kashu.channels.kinds import ChannelKind, StoreState
from kashu.channels.reads import Store, store_by_code
from kashu.channels.tables import stores
from kashu.core.change import change_row, chosen
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.naming import Name, check_naming

DIRECT: Final = "direct"  # the code of the store that each merchant begins with


class StoreChanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed; what is unset stays as it is. A code and a channel never change."""

    name: Name | UnsetType = UNSET
    partial_allowed: bool | UnsetType | None = UNSET  # null: as the SKU says
    state: StoreState | UnsetType = UNSET


async def open_store(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    code: str,
    name: str,
    channel: ChannelKind,
    partial_allowed: bool | None = None,
) -> Store:
    """Open a store; it takes orders at once. Raises: NamingWrong, StoreCodeTaken."""
    check_naming(code=code, name=name)
    values = {
        "code": code,
        "name": name,
        "channel": channel,
        "partial_allowed": partial_allowed,
    }
    if not await _open(tx, tenant_id, actor, values):
        raise StoreCodeTaken(store=code)
    return await store_by_code(tx, tenant_id, code)


async def begin_tenant(tx: Tx, tenant_id: int, actor: str) -> None:
    """Open a new merchant's own counter, for orders that come from no platform. Safe to repeat."""
    values = {"code": DIRECT, "name": "直销", "channel": ChannelKind.DIRECT}
    await _open(tx, tenant_id, actor, values)


async def change_store(
    tx: Tx, tenant_id: int, actor: str, code: str, changes: StoreChanges
) -> Store:
    """Rename a store, close it, open it again, or say whether its lines may be partly filled.

    A closed store takes no new orders; what was sold stays, and can be delivered and refunded.
    Locks: the store. Raises: NamingWrong, UnknownStore.
    """
    wanted = chosen(changes)
    check_naming(name=wanted.get("name"))
    store = await store_by_code(tx, tenant_id, code)
    changed = await change_row(tx, stores, tenant_id, code, wanted)
    assert changed, "stores aren't deleted"
    if not changed.after:
        return store
    kinds = {StoreState.OPEN: "store.reopened", StoreState.CLOSED: "store.closed"}
    kind = kinds[changed.after["state"]] if "state" in changed.after else "store.changed"
    await record(tx, tenant_id, actor, [Event(kind, changed.id, changed.facts)])
    return await store_by_code(tx, tenant_id, code)


async def _open(tx: Tx, tenant_id: int, actor: str, values: Mapping[str, object]) -> bool:
    store_id = new_id()
    opened = await tx.execute(
        insert(stores)
        .values(tenant_id=tenant_id, id=store_id, **values)
        .on_conflict_do_nothing(index_elements=[stores.c.tenant_id, stores.c.code])
        .returning(stores.c.id)
    )
    if opened.one_or_none() is None:
        return False
    facts = {"code": values["code"], "name": values["name"], "channel": values["channel"]}
    await record(tx, tenant_id, actor, [Event("store.opened", store_id, facts)])
    return True
