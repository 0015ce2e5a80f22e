"""API keys: what programs sign with. Shown once, sealed at rest, revoked within ten seconds."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, func, insert, select, update

from kashu.access.caller import Caller
from kashu.access.errors import KeyBoundUnknown, KeyExpiryPast, KeyUnknown, MoreThanYouHave
from kashu.access.keyring import open_for_access, seal_for_access
from kashu.access.permissions import Permission
from kashu.access.signatures import key_name, parse_key_name
from kashu.access.tables import api_keys, tenants
from kashu.core.clock import now
from kashu.core.db import Tx, on_violation
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.secrets import MasterKeys, Secret

SECRET_BYTES: Final = 32

on_violation("api_key_knows_its_store", KeyBoundUnknown)
on_violation("api_key_knows_its_customer", KeyBoundUnknown)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is listed: everything but its secret."""

    id: UUID
    name: str
    scopes: frozenset[Permission]
    store_id: UUID | None
    customer_id: UUID | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A new key. The secret is here once and never again."""

    key: ApiKey
    secret: Secret


@dataclass(frozen=True, slots=True)
class OpenKey:
    """A key that may be used now, with what its signatures are checked against."""

    id: UUID
    secret: bytes = field(repr=False)
    caller: Caller
    expires_at: datetime | None


async def make_key(
    tx: Tx,
    caller: Caller,
    masters: MasterKeys,
    *,
    name: str,
    scopes: Sequence[Permission],
    store_id: UUID | None = None,
    customer_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> MadeKey:
    """Make a key that may do what `scopes` say, and nothing its maker may not.

    Raises: MoreThanYouHave, KeyExpiryPast, KeyBoundUnknown.
    """
    for scope in sorted(scopes):
        if not caller.may(scope):
            raise MoreThanYouHave(permission=scope.value)
    if expires_at is not None and expires_at <= now():
        raise KeyExpiryPast
    key_id, secret = new_id(), Secret(f"sk_{secrets.token_urlsafe(SECRET_BYTES)}")
    await tx.execute(
        insert(api_keys).values(
            tenant_id=caller.tenant_id,
            id=key_id,
            name=name,
            scopes=sorted(scope.value for scope in set(scopes)),
            sealed_secret=seal_for_access(
                masters, secret, tenant_id=caller.tenant_id, owner=key_id
            ),
            store_id=store_id,
            customer_id=customer_id,
            expires_at=expires_at,
        )
    )
    made = {"name": name, "scopes": sorted(scope.value for scope in set(scopes))}
    await record(tx, caller.tenant_id, caller.actor, [Event("key.made", key_id, made)])
    return MadeKey(await _read(tx, caller.tenant_id, key_id), secret)


async def list_keys(tx: Tx, tenant_id: int) -> list[ApiKey]:
    """All keys, newest first, the revoked ones too."""
    found = await tx.execute(_listed(tenant_id).order_by(api_keys.c.id.desc()))
    return [_key(row) for row in found]


async def revoke_key(tx: Tx, tenant_id: int, actor: str, name: str) -> None:
    """End a key by its name on the wire. A process that knows it forgets it within 10 s.

    Raises: KeyUnknown (another tenant's, or revoked already).
    """
    parsed = parse_key_name(name)
    if parsed is None or parsed[0] != tenant_id:
        raise KeyUnknown
    revoked = await tx.execute(
        update(api_keys)
        .where(api_keys.c.tenant_id == tenant_id, api_keys.c.id == parsed[1])
        .where(api_keys.c.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .returning(api_keys.c.id)
    )
    if revoked.one_or_none() is None:
        raise KeyUnknown
    await record(tx, tenant_id, actor, [Event("key.revoked", parsed[1])])


async def open_key(tx: Tx, tenant_id: int, key_id: UUID, masters: MasterKeys) -> OpenKey | None:
    """Read a key that may be used, or None: unknown, revoked or over."""
    found = await tx.execute(
        select(
            api_keys.c.sealed_secret,
            api_keys.c.scopes,
            api_keys.c.store_id,
            api_keys.c.customer_id,
            api_keys.c.expires_at,
            tenants.c.timezone,
        )
        .join(tenants, tenants.c.id == tenant_id)
        .where(api_keys.c.tenant_id == tenant_id, api_keys.c.id == key_id)
        .where(api_keys.c.revoked_at.is_(None))
        .where(api_keys.c.expires_at.is_(None) | (api_keys.c.expires_at > func.now()))
    )
    row = found.one_or_none()
    if row is None:
        return None
    secret = open_for_access(masters, row.sealed_secret, tenant_id=tenant_id, owner=key_id)
    known = {scope.value for scope in Permission}
    caller = Caller(
        tenant_id,
        f"key:{key_id}",
        frozenset(Permission(scope) for scope in row.scopes if scope in known),
        timezone=row.timezone,
        store_id=row.store_id,
        customer_id=row.customer_id,
    )
    return OpenKey(key_id, secret.clear.encode(), caller, row.expires_at)


def wire_name(tenant_id: int, key: ApiKey) -> str:
    """Say how a key is called in an Authorization header."""
    return key_name(tenant_id, key.id)


async def _read(tx: Tx, tenant_id: int, key_id: UUID) -> ApiKey:
    found = await tx.execute(_listed(tenant_id).where(api_keys.c.id == key_id))
    return _key(found.one())


def _listed(tenant_id: int) -> Select[Any]:
    return select(
        api_keys.c.id,
        api_keys.c.name,
        api_keys.c.scopes,
        api_keys.c.store_id,
        api_keys.c.customer_id,
        api_keys.c.created_at,
        api_keys.c.expires_at,
        api_keys.c.revoked_at,
        api_keys.c.last_used_at,
    ).where(api_keys.c.tenant_id == tenant_id)


def _key(row: Row[Any]) -> ApiKey:
    known = {scope.value for scope in Permission}
    return ApiKey(
        row.id,
        row.name,
        frozenset(Permission(scope) for scope in row.scopes if scope in known),
        row.store_id,
        row.customer_id,
        row.created_at,
        row.expires_at,
        row.revoked_at,
        row.last_used_at,
    )
