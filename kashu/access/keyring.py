"""Data keys: make a tenant's, open them, rotate them while serving."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy import insert, select, update

from kashu.access.tables import KeyPurpose, KeyState, api_keys, authenticators, data_keys
from kashu.core.clock import Clock, now
from kashu.core.db import Tx, one_at_a_time
from kashu.core.secrets import KEY_BYTES, Keyring, MasterKeys, Secret, unwrap, wrap

# How long another process may go on sealing under a key that was just replaced.
REMEMBERED_S: Final = 60


@dataclass(slots=True)
class Keyrings:
    """Opens tenants' data keys; remembers them for a minute, so that a rotation is noticed."""

    masters: MasterKeys
    clock: Clock = now
    _open: dict[int, tuple[float, Keyring]] = field(default_factory=dict, repr=False)

    async def of(self, tx: Tx, tenant_id: int, *, version: int | None = None) -> Keyring:
        """The tenant's keyring; read anew when it is old or lacks `version`.

        Raises: MasterKeyMissing, SealBroken.
        """
        at = self.clock().timestamp()
        remembered = self._open.get(tenant_id)
        if remembered and at - remembered[0] < REMEMBERED_S:
            keyring = remembered[1]
            if version is None or keyring.has(version):
                return keyring
        keyring = await _read(tx, tenant_id, self.masters)
        self._open[tenant_id] = (at, keyring)
        return keyring


def _bound_to(tenant_id: int, purpose: str, version: int) -> str:
    return f"kashu:{tenant_id}:{purpose}:{version}"


async def make_keys(tx: Tx, tenant_id: int, masters: MasterKeys) -> None:
    """Give a new tenant its data keys."""
    for purpose in KeyPurpose:
        await _add_key(tx, tenant_id, masters, purpose, version=1)


async def rotate_data_key(tx: Tx, tenant_id: int, masters: MasterKeys) -> int:
    """Put a new sealing key in force; returns its version. What the old ones sealed still opens.

    Locks: one rotation at a time for a tenant.
    """
    await one_at_a_time(tx, f"rotate {tenant_id}")
    seals = data_keys.c.purpose == KeyPurpose.SEAL
    ours = (data_keys.c.tenant_id == tenant_id) & seals
    latest = await tx.execute(
        select(data_keys.c.version).where(ours).order_by(data_keys.c.version.desc()).limit(1)
    )
    version: int = latest.scalar_one() + 1
    await tx.execute(
        update(data_keys)
        .where(ours, data_keys.c.state == KeyState.CURRENT)
        .values(state=KeyState.RETIRING)
    )
    await _add_key(tx, tenant_id, masters, KeyPurpose.SEAL, version=version)
    return version


async def rewrap_keys(tx: Tx, tenant_id: int, masters: MasterKeys) -> int:
    """Put all that a tenant has under an earlier master key under the one in force.

    Its data keys, its API keys' secrets and what its staff's one-time codes are checked against:
    then the earlier master key is needed by nothing but old backups. Returns how many changed.
    Raises: MasterKeyMissing, SealBroken.
    """
    changed = await _rewrap_data_keys(tx, tenant_id, masters)
    changed += await _reseal_api_keys(tx, tenant_id, masters)
    return changed + await _reseal_authenticators(tx, tenant_id, masters)


async def _reseal_authenticators(tx: Tx, tenant_id: int, masters: MasterKeys) -> int:
    rows = await tx.execute(
        select(authenticators).where(authenticators.c.tenant_id == tenant_id).with_for_update()
    )
    changed = 0
    for row in rows:
        sealed = {"sealed_secret": row.sealed_secret, "sealed_next": row.sealed_next}
        anew = sealed_anew(masters, sealed, tenant_id=tenant_id, owner=row.staff_id)
        if anew:
            await tx.execute(
                update(authenticators)
                .where(authenticators.c.tenant_id == tenant_id)
                .where(authenticators.c.staff_id == row.staff_id)
                .values(**anew)
            )
            changed += len(anew)
    return changed


