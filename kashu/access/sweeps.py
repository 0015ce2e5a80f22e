"""What access does without being asked."""

from kashu.access.purge import ROWS_MAX, purge
from kashu.access.tenants import all_tenants
from kashu.core.db import Database


async def forget_what_is_over(database: Database) -> bool:
    """Purge every tenant's old nonces, sessions and invitations once.

    Returns whether somebody has more of it, so that the worker comes straight back.
    """
    async with database.transaction(None) as tx:
        tenants = await all_tenants(tx)
    more = False
    for tenant in tenants:
        async with database.transaction(tenant.id) as tx:
            purged = await purge(tx, tenant.id)
        more = more or purged.nonce_count == ROWS_MAX
    return more
