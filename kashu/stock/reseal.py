"""Reseal: after a key was rotated, bring all cards under the new one, and erase the old.

A walk through the cards by id, 500 in a transaction. How far it came is kept nowhere: a card's
own key_version says whether it is done, and passing over a million that are takes a third of a
second. An index on it would cost every sale instead.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from kashu.access.keyring import REMEMBERED_S, Keyrings
from kashu.access.retire import replacement, retire_keys
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.sql import Statement
from kashu.stock.tables import ImportState, cards, imports

AT_ONCE: Final = 500  # cards in a transaction: a sale waits some milliseconds for them at most
FIRST: Final = UUID(int=0)

# By then no process seals under a key that it remembers from before the rotation.
SETTLED_AFTER: Final = timedelta(seconds=2 * REMEMBERED_S)


@dataclass(frozen=True, slots=True)
class Resealing:
    """How far it has come: cards under the key in force, and all cards."""

    version: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class _Sealed:
    card_id: UUID
    sku_id: UUID
    sealed: bytes = field(repr=False)
    key_version: int


@dataclass(frozen=True, slots=True)
class _Nothing:
    """The statement returns no rows."""


_next = Statement(__file__, "reseal_next.sql", _Sealed)
_reseal = Statement(__file__, "reseal_cards.sql", _Nothing)


async def reseal(tx: Tx, tenant_id: int, keyrings: Keyrings, *, after: UUID) -> UUID | None:
    """Reseal the next 500 cards behind `after`; returns the last, or None when none is left there.

    The clear texts leave nothing but memory, so no reveal is written.
    Locks: those cards; it passes over the ones that somebody else has locked.
    """
    replaced = await replacement(tx, tenant_id)
    if replaced is None:
        return None
    rows = await _next(tx, tenant=tenant_id, after=after, version=replaced.version, count=AT_ONCE)
    if not rows:
        return None
    keyring = await keyrings.of(tx, tenant_id, version=replaced.version)
    assert keyring.version == replaced.version, "a keyring that has it was read after it was made"
    fresh = [
        keyring.seal(
            keyring.open(row.sealed, row.key_version, kind=row.sku_id, owner=row.card_id).clear,
            kind=row.sku_id,
            owner=row.card_id,
        )
        for row in rows
    ]
    await _reseal(
        tx,
        tenant=tenant_id,
        version=replaced.version,
        cards=[row.card_id for row in rows],
        sealed=fresh,
    )
    return rows[-1].card_id


async def retire_if_unused(tx: Tx, tenant_id: int, *, now: datetime) -> bool:
    """Erase the keys that no card is sealed under any more. True: it is done, or nothing was to do.

    Not before every process has forgotten them, nor while an import runs, which seals all its
    cards under the key that it began with.
    """
    replaced = await replacement(tx, tenant_id)
    if replaced is None:
        return True
    if now < replaced.replaced_at + SETTLED_AFTER:
        return False
    running = select(imports.c.id).where(
        imports.c.tenant_id == tenant_id, imports.c.state == ImportState.RUNNING
    )
    if (await tx.execute(running.limit(1))).first() is not None:
        return False
    old = select(cards.c.id).where(
        cards.c.tenant_id == tenant_id, cards.c.key_version < replaced.version
    )
    if (await tx.execute(old.limit(1))).first() is not None:
        return False
    await retire_keys(tx, tenant_id, replaced.retiring)
    facts = {"retired": replaced.retiring, "version": replaced.version}
    await record(tx, tenant_id, "system", [Event("keys.retired", new_id(), facts)])
    return True


async def resealing(tx: Tx, tenant_id: int) -> Resealing | None:
    """Say how far resealing has come; None when no key waits to be retired."""
    replaced = await replacement(tx, tenant_id)
    if replaced is None:
        return None
    counted = select(
        func.count().filter(cards.c.key_version >= replaced.version), func.count()
    ).where(cards.c.tenant_id == tenant_id)
    done, total = (await tx.execute(counted)).one()
    return Resealing(replaced.version, done, total)
