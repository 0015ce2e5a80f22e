"""Reseal: after a key was rotated, bring what purchases sealed under the new one.

Before the old one is erased: who erases it looks at cards only, and calls this first.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import select, update

from kashu.access.keyring import Keyrings
from kashu.core.db import Database, Tx
from kashu.core.secrets import Keyring
from kashu.purchases.tables import attempts, purchases, rejected_cards

AT_ONCE: Final = 500  # rows in a transaction


async def reseal_purchases(database: Database, tenant_id: int, keyrings: Keyrings) -> None:
    """Seal anew, until nothing of a merchant's is under an earlier key: evidence, and inputs."""
    for reseal in (_evidence, _inputs):
        more = True
        while more:
            async with database.transaction(tenant_id) as tx:
                more = await reseal(tx, tenant_id, await keyrings.of(tx, tenant_id))


async def _evidence(tx: Tx, tenant_id: int, keyring: Keyring) -> bool:
    """Locks: the rows, until `tx` ends."""
    ours = rejected_cards.c.tenant_id == tenant_id
    wanted = (
        select(
            rejected_cards.c.id,
            rejected_cards.c.sealed,
            rejected_cards.c.key_version,
            purchases.c.sku_id,
        )
        .join(
            attempts,
            (attempts.c.tenant_id == tenant_id) & (attempts.c.id == rejected_cards.c.attempt_id),
        )
        .join(
            purchases,
            (purchases.c.tenant_id == tenant_id) & (purchases.c.id == attempts.c.purchase_id),
        )
        .where(ours, rejected_cards.c.key_version < keyring.version)
        .limit(AT_ONCE)
        .with_for_update(of=rejected_cards)
    )
    rows = (await tx.execute(wanted)).all()
    for row in rows:
        sealed = _again(keyring, row.sealed, row.key_version, row.sku_id, row.id)
        values = {"sealed": sealed, "key_version": keyring.version}
        await tx.execute(
            update(rejected_cards).where(ours, rejected_cards.c.id == row.id).values(**values)
        )
    return len(rows) == AT_ONCE


async def _inputs(tx: Tx, tenant_id: int, keyring: Keyring) -> bool:
    """Locks: the purchases, until `tx` ends."""
    ours = purchases.c.tenant_id == tenant_id
    wanted = (
        select(
            purchases.c.id,
            purchases.c.sealed_inputs,
            purchases.c.key_version,
            purchases.c.sku_id,
        )
        .where(ours, purchases.c.key_version < keyring.version)
        .where(purchases.c.sealed_inputs.is_not(None))
        .limit(AT_ONCE)
        .with_for_update(key_share=True)
    )
    rows = (await tx.execute(wanted)).all()
    for row in rows:
        sealed = _again(keyring, row.sealed_inputs, row.key_version, row.sku_id, row.id)
        values = {"sealed_inputs": sealed, "key_version": keyring.version}
        await tx.execute(update(purchases).where(ours, purchases.c.id == row.id).values(**values))
    return len(rows) == AT_ONCE


def _again(keyring: Keyring, sealed: bytes, version: int, sku_id: UUID, owner: UUID) -> bytes:
    clear = keyring.open(sealed, version, kind=sku_id, owner=owner).clear
    return keyring.seal(clear, kind=sku_id, owner=owner)
