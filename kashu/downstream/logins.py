"""Logins: what an agent's system signs with. Shown once, sealed at rest, counted, revocable."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Select, func, insert, select, update

from kashu.access.keyring import open_for_access, seal_for_access
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_id
from kashu.core.secrets import MasterKeys, Secret
from kashu.core.sql import Statement
from kashu.customers.agents import Agent
from kashu.downstream.dialect import Dialect, Login
from kashu.downstream.errors import CalledTooMuch, LoginWrong, UnknownLogin
from kashu.downstream.tables import logins

# As the program whose dialect is told the limits of: 60 calls in 60 s, then 30 s of nothing.
CALLS_MAX: Final = 60
WITHIN: Final = timedelta(seconds=60)
BLOCKED: Final = timedelta(seconds=30)

_NAME: Final = re.compile(r"dl_(\d{1,18})_([0-9a-f]{32})", re.ASCII)
_NUMBERS: Final = range(1_000, 2**31)


@dataclass(frozen=True, slots=True)
class ListedLogin:
    """A login as it is listed: everything but its secrets."""

    id: UUID
    customer_id: UUID
    dialect: str
    name: str
    number: int
    made_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class MadeLogin:
    """A new login. The secrets are here once and never again."""

    login: ListedLogin
    secrets: Mapping[str, Secret]


@dataclass(frozen=True, slots=True)
class Counted:
    """How often a login called lately."""

    calls: int
    blocked: bool

    def check(self) -> None:
        """Refuse one who calls too often. Raises: CalledTooMuch."""
        if self.blocked:
            raise CalledTooMuch


_count = Statement(__file__, "logins_count.sql", Counted)


def wire_name(tenant_id: int, login_id: UUID) -> str:
    """Write a login's name, which carries its tenant."""
    return f"dl_{tenant_id}_{login_id.hex}"


def parse_wire_name(name: str) -> tuple[int, UUID]:
    """Read a login's name. Raises: LoginWrong."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise LoginWrong
    return int(found[1]), UUID(hex=found[2])


async def make_login(
    tx: Tx,
    tenant_id: int,
    actor: str,
    agent: Agent,
    dialect: Dialect,
    *,
    name: str,
    masters: MasterKeys,
) -> MadeLogin:
    """Make a login in a dialect for an agent."""
    login_id, drawn = new_id(), dialect.make_secrets()
    clear = {part: secret.clear for part, secret in drawn.items()}
    sealed = Secret(msgspec.json.encode(clear).decode())
    await tx.execute(
        insert(logins).values(
            tenant_id=tenant_id,
            id=login_id,
            customer_id=agent.customer_id,
            dialect=dialect.name,
            name=name,
            number=secrets.choice(_NUMBERS),
            sealed_secret=seal_for_access(masters, sealed, tenant_id=tenant_id, owner=login_id),
        )
    )
    facts = {"login": str(login_id), "dialect": dialect.name, "name": name}
    await record(tx, tenant_id, actor, [Event("login.made", agent.customer_id, facts)])
    return MadeLogin(await login_of(tx, tenant_id, login_id), drawn)


async def revoke_login(tx: Tx, tenant_id: int, actor: str, login_id: UUID) -> None:
    """End a login, at once. Raises: UnknownLogin."""
    revoked = await tx.execute(
        update(logins)
        .where(logins.c.tenant_id == tenant_id, logins.c.id == login_id)
        .where(logins.c.revoked_at.is_(None))
        .values(revoked_at=func.now())
        .returning(logins.c.customer_id)
    )
    customer_id = revoked.scalar_one_or_none()
    if customer_id is None:
        raise UnknownLogin(login=login_id)
    facts = {"login": str(login_id)}
    await record(tx, tenant_id, actor, [Event("login.revoked", customer_id, facts)])


async def login_of(tx: Tx, tenant_id: int, login_id: UUID) -> ListedLogin:
    """Read one. Raises: UnknownLogin."""
    row = (await tx.execute(_logins(tenant_id).where(logins.c.id == login_id))).one_or_none()
    if row is None:
        raise UnknownLogin(login=login_id)
    return ListedLogin(*row)


async def logins_of(tx: Tx, tenant_id: int, customer_id: UUID) -> list[ListedLogin]:
    """Read an agent's logins, the newest first, the revoked ones too."""
    wanted = _logins(tenant_id).where(logins.c.customer_id == customer_id)
    return [ListedLogin(*row) for row in await tx.execute(wanted.order_by(logins.c.id.desc()))]


async def open_login(
    tx: Tx, tenant_id: int, login_id: UUID, dialect: str, masters: MasterKeys
) -> Login:
    """Read a login that may be used in a dialect, with its secrets. Raises: LoginWrong."""
    found = await tx.execute(
        select(logins.c.customer_id, logins.c.number, logins.c.sealed_secret)
        .where(logins.c.tenant_id == tenant_id, logins.c.id == login_id)
        .where(logins.c.dialect == dialect, logins.c.revoked_at.is_(None))
    )
    row = found.one_or_none()
    if row is None:
        raise LoginWrong
    clear = open_for_access(masters, row.sealed_secret, tenant_id=tenant_id, owner=login_id)
    told = msgspec.json.decode(clear.clear, type=dict[str, str])
    return Login(
        tenant_id,
        login_id,
        row.customer_id,
        wire_name(tenant_id, login_id),
        row.number,
        {part: Secret(value) for part, value in told.items()},
    )


async def count_call(tx: Tx, tenant_id: int, login_id: UUID, at: datetime) -> Counted:
    """Count a call of a login, in all processes together; commit before it is refused for that.

    Locks: the login.
    """
    [counted] = await _count(
        tx,
        tenant=tenant_id,
        login=login_id,
        at=at,
        within=WITHIN,
        blocked_for=BLOCKED,
        calls_max=CALLS_MAX,
    )
    return counted


async def reseal_logins(tx: Tx, tenant_id: int, masters: MasterKeys) -> int:
    """Put secrets under the master key in force; return how many. Locks: the logins, in order."""
    ours = logins.c.tenant_id == tenant_id
    found = await tx.execute(
        select(logins.c.id, logins.c.sealed_secret)
        .where(ours)
        .order_by(logins.c.id)
        .with_for_update()
    )
    changed = 0
    for login_id, sealed in list(found):
        if sealed.startswith(masters.current.id.encode()):
            continue
        clear = open_for_access(masters, sealed, tenant_id=tenant_id, owner=login_id)
        fresh = seal_for_access(masters, clear, tenant_id=tenant_id, owner=login_id)
        await tx.execute(
            update(logins).where(ours, logins.c.id == login_id).values(sealed_secret=fresh)
        )
        changed += 1
    return changed


def _logins(tenant_id: int) -> Select[Any]:
    names = list(ListedLogin.__dataclass_fields__)
    return select(*(logins.c[name] for name in names)).where(logins.c.tenant_id == tenant_id)
