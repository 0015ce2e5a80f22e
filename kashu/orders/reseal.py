"""Reseal: after a key was rotated, bring accounts that wait to be topped up under the new one."""

from typing import Final

from sqlalchemy import select, update

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.orders.tables import buying, held

AT_ONCE: Final = 500  # rows in a transaction


async def reseal_accounts(database: Database, tenant_id: int, keyrings: Keyrings) -> None:
    """Seal anew, until no account is under an earlier key. Who erases that calls this first."""
    await _reseal_held(database, tenant_id, keyrings)
    more = True
    while more:
        async with database.transaction(tenant_id) as tx:
            keyring = await keyrings.of(tx, tenant_id)
            rows = (
                await tx.execute(
                    select(
                        buying.c.line_id,
                        buying.c.sku_id,
                        buying.c.sealed_account,
                        buying.c.key_version,
                    )
                    .where(buying.c.tenant_id == tenant_id)
                    .where(buying.c.key_version < keyring.version)
                    .order_by(buying.c.line_id)
                    .limit(AT_ONCE)
                    .with_for_update()
                )
            ).all()
            for row in rows:
                bound = {"kind": row.sku_id, "owner": row.line_id}
                clear = keyring.open(row.sealed_account, row.key_version, **bound).clear
                values = {
                    "sealed_account": keyring.seal(clear, **bound),
                    "key_version": keyring.version,
                }
                await tx.execute(
                    update(buying)
                    .where(buying.c.tenant_id == tenant_id, buying.c.line_id == row.line_id)
                    .values(**values)
                )
        more = len(rows) == AT_ONCE


async def _reseal_held(database: Database, tenant_id: int, keyrings: Keyrings) -> None:
    """Those of orders that wait for a second person: few."""
    async with database.transaction(tenant_id) as tx:
        keyring = await keyrings.of(tx, tenant_id)
        rows = await tx.execute(
            select(held.c.id, held.c.sealed_accounts, held.c.key_version)
            .where(held.c.tenant_id == tenant_id, held.c.key_version < keyring.version)
            .order_by(held.c.id)
            .with_for_update()
        )
        for row in rows.all():
            bound = {"kind": row.id, "owner": row.id}
            clear = keyring.open(row.sealed_accounts, row.key_version, **bound).clear
            values = {
                "sealed_accounts": keyring.seal(clear, **bound),
                "key_version": keyring.version,
            }
            await tx.execute(
                update(held)
                .where(held.c.tenant_id == tenant_id, held.c.id == row.id)
                .values(**values)
            )
