"""Own store: a key that is bound to one store or customer knows no other store."""

from kashu.access.caller import Caller
from kashu.channels.errors import UnknownStore
from kashu.channels.reads import Store, store_by_code
from kashu.core.db import Tx


async def own_store(tx: Tx, caller: Caller, code: str) -> Store:
    """Read a store that the caller may know of. Raises: UnknownStore."""
    store = await store_by_code(tx, caller.tenant_id, code)
    if caller.bound and caller.store_id != store.id:
        raise UnknownStore(store=code)
    return store
