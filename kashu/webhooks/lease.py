"""Lease: take what an address is to hear, for as long as telling it may take."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from kashu.access.keyring import open_for_access
from kashu.core.db import Tx
from kashu.core.secrets import MasterKeys, Secret
from kashu.core.sql import Statement
from kashu.webhooks.kinds import EndpointState
from kashu.webhooks.tables import endpoints

LEASE: Final = timedelta(seconds=60)  # longer than a call may take
AT_ONCE: Final = 16  # messages on their way to one address


@dataclass(frozen=True, slots=True)
class Leased:
    """A message that is ours to send now."""

    id: UUID
    message_id: UUID
    body: str
    tries: int  # with this one
    attempts: int  # which try of all it is: another has it when this has changed


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where messages go, and with what they are signed."""

    id: UUID
    url: str
    secrets: tuple[Secret, ...]
    failing_since: datetime | None
    leased: tuple[Leased, ...]


@dataclass(frozen=True, slots=True)
class _Due:
    id: UUID


_endpoints = Statement(__file__, "lease_endpoints.sql", _Due)
_lease = Statement(__file__, "lease.sql", Leased)


async def endpoints_due(tx: Tx, tenant_id: int, at: datetime) -> list[UUID]:
    """Which addresses are to hear something at `at`."""
    return [each.id for each in await _endpoints(tx, tenant=tenant_id, at=at)]


async def lease(
    tx: Tx, tenant_id: int, endpoint_id: UUID, at: datetime, masters: MasterKeys
) -> Addressee | None:
    """Take what an address is to hear now; None: nothing. After a rest, one at a time.

    Locks: what is taken, until `tx` ends; it is ours until the lease ends.
    Raises: MasterKeyMissing, SealBroken.
    """
    found = await tx.execute(
        select(endpoints)
        .where(endpoints.c.tenant_id == tenant_id, endpoints.c.id == endpoint_id)
        .where(endpoints.c.state == EndpointState.OPEN)
        .where(endpoints.c.resume_at.is_(None) | (endpoints.c.resume_at <= at))
    )
    row = found.one_or_none()
    if row is None:
        return None
    most = AT_ONCE if row.resume_at is None else 1
    leased = await _lease(
        tx, tenant=tenant_id, endpoint=endpoint_id, at=at, until=at + LEASE, most=most
    )
    if not leased:
        return None
    sealed = [row.sealed_secret]
    if row.earlier_until is not None and row.earlier_until > at:
        sealed.append(row.sealed_earlier)
    secrets = tuple(
        open_for_access(masters, each, tenant_id=tenant_id, owner=endpoint_id) for each in sealed
    )
    return Addressee(row.id, row.url, secrets, row.failing_since, tuple(leased))
