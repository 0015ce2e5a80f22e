"""Forget what can't matter any more: old nonces, sessions and invitations that are over."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select, tuple_

from kashu.access.tables import invitations, nonces, pending_sign_ins, sessions, used_challenges
from kashu.core.db import Tx

# Twice what a signature's time may be off, and two minutes for the clocks of the database and of
# the web process: a nonce older than that is refused by its time.
NONCES_KEPT: Final = timedelta(minutes=12)
# Sessions and links are kept for a while, since they answer "who was signed in then?".
OVER_KEPT: Final = timedelta(days=30)
CHALLENGES_KEPT: Final = timedelta(hours=1)
ROWS_MAX: Final = 10_000  # a statement; so that none holds its locks for long


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows went."""

    nonce_count: int
    session_count: int
    invitation_count: int


async def purge(tx: Tx, tenant_id: int) -> Purged:
    """Delete up to ROWS_MAX rows of each kind that are over."""
    old = (
        select(nonces.c.key_id, nonces.c.nonce)
        .where(nonces.c.tenant_id == tenant_id, nonces.c.at < func.now() - NONCES_KEPT)
        .limit(ROWS_MAX)
    )
    gone_nonces = await tx.execute(
        delete(nonces).where(
            nonces.c.tenant_id == tenant_id, tuple_(nonces.c.key_id, nonces.c.nonce).in_(old)
        )
    )
    gone_sessions = await tx.execute(
        delete(sessions).where(
            sessions.c.tenant_id == tenant_id, sessions.c.expires_at < func.now() - OVER_KEPT
        )
    )
    gone_invitations = await tx.execute(
        delete(invitations).where(
            invitations.c.tenant_id == tenant_id,
            invitations.c.expires_at < func.now() - OVER_KEPT,
        )
    )
    # A challenge is good for five minutes, a half-done sign-in too: an hour is ample.
    await tx.execute(
        delete(used_challenges).where(
            used_challenges.c.tenant_id == tenant_id,
            used_challenges.c.at < func.now() - CHALLENGES_KEPT,
        )
    )
    await tx.execute(
        delete(pending_sign_ins).where(
            pending_sign_ins.c.tenant_id == tenant_id,
            pending_sign_ins.c.expires_at < func.now() - CHALLENGES_KEPT,
        )
    )
    return Purged(gone_nonces.rowcount, gone_sessions.rowcount, gone_invitations.rowcount)
