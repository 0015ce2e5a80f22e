"""Second factors: which somebody has, and who must have one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from kashu.access.errors_second import SecondFactorKept, SecondFactorMissing
from kashu.access.permissions import Role
from kashu.access.tables import authenticators, passkeys, recovery_codes, staff, tenants
from kashu.core.db import Tx
from kashu.core.events import Event, record


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: bool


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody can prove themselves with, beside their password."""

    authenticator_since: datetime | None
    recovery_left: int
    passkeys: Sequence[Passkey]

    @property
    def any(self) -> bool:
        """Whether a second factor is asked for."""
        return self.authenticator_since is not None or bool(self.passkeys)


async def read_factors(tx: Tx, tenant_id: int, staff_id: UUID) -> Factors:
    """Read which second factors somebody has."""
    since = await tx.execute(
        select(authenticators.c.confirmed_at).where(
            authenticators.c.tenant_id == tenant_id, authenticators.c.staff_id == staff_id
        )
    )
    left = await tx.execute(
        select(recovery_codes.c.code_hash).where(
            recovery_codes.c.tenant_id == tenant_id,
            recovery_codes.c.staff_id == staff_id,
            recovery_codes.c.used_at.is_(None),
        )
    )
    keys = await tx.execute(
        select(
            passkeys.c.id,
            passkeys.c.name,
            passkeys.c.created_at,
            passkeys.c.last_used_at,
            passkeys.c.backed_up,
        )
        .where(passkeys.c.tenant_id == tenant_id, passkeys.c.staff_id == staff_id)
        .order_by(passkeys.c.created_at, passkeys.c.id)
    )
    return Factors(
        since.scalar_one_or_none(), len(left.all()), tuple(Passkey(*row) for row in keys)
    )


async def hold_person(tx: Tx, tenant_id: int, staff_id: UUID) -> None:
    """Wait for our turn to change how somebody signs in."""
    await tx.execute(
        select(staff.c.id)
        .where(staff.c.tenant_id == tenant_id, staff.c.id == staff_id)
        .with_for_update()
    )


async def check_may_lose_one(tx: Tx, tenant_id: int, staff_id: UUID) -> None:
    """Keep the last second factor of somebody whose role needs one. Under hold_person().

    Raises: SecondFactorKept.
    """
    factors = await read_factors(tx, tenant_id, staff_id)
    count = len(factors.passkeys) + (factors.authenticator_since is not None)
    if count <= 1 and await is_required_of(tx, tenant_id, staff_id):
        raise SecondFactorKept


async def drop_codes_if_alone(tx: Tx, tenant_id: int, staff_id: UUID) -> None:
    """Recovery codes stand in for a second factor: without one they go."""
    if not (await read_factors(tx, tenant_id, staff_id)).any:
        await tx.execute(
            delete(recovery_codes).where(
                recovery_codes.c.tenant_id == tenant_id, recovery_codes.c.staff_id == staff_id
            )
        )


async def remove_factors(tx: Tx, tenant_id: int, actor: str, staff_id: UUID) -> bool:
    """Take all second factors from somebody who lost them; returns whether there was one.

    Whoever calls this has made sure that it is they, and ends their sessions.
    """
    await hold_person(tx, tenant_id, staff_id)
    had = (await read_factors(tx, tenant_id, staff_id)).any
    for table in (authenticators, passkeys, recovery_codes):
        await tx.execute(
            delete(table).where(table.c.tenant_id == tenant_id, table.c.staff_id == staff_id)
        )
    if had:
        removed = Event("staff.factor_removed", staff_id, {"factor": "all"})
        await record(tx, tenant_id, actor, [removed])
    return had


async def is_required_of(tx: Tx, tenant_id: int, staff_id: UUID) -> bool:
    """Whether the shop asks somebody's role for a second factor."""
    found = await tx.execute(
        select(staff.c.role).where(staff.c.tenant_id == tenant_id, staff.c.id == staff_id)
    )
    return Role(found.scalar_one()) in await read_required(tx, tenant_id)


async def read_required(tx: Tx, tenant_id: int) -> list[Role]:
    """The roles that need a second factor."""
    found = await tx.execute(select(tenants.c.second_factor_roles).where(tenants.c.id == tenant_id))
    return [Role(role) for role in found.scalar_one()]


async def require_of(tx: Tx, tenant_id: int, staff_id: UUID, roles: Sequence[Role]) -> None:
    """Say which roles need a second factor, from their next request on.

    Raises: SecondFactorMissing where whoever says so has none themselves.
    """
    wanted = sorted({role.value for role in roles})
    if wanted and not (await read_factors(tx, tenant_id, staff_id)).any:
        raise SecondFactorMissing
    before = sorted(role.value for role in await read_required(tx, tenant_id))
    await tx.execute(
        update(tenants).where(tenants.c.id == tenant_id).values(second_factor_roles=wanted)
    )
    if wanted != before:
        told = Event("tenant.second_factor_required", staff_id, {"from": before, "to": wanted})
        await record(tx, tenant_id, f"staff:{staff_id}", [told])
