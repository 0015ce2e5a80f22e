"""Authenticators: apps that show a new code every half minute (TOTP), and recovery codes."""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from pyotp import TOTP, random_base32
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from kashu.access.errors_second import AuthenticatorCodeWrong, NoAuthenticatorShown, NoSuchFactor
from kashu.access.factors import (
    check_may_lose_one,
    drop_codes_if_alone,
    hold_person,
    read_factors,
)
from kashu.access.keyring import open_for_access, seal_for_access
from kashu.access.tables import authenticators, recovery_codes
from kashu.core.clock import Clock, now
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.secrets import Keyring, MasterKeys, Secret

ISSUER: Final = "Kashu"
SHOWN_FOR: Final = timedelta(minutes=15)
STEPS_OFF: Final = 1  # of 30 s, either way: phones' clocks. Source: RFC 6238, section 5.2

CODE_COUNT: Final = 10
_ALPHABET: Final = "23456789abcdefghjkmnpqrstuvwxyz"  # what is mistaken for another isn't there
_CODE_LENGTH: Final = 10  # 49 bits; guesses are counted, and hashes keyed


@dataclass(frozen=True, slots=True)
class Shown:
    """What an app is told, once."""

    secret: Secret
    uri: Secret = field(repr=False)


async def begin_authenticator(
    tx: Tx, tenant_id: int, staff_id: UUID, masters: MasterKeys, *, account: str
) -> Shown:
    """Make what an app shall show codes of. What was in force stays until the first right code."""
    secret = Secret(random_base32())
    values = {
        "sealed_next": seal_for_access(masters, secret, tenant_id=tenant_id, owner=staff_id),
        "next_until": now() + SHOWN_FOR,
    }
    await tx.execute(
        insert_or(authenticators)
        .values(tenant_id=tenant_id, staff_id=staff_id, **values)
        .on_conflict_do_update(index_elements=["tenant_id", "staff_id"], set_=values)
    )
    uri = TOTP(secret.clear).provisioning_uri(name=account, issuer_name=ISSUER)
    return Shown(secret, Secret(uri))


async def confirm_authenticator(
    tx: Tx, tenant_id: int, staff_id: UUID, masters: MasterKeys, code: str, *, clock: Clock = now
) -> None:
    """Put what was shown in force, by one right code, which is thereby used.

    Locks: the person. Raises: NoAuthenticatorShown, AuthenticatorCodeWrong.
    """
    await hold_person(tx, tenant_id, staff_id)
    found = await tx.execute(
        select(authenticators.c.sealed_next)
        .where(authenticators.c.tenant_id == tenant_id, authenticators.c.staff_id == staff_id)
        .where(authenticators.c.next_until > func.now())
    )
    sealed = found.scalar_one_or_none()
    if sealed is None:
        raise NoAuthenticatorShown
    secret = open_for_access(masters, sealed, tenant_id=tenant_id, owner=staff_id)
    step = _step_of(secret, code, clock)
    if step is None:
        raise AuthenticatorCodeWrong
    await tx.execute(
        update(authenticators)
        .where(authenticators.c.tenant_id == tenant_id, authenticators.c.staff_id == staff_id)
        .values(
            sealed_secret=sealed,
            sealed_next=None,
            next_until=None,
            confirmed_at=func.now(),
            last_step=step,
        )
    )
    added = Event("staff.factor_added", staff_id, {"factor": "authenticator"})
    await record(tx, tenant_id, f"staff:{staff_id}", [added])


async def remove_authenticator(tx: Tx, tenant_id: int, staff_id: UUID) -> None:
    """Take the authenticator away. Locks: the person. Raises: NoSuchFactor, SecondFactorKept."""
    await hold_person(tx, tenant_id, staff_id)
    if (await read_factors(tx, tenant_id, staff_id)).authenticator_since is None:
        raise NoSuchFactor
    await check_may_lose_one(tx, tenant_id, staff_id)
    await tx.execute(
        delete(authenticators).where(
            authenticators.c.tenant_id == tenant_id, authenticators.c.staff_id == staff_id
        )
    )
    await drop_codes_if_alone(tx, tenant_id, staff_id)
    removed = Event("staff.factor_removed", staff_id, {"factor": "authenticator"})
    await record(tx, tenant_id, f"staff:{staff_id}", [removed])


