"""The second step of signing in, and signing in by a passkey alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kashu.access.authenticator import use_code, use_recovery_code
from kashu.access.errors_second import PasskeyUnknown
from kashu.access.keyring import Keyrings
from kashu.access.passkeys import Passkeys
from kashu.access.sessions import open_session
from kashu.access.sign_in import (
    Candidate,
    forgive,
    hold_unlocked,
    note_failure,
    read_pending,
    use_pending,
)
from kashu.access.tables import StaffState, staff
from kashu.core.db import Tx


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody proves themselves with: one of these."""

    code: str | None = field(default=None, repr=False)
    recovery_code: str | None = field(default=None, repr=False)
    passkey: Mapping[str, Any] | None = field(default=None, repr=False)


async def take_second_step(
    tx: Tx,
    tenant_id: int,
    token: str,
    given: Given,
    *,
    keyrings: Keyrings,
    passkeys: Passkeys | None,
    device: str,
) -> str | None:
    """Finish a sign-in; returns the session's token, or None where what was given is wrong.

    A wrong one is counted in the same transaction, under the person's lock: those who guess in
    parallel come one after another, and no more of them than the lock-out permits. `passkeys`:
    needed where a passkey was given.
    Locks: the person. Raises: SignInLapsed.
    """
    staff_id = await read_pending(tx, tenant_id, token)
    if not await hold_unlocked(tx, tenant_id, staff_id):
        return None
    if not await _is_right(tx, tenant_id, staff_id, given, keyrings, passkeys):
        await note_failure(tx, Candidate(tenant_id, staff_id, None))
        return None
    await use_pending(tx, tenant_id, token)
    await forgive(tx, tenant_id, staff_id)
    return await open_session(tx, tenant_id, staff_id, device)


async def sign_in_by_passkey(
    tx: Tx,
    tenant_id: int,
    staff_id: UUID,
    credential: Mapping[str, Any],
    *,
    passkeys: Passkeys,
    device: str,
) -> str:
    """Open a session for who answered with a passkey of theirs; returns its token.

    A lock-out is against guessing, and a signature isn't guessed: it neither counts nor hinders.
    Locks: the person. Raises: PasskeyUnknown, PasskeyNotVerified.
    """
    found = await tx.execute(
        select(staff.c.id)
        .where(staff.c.tenant_id == tenant_id, staff.c.id == staff_id)
        .where(staff.c.state == StaffState.ACTIVE)
        .with_for_update()
    )
    if found.one_or_none() is None:
        raise PasskeyUnknown
    await passkeys.check_sign_in(tx, tenant_id, staff_id, credential)
    return await open_session(tx, tenant_id, staff_id, device)


async def _is_right(  # noqa: PLR0917  (what is to be checked, whose it is, and with what)
    tx: Tx,
    tenant_id: int,
    staff_id: UUID,
    given: Given,
    keyrings: Keyrings,
    passkeys: Passkeys | None,
) -> bool:
    if given.passkey is not None and passkeys is not None:
        return await passkeys.check_second(tx, tenant_id, staff_id, given.passkey)
    if given.code is not None:
        return await use_code(tx, tenant_id, staff_id, keyrings.masters, given.code)
    if given.recovery_code is not None:
        keyring = await keyrings.of(tx, tenant_id)
        return await use_recovery_code(tx, tenant_id, staff_id, keyring, given.recovery_code)
    return False
