"""All that a tenant has, to see that a refusal changed none of it."""

from sqlalchemy import text

from kashu.core.db import Database
from kashu.core.schema import metadata

# What calling alone writes down.
_BY_CALLING = {"access.nonces", "access.sessions"}

_ONE = (
    "SELECT '{name}', coalesce(md5(string_agg(written, chr(10) ORDER BY written)), '') FROM"
    " (SELECT (to_jsonb(one) - 'last_used_at')::text AS written FROM {name} AS one"
    "   WHERE one.tenant_id = :tenant) AS row"
)
_ALL = " UNION ALL ".join(
    _ONE.format(name=table.fullname)
    for table in metadata.sorted_tables
    if "tenant_id" in table.columns and table.fullname not in _BY_CALLING
)


async def snapshot(database: Database, tenant_id: int) -> dict[str, str]:
    """A fingerprint of each table's rows of a tenant."""
    async with database.transaction(tenant_id) as tx:
        rows = await tx.execute(text(_ALL), {"tenant": tenant_id})
        return {row[0]: row[1] for row in rows}
