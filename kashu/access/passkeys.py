"""Passkeys: registered, listed, removed; a sign-in of their own, or the second factor."""

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    options_to_json_dict,
    parse_client_data_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from kashu.access.errors_second import (
    NoSuchFactor,
    PasskeyExists,
    PasskeyNotVerified,
    PasskeyRefused,
    PasskeysTooMany,
    PasskeyUnknown,
)
from kashu.access.factors import check_may_lose_one, drop_codes_if_alone, hold_person
from kashu.access.site import Site
from kashu.access.tables import passkeys, used_challenges
from kashu.core.clock import Clock, now
from kashu.core.db import Tx, on_violation
from kashu.core.errors import KashuError
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.secrets import MasterKeys

on_violation("passkey_credential_is_unique", PasskeyExists)

RP_NAME: Final = "Kashu 卡枢"
GOOD_FOR_S: Final = 300
PASSKEYS_MAX: Final = 10  # of one person
_NONCE_BYTES: Final = 16
_KEY_ID_BYTES: Final = 8
_TIME_BYTES: Final = 8
_CHALLENGE_BYTES: Final = _NONCE_BYTES + _KEY_ID_BYTES + _TIME_BYTES + 32
_TENANT_BYTES: Final = 8
_HANDLE_BYTES: Final = _TENANT_BYTES + 16


