"""Connections: our account at a supplier, whether it is called, and what calls need."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import insert

from kashu.access.keyring import open_for_access, seal_for_access
from kashu.access.options import open_options, seal_options, sort_options
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.money import CURRENCY
from kashu.core.secrets import MasterKeys, Secret
from kashu.suppliers.currency import set_currency
from kashu.suppliers.errors import SupplierNotConnected
from kashu.suppliers.kinds import ConnectionState
from kashu.suppliers.reads import supplier_by_code
from kashu.suppliers.tables import connections
from kashu.suppliers.upstream import Login

TOKEN_BYTES: Final = 24  # of a notice address


@dataclass(frozen=True, slots=True)
class Connection:
    """Our account at a supplier, without its secrets in clear."""

    supplier_id: UUID
    protocol: str
    account: str
    base_url: str
    options: Mapping[str, str]  # those that aren't secret
    state: ConnectionState
    prices_every_s: int
    prices_at: datetime  # when prices are asked for again
    prices_ok_at: datetime | None
    prices_failures: int
    prices_said: str
    prices_leased_until: datetime | None  # somebody reads them
    balance_at: datetime  # when the balance is asked for again
    broken_until: datetime | None
    breaks: int
    broken_because: str
    notice_token: str = field(repr=False)
    sealed_secret: bytes = field(repr=False)
    sealed_options: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewConnection:
    """How to reach a supplier."""

    protocol: str
    account: str
    secret: Secret
    base_url: str = ""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_options: Collection[str] = ()  # the names of those that are secret, as the adapter says
    prices_every_s: int = 60
    currency: str = CURRENCY  # that its protocol sells in


async def connect(
    tx: Tx, tenant_id: int, actor: str, code: str, wanted: NewConnection, *, masters: MasterKeys
) -> Connection:
    """Give a supplier our account there, or another one. Its notice address is made anew.

    By another protocol than before, it is paid in what that sells in. Raises: UnknownSupplier.
    """
    supplier = await supplier_by_code(tx, tenant_id, code)
    before = (await connections_by_supplier(tx, tenant_id, [supplier.id])).get(supplier.id)
    plain, secret = sort_options(wanted.options, wanted.secret_options)
    owner = supplier.id
    values = {
        "protocol": wanted.protocol,
        "account": wanted.account,
        "sealed_secret": seal_for_access(masters, wanted.secret, tenant_id=tenant_id, owner=owner),
        "base_url": wanted.base_url,
        "options": plain,
        "sealed_options": seal_options(masters, secret, tenant_id=tenant_id, owner=owner),
        "notice_token": secrets.token_urlsafe(TOKEN_BYTES),
        "state": ConnectionState.OPEN,
        "prices_every_s": wanted.prices_every_s,
        "prices_failures": 0,
        "prices_said": "",
        "prices_ok_at": None,
        "prices_leased_until": None,
    }
    await tx.execute(
        insert(connections)
        .values(tenant_id=tenant_id, supplier_id=supplier.id, **values)
        .on_conflict_do_update(
            index_elements=[connections.c.tenant_id, connections.c.supplier_id], set_=values
        )
    )
    facts = {
        "protocol": wanted.protocol,
        "account": wanted.account,
        "base_url": wanted.base_url,
    }
    await record(tx, tenant_id, actor, [Event("supplier.connected", supplier.id, facts)])
    if before is None or before.protocol != wanted.protocol:
        await set_currency(tx, tenant_id, actor, supplier.id, wanted.currency)
    return await connection_of(tx, tenant_id, supplier.id)


async def set_state(
    tx: Tx, tenant_id: int, actor: str, supplier_id: UUID, state: ConnectionState, *, said: str = ""
) -> None:
    """Stop a connection, open it again, or note that the supplier doesn't accept our login."""
    changed = await tx.execute(
        update(connections)
        .where(connections.c.tenant_id == tenant_id, connections.c.supplier_id == supplier_id)
        .where(connections.c.state != state)
        .values(state=state)
    )
    if changed.rowcount:
        facts = {"said": said} if said else {}
        event = Event(f"supplier.connection_{state.value}", supplier_id, facts)
        await record(tx, tenant_id, actor, [event])


async def connection_of(tx: Tx, tenant_id: int, supplier_id: UUID) -> Connection:
    """Read a supplier's connection. Raises: SupplierNotConnected."""
    rows = await tx.execute(_all(tenant_id).where(connections.c.supplier_id == supplier_id))
    row = rows.one_or_none()
    if row is None:
        raise SupplierNotConnected(supplier=supplier_id)
    return _connection(row)


async def connections_by_supplier(
    tx: Tx, tenant_id: int, supplier_ids: Collection[UUID]
) -> dict[UUID, Connection]:
    """Read some suppliers' connections; those without one are left out."""
    rows = await tx.execute(_all(tenant_id).where(connections.c.supplier_id.in_(supplier_ids)))
    return {row.supplier_id: _connection(row) for row in rows}


async def connection_by_token(tx: Tx, tenant_id: int, token: str) -> Connection | None:
    """Whose notice address this is; None: nobody's."""
    rows = await tx.execute(_all(tenant_id).where(connections.c.notice_token == token))
    row = rows.one_or_none()
    return None if row is None else _connection(row)


def login_of(connection: Connection, tenant_id: int, masters: MasterKeys) -> Login:
    """Open what calls to a supplier need. Raises: MasterKeyMissing, SealBroken."""
    owner = connection.supplier_id
    secret = open_for_access(masters, connection.sealed_secret, tenant_id=tenant_id, owner=owner)
    hidden = open_options(masters, connection.sealed_options, tenant_id=tenant_id, owner=owner)
    options = {**connection.options, **hidden}
    return Login(connection.account, secret, connection.base_url, options)


def _all(tenant_id: int) -> Select[Any]:
    return select(connections).where(connections.c.tenant_id == tenant_id)


def _connection(row: Any) -> Connection:  # noqa: ANN401 (a row of SQLAlchemy's)
    return Connection(
        supplier_id=row.supplier_id,
        protocol=row.protocol,
        account=row.account,
        base_url=row.base_url,
        options=row.options,
        state=ConnectionState(row.state),
        prices_every_s=row.prices_every_s,
        prices_at=row.prices_at,
        prices_ok_at=row.prices_ok_at,
        prices_failures=row.prices_failures,
        prices_said=row.prices_said,
        prices_leased_until=row.prices_leased_until,
        balance_at=row.balance_at,
        broken_until=row.broken_until,
        breaks=row.breaks,
        broken_because=row.broken_because,
        notice_token=row.notice_token,
        sealed_secret=row.sealed_secret,
        sealed_options=row.sealed_options,
    )
