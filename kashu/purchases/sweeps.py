"""What purchases do without being asked: order what is wanted, ask about what isn't known."""

from typing import Final

from kashu.access.tenants import Tenant
from kashu.core.db import Database
from kashu.purchases.ask import ASKS_DUE, ask_due
from kashu.purchases.buyer import Buyer
from kashu.purchases.place import place_due
from kashu.purchases.want import PURCHASES_DUE
from kashu.suppliers.reach import Upstreams

__all__ = ["ASKS_DUE", "PURCHASES_DUE", "ask_orders", "place_orders"]

SYSTEM: Final = "system"


async def place_orders(database: Database, tenant: Tenant, upstreams: Upstreams) -> bool:
    """Order what is due. True: there may be more."""
    return await place_due(Buyer(database, tenant.id, tenant.timezone, upstreams, SYSTEM))


async def ask_orders(database: Database, tenant: Tenant, upstreams: Upstreams) -> bool:
    """Ask about what is due. True: there may be more."""
    return await ask_due(Buyer(database, tenant.id, tenant.timezone, upstreams, SYSTEM))