@dataclass(frozen=True, slots=True)
class Passkeys:
    """Asks and checks passkeys for one site.

    A challenge carries its end and what it is for under our own key, so that anybody may ask for
    one without a row being written. When it is answered it is written down, and never good again.
    """

    site: Site
    masters: MasterKeys = field(repr=False)
    clock: Clock = now

    def registration(
        self, tenant_id: int, staff_id: UUID, *, login: str, name: str, known: list[bytes]
    ) -> dict[str, Any]:
        """What a browser is asked to register. Raises: PasskeysTooMany."""
        if len(known) >= PASSKEYS_MAX:
            raise PasskeysTooMany(limit=PASSKEYS_MAX)
        options = generate_registration_options(
            rp_id=self.site.rp_id,
            rp_name=RP_NAME,
            user_id=_handle(tenant_id, staff_id),
            user_name=login,
            user_display_name=name,
            challenge=self._challenge(f"register:{tenant_id}:{staff_id}"),
            timeout=GOOD_FOR_S * 1000,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
        )
        return options_to_json_dict(options)

    async def register(
        self, tx: Tx, tenant_id: int, staff_id: UUID, name: str, credential: Mapping[str, Any]
    ) -> UUID:
        """Keep a passkey whose registration checks; returns its id.

        Locks: the person. Raises: PasskeyRefused, PasskeyExists, PasskeysTooMany.
        """
        try:
            challenge = _challenge_in(credential)
            self._check(challenge, f"register:{tenant_id}:{staff_id}")
            verified = verify_registration_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self.site.rp_id,
                expected_origin=self.site.origin,
            )
        except Exception as error:  # whatever can't be read is refused alike
            raise PasskeyRefused from error
        await hold_person(tx, tenant_id, staff_id)
        if len(await known_to(tx, tenant_id, staff_id)) >= PASSKEYS_MAX:
            raise PasskeysTooMany(limit=PASSKEYS_MAX)
        if not await _use(tx, tenant_id, challenge):
            raise PasskeyRefused
        passkey_id = new_id()
        await tx.execute(
            insert(passkeys).values(
                tenant_id=tenant_id,
                id=passkey_id,
                staff_id=staff_id,
                credential_id=verified.credential_id,
                public_key=verified.credential_public_key,
                sign_count=verified.sign_count,
                transports=_transports(credential),
                backed_up=verified.credential_backed_up,
                name=name,
            )
        )
        added = Event("staff.factor_added", staff_id, {"factor": "passkey", "name": name})
        await record(tx, tenant_id, f"staff:{staff_id}", [added])
        return passkey_id

    def sign_in(self) -> dict[str, Any]:
        """What a browser is asked to sign somebody in with, whoever it is."""
        options = generate_authentication_options(
            rp_id=self.site.rp_id,
            challenge=self._challenge("sign_in"),
            timeout=GOOD_FOR_S * 1000,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    def second(self, tenant_id: int, staff_id: UUID, known: list[bytes]) -> dict[str, Any]:
        """What a browser is asked for as the second factor of somebody."""
        options = generate_authentication_options(
            rp_id=self.site.rp_id,
            challenge=self._challenge(f"second:{tenant_id}:{staff_id}"),
            timeout=GOOD_FOR_S * 1000,
            allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
            user_verification=UserVerificationRequirement.PREFERRED,
        )
        return options_to_json_dict(options)

    async def check_sign_in(
        self, tx: Tx, tenant_id: int, staff_id: UUID, credential: Mapping[str, Any]
    ) -> None:
        """See that a passkey of theirs answered, and verified them: that counts as two factors.

        Raises: PasskeyUnknown, PasskeyNotVerified.
        """
        if not await self._check_answer(tx, tenant_id, staff_id, credential, "sign_in"):
            raise PasskeyNotVerified

    async def check_second(
        self, tx: Tx, tenant_id: int, staff_id: UUID, credential: Mapping[str, Any]
    ) -> bool:
        """Tell whether a passkey of theirs answered."""
        purpose = f"second:{tenant_id}:{staff_id}"
        try:
            await self._check_answer(tx, tenant_id, staff_id, credential, purpose)
        except PasskeyUnknown:
            return False
        return True

    async def _check_answer(
        self, tx: Tx, tenant_id: int, staff_id: UUID, credential: Mapping[str, Any], purpose: str
    ) -> bool:
        """Check an answer and use it up; returns whether its owner was verified.

        Raises: PasskeyUnknown.
        """
        try:
            challenge = _challenge_in(credential)
            self._check(challenge, purpose)
            credential_id = base64url_to_bytes(str(credential.get("id")))
        except Exception as error:  # whatever can't be read is refused alike
            raise PasskeyUnknown from error
        found = await tx.execute(
            select(passkeys.c.id, passkeys.c.public_key, passkeys.c.sign_count)
            .where(passkeys.c.tenant_id == tenant_id, passkeys.c.staff_id == staff_id)
            .where(passkeys.c.credential_id == credential_id)
            .with_for_update()
        )
        row = found.one_or_none()
        if row is None:
            raise PasskeyUnknown
        try:
            verified = verify_authentication_response(
                credential=dict(credential),
                expected_challenge=challenge,
                expected_rp_id=self.site.rp_id,
                expected_origin=self.site.origin,
                credential_public_key=row.public_key,
                credential_current_sign_count=row.sign_count,  # a copy of it counts behind
            )
        except Exception as error:  # whatever doesn't check is refused alike
            raise PasskeyUnknown from error
        if not await _use(tx, tenant_id, challenge):
            raise PasskeyUnknown
        await tx.execute(
            update(passkeys)
            .where(passkeys.c.tenant_id == tenant_id, passkeys.c.id == row.id)
            .values(
                sign_count=verified.new_sign_count,
                backed_up=verified.credential_backed_up,
                last_used_at=func.now(),
            )
        )
        return verified.user_verified

    def _challenge(self, purpose: str) -> bytes:
        key = self.masters.current
        until = int(self.clock().timestamp()) + GOOD_FOR_S
        said = os.urandom(_NONCE_BYTES) + bytes.fromhex(key.id) + until.to_bytes(_TIME_BYTES)
        return said + _mac(key.key, said, purpose)

    def _check(self, challenge: bytes, purpose: str) -> None:
        """See that we made a challenge for this purpose, not long ago. Raises: PasskeyRefused."""
        if len(challenge) != _CHALLENGE_BYTES:
            raise PasskeyRefused
        said, mac = challenge[:-32], challenge[-32:]
        key_id = said[_NONCE_BYTES : _NONCE_BYTES + _KEY_ID_BYTES].hex()
        try:
            key = self.masters.named(key_id)
        except KashuError as error:
            raise PasskeyRefused from error
        if not hmac.compare_digest(mac, _mac(key.key, said, purpose)):
            raise PasskeyRefused
        if int.from_bytes(said[-_TIME_BYTES:]) < self.clock().timestamp():
            raise PasskeyRefused


async def known_to(tx: Tx, tenant_id: int, staff_id: UUID) -> list[bytes]:
    """The credential ids of somebody's passkeys."""
    found = await tx.execute(
        select(passkeys.c.credential_id)
        .where(passkeys.c.tenant_id == tenant_id, passkeys.c.staff_id == staff_id)
        .order_by(passkeys.c.id)
    )
    return list(found.scalars())


async def rename_passkey(
    tx: Tx, tenant_id: int, staff_id: UUID, passkey_id: UUID, name: str
) -> None:
    """Call a passkey something else. Raises: NoSuchFactor."""
    renamed = await tx.execute(
        update(passkeys)
        .where(passkeys.c.tenant_id == tenant_id, passkeys.c.id == passkey_id)
        .where(passkeys.c.staff_id == staff_id)
        .values(name=name)
        .returning(passkeys.c.id)
    )
    if renamed.one_or_none() is None:
        raise NoSuchFactor


async def remove_passkey(tx: Tx, tenant_id: int, staff_id: UUID, passkey_id: UUID) -> None:
    """Take a passkey away. Locks: the person. Raises: NoSuchFactor, SecondFactorKept."""
    await hold_person(tx, tenant_id, staff_id)
    found = await tx.execute(
        select(passkeys.c.name)
        .where(passkeys.c.tenant_id == tenant_id, passkeys.c.id == passkey_id)
        .where(passkeys.c.staff_id == staff_id)
    )
    name = found.scalar_one_or_none()
    if name is None:
        raise NoSuchFactor
    await check_may_lose_one(tx, tenant_id, staff_id)
    await tx.execute(
        delete(passkeys).where(passkeys.c.tenant_id == tenant_id, passkeys.c.id == passkey_id)
    )
    await drop_codes_if_alone(tx, tenant_id, staff_id)
    removed = Event("staff.factor_removed", staff_id, {"factor": "passkey", "name": name})
    await record(tx, tenant_id, f"staff:{staff_id}", [removed])


def owner_of(credential: Mapping[str, Any]) -> tuple[int, UUID]:
    """Read whose passkey says that it answers: the tenant comes before the row can be found.

    Raises: PasskeyUnknown.
    """
    try:
        handle = base64url_to_bytes(credential["response"]["userHandle"])
    except Exception as error:  # whatever can't be read is refused alike
        raise PasskeyUnknown from error
    if len(handle) != _HANDLE_BYTES or handle[0] > 0x7F:  # noqa: PLR2004  (as PostgreSQL counts)
        raise PasskeyUnknown
    return int.from_bytes(handle[:_TENANT_BYTES]), UUID(bytes=handle[_TENANT_BYTES:])


def _handle(tenant_id: int, staff_id: UUID) -> bytes:
    return tenant_id.to_bytes(_TENANT_BYTES) + staff_id.bytes


def _mac(key: bytes, said: bytes, purpose: str) -> bytes:
    own = hmac.digest(key, b"kashu passkey challenge", "sha256")
    return hmac.digest(own, said + purpose.encode(), "sha256")


def _challenge_in(credential: Mapping[str, Any]) -> bytes:
    told = base64url_to_bytes(credential["response"]["clientDataJSON"])
    return parse_client_data_json(told).challenge


def _transports(credential: Mapping[str, Any]) -> list[str]:
    told = credential["response"].get("transports")
    known = {each.value for each in AuthenticatorTransport}
    return sorted(known.intersection(told if isinstance(told, list) else ()))


async def _use(tx: Tx, tenant_id: int, challenge: bytes) -> bool:
    """Write down that a challenge was answered; False where it was before."""
    used = await tx.execute(
        insert_or(used_challenges)
        .values(tenant_id=tenant_id, nonce=challenge[:_NONCE_BYTES])
        .on_conflict_do_nothing()
        .returning(used_challenges.c.nonce)
    )
    return used.one_or_none() is not None