async def use_code(
    tx: Tx, tenant_id: int, staff_id: UUID, masters: MasterKeys, code: str, *, clock: Clock = now
) -> bool:
    """Tell whether it is a right code that wasn't used before, and use it up."""
    found = await tx.execute(
        select(authenticators.c.sealed_secret).where(
            authenticators.c.tenant_id == tenant_id, authenticators.c.staff_id == staff_id
        )
    )
    sealed = found.scalar_one_or_none()
    if sealed is None:
        return False
    secret = open_for_access(masters, sealed, tenant_id=tenant_id, owner=staff_id)
    step = _step_of(secret, code, clock)
    if step is None:
        return False
    used = await tx.execute(
        update(authenticators)
        .where(authenticators.c.tenant_id == tenant_id, authenticators.c.staff_id == staff_id)
        .where(authenticators.c.last_step < step)  # of two at once, one finds it used
        .values(last_step=step)
        .returning(authenticators.c.staff_id)
    )
    return used.one_or_none() is not None


async def make_recovery_codes(
    tx: Tx, tenant_id: int, staff_id: UUID, keyring: Keyring
) -> list[Secret]:
    """Make ten codes, each good once in place of a second factor; earlier ones end.

    They are told once and kept as keyed hashes. Locks: the person. Raises: NoSuchFactor.
    """
    await hold_person(tx, tenant_id, staff_id)
    if not (await read_factors(tx, tenant_id, staff_id)).any:
        raise NoSuchFactor
    codes = {
        "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH)) for _ in range(CODE_COUNT)
    }
    await tx.execute(
        delete(recovery_codes).where(
            recovery_codes.c.tenant_id == tenant_id, recovery_codes.c.staff_id == staff_id
        )
    )
    await tx.execute(
        insert(recovery_codes),
        [
            {
                "tenant_id": tenant_id,
                "staff_id": staff_id,
                "code_hash": _hash_of(keyring, staff_id, code),
            }
            for code in codes
        ],
    )
    made = Event("staff.recovery_codes_made", staff_id)
    await record(tx, tenant_id, f"staff:{staff_id}", [made])
    half = _CODE_LENGTH // 2
    return [Secret(f"{code[:half]}-{code[half:]}") for code in sorted(codes)]


async def use_recovery_code(
    tx: Tx, tenant_id: int, staff_id: UUID, keyring: Keyring, code: str
) -> bool:
    """Tell whether it is one of theirs that wasn't used, and use it up."""
    plain = "".join(code.split()).replace("-", "").lower()
    used = await tx.execute(
        update(recovery_codes)
        .where(recovery_codes.c.tenant_id == tenant_id, recovery_codes.c.staff_id == staff_id)
        .where(recovery_codes.c.code_hash == _hash_of(keyring, staff_id, plain))
        .where(recovery_codes.c.used_at.is_(None))
        .values(used_at=func.now())
        .returning(recovery_codes.c.staff_id)
    )
    if used.one_or_none() is None:
        return False
    left = (await read_factors(tx, tenant_id, staff_id)).recovery_left
    told = Event("staff.recovery_code_used", staff_id, {"left": left})
    await record(tx, tenant_id, f"staff:{staff_id}", [told])
    return True


def _step_of(secret: Secret, code: str, clock: Clock) -> int | None:
    """Which half minute's code it is, of those that are good now."""
    try:
        return TOTP(secret.clear).verify_and_get_timecode(
            code, for_time=clock(), valid_window=STEPS_OFF
        )
    except OTPVerificationError:
        return None


def _hash_of(keyring: Keyring, staff_id: UUID, code: str) -> bytes:
    return keyring.blind_index(f"recovery:{staff_id}:{code}")