async def _reseal_api_keys(tx: Tx, tenant_id: int, masters: MasterKeys) -> int:
    rows = await tx.execute(
        select(api_keys.c.id, api_keys.c.sealed_secret)
        .where(api_keys.c.tenant_id == tenant_id)
        .with_for_update()
    )
    changed = 0
    for row in rows:
        if row.sealed_secret.startswith(masters.current.id.encode()):
            continue
        secret = open_for_access(masters, row.sealed_secret, tenant_id=tenant_id, owner=row.id)
        await tx.execute(
            update(api_keys)
            .where(api_keys.c.tenant_id == tenant_id, api_keys.c.id == row.id)
            .values(
                sealed_secret=seal_for_access(masters, secret, tenant_id=tenant_id, owner=row.id)
            )
        )
        changed += 1
    return changed


async def _rewrap_data_keys(tx: Tx, tenant_id: int, masters: MasterKeys) -> int:
    rows = await tx.execute(
        select(data_keys)
        .where(data_keys.c.tenant_id == tenant_id)
        .where(data_keys.c.master_key_id != masters.current.id)
        .where(data_keys.c.state != KeyState.RETIRED)
        .with_for_update()
    )
    changed = 0
    for row in rows:
        bound_to = _bound_to(tenant_id, row.purpose, row.version)
        key = unwrap(masters, row.master_key_id, row.wrapped, bound_to)
        await tx.execute(
            update(data_keys)
            .where(data_keys.c.tenant_id == tenant_id)
            .where(data_keys.c.purpose == row.purpose, data_keys.c.version == row.version)
            .values(wrapped=wrap(masters.current, key, bound_to), master_key_id=masters.current.id)
        )
        changed += 1
    return changed


def seal_for_access(masters: MasterKeys, clear: Secret, *, tenant_id: int, owner: UUID) -> bytes:
    """Seal what access itself must get back in clear (an API key's secret)."""
    sealed = wrap(masters.current, clear.clear.encode(), f"kashu:{tenant_id}:access:{owner}")
    return masters.current.id.encode() + sealed


def open_for_access(masters: MasterKeys, sealed: bytes, *, tenant_id: int, owner: UUID) -> Secret:
    """Open what seal_for_access sealed. Raises: MasterKeyMissing, SealBroken."""
    master_id, wrapped = sealed[:16].decode(), sealed[16:]
    return Secret(unwrap(masters, master_id, wrapped, f"kashu:{tenant_id}:access:{owner}").decode())


def sealed_anew(
    masters: MasterKeys, sealed: Mapping[str, bytes | None], *, tenant_id: int, owner: UUID
) -> dict[str, bytes]:
    """Seal under the master key in force what is under an earlier one; the rest is left out.

    Raises: MasterKeyMissing, SealBroken.
    """
    return {
        name: seal_for_access(
            masters,
            open_for_access(masters, each, tenant_id=tenant_id, owner=owner),
            tenant_id=tenant_id,
            owner=owner,
        )
        for name, each in sealed.items()
        if each is not None and not each.startswith(masters.current.id.encode())
    }


async def _add_key(
    tx: Tx, tenant_id: int, masters: MasterKeys, purpose: KeyPurpose, *, version: int
) -> None:
    bound_to = _bound_to(tenant_id, purpose, version)
    await tx.execute(
        insert(data_keys).values(
            tenant_id=tenant_id,
            purpose=purpose,
            version=version,
            wrapped=wrap(masters.current, os.urandom(KEY_BYTES), bound_to),
            master_key_id=masters.current.id,
        )
    )


async def _read(tx: Tx, tenant_id: int, masters: MasterKeys) -> Keyring:
    rows = await tx.execute(
        select(data_keys)
        .where(data_keys.c.tenant_id == tenant_id)
        .where(data_keys.c.state != KeyState.RETIRED)
    )
    seals: dict[int, bytes] = {}
    current, index = 0, b""
    for row in rows:
        key = unwrap(
            masters, row.master_key_id, row.wrapped, _bound_to(tenant_id, row.purpose, row.version)
        )
        if row.purpose == KeyPurpose.INDEX:
            index = key
        else:
            seals[row.version] = key
            current = row.version if row.state == KeyState.CURRENT else current
    assert current, "a tenant always has a current sealing key"
    assert index, "a tenant always has an index key"
    return Keyring.of(tenant_id, current, seals, index)
