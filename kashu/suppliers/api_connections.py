"""HTTP of connections: our account at a supplier, what its protocol can, and on what terms."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Final

import msgspec
from litestar import get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, UnsetType

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.options import HIDDEN, is_secret, keep_hidden
from kashu.access.permissions import Permission
from kashu.core.db import Database, Tx
from kashu.core.money import format_amount, parse_amount
from kashu.core.naming import Code
from kashu.core.secrets import Secret
from kashu.suppliers.connections import (
    Connection,
    NewConnection,
    connect,
    connection_of,
    connections_by_supplier,
    login_of,
    set_state,
)
from kashu.suppliers.errors import ProtocolUnknown
from kashu.suppliers.kinds import ConnectionState, Goods, Settlement
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.read_prices import want_prices
from kashu.suppliers.reads import Supplier, supplier_by_code
from kashu.suppliers.terms import Share, Terms, TermsChanges, change_terms, terms_of
from kashu.suppliers.try_connection import Tried, try_connection
from kashu.suppliers.upstream import Can, Guard, NoticeBy, Repeats, Upstream

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)]  # some are in PEM
Url = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^(https?://[^\s?#@\\]+)?$")]
Seconds = Annotated[int, msgspec.Meta(ge=5, le=86_400)]


class SupplierConnectionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Our account at a supplier. `secret` may be left out where protocol, account, address stay."""

    protocol: Text
    account: Text
    secret: Key | None = None
    base_url: Url = ""
    options: dict[Text, Key] = {}
    prices_every_s: Seconds = 60

    def __repr__(self) -> str:
        """Hide the secret."""
        return f"SupplierConnectionBody({self.protocol!r}, {self.account!r}, •••)"


class SupplierConnectionShown(msgspec.Struct, frozen=True):
    """A connection without its secrets, and how reading its prices goes.

    `prices_ok_at`: as of when its whole list is known; `prices_said`: the code of the last failure.
    `notice_url`: where the supplier tells us, empty where we have no public address.
    """

    supplier: str
    protocol: str
    account: str
    base_url: str
    secret: str
    options: dict[str, str]
    state: ConnectionState
    prices_every_s: int
    prices_at: datetime
    prices_ok_at: datetime | None
    prices_failures: int
    prices_said: str
    broken_until: datetime | None
    notice_url: str
    can: list[Can]  # what its protocol has


class ProtocolShown(msgspec.Struct, frozen=True):
    """A protocol that is installed, what it can and how it behaves."""

    protocol: str
    can: list[Can]
    goods: list[Goods]
    currency: str
    repeats: Repeats
    guard: Guard
    notice_by: NoticeBy
    ask_after_s: float
    settles_after_s: float
    one_at_a_time: bool
    secret_options: list[str]


class TriedShown(msgspec.Struct, frozen=True):
    """How a connection was tried: question by question."""

    ok: bool
    tried: list[Tried]


class TermsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be changed; what is unset stays. How it is settled is set with its limits."""

    fee: str | UnsetType = UNSET  # on each one that it sells us …
    fee_ppm: Share | UnsetType = UNSET  # … and of its price, in parts per million
    rebate_ppm: Share | UnsetType = UNSET


class TermsShown(msgspec.Struct, frozen=True):
    """On what terms we buy; all of it is in the landed cost. Shares in parts per million."""

    supplier: str
    settlement: Settlement
    settle_days: int
    fee: str
    fee_ppm: int
    rebate_ppm: int


@get(
    "/v1/supplier-protocols",
    operation_id="listSupplierProtocols",
    guards=[requires(Permission.SUPPLIERS_READ)],
)
async def list_protocols(upstreams: NamedDependency[Upstreams]) -> list[ProtocolShown]:
    """List the protocols that are installed."""
    return [_protocol(each) for _, each in sorted(upstreams.protocols.items())]


@put(
    "/v1/suppliers/{code:str}/connection",
    operation_id="connectSupplier",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    responses=problems(404),
)
async def put_supplier_connection(
    code: FromPath[Code],
    data: JSONBody[SupplierConnectionBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> SupplierConnectionShown:
    """Give a supplier our account there, or another one; it is opened, its prices read at once.

    Secret options that come back as `•••` stay as they are. Its notice address is made anew.
    """
    upstream = upstreams.protocols.get(data.protocol)
    if upstream is None:
        raise ProtocolUnknown(protocol=data.protocol[:40])
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        secret, options = await _kept(tx, caller, upstreams, supplier, data)
        wanted = NewConnection(
            data.protocol,
            data.account,
            secret,
            data.base_url,
            options,
            upstream.secret_options,
            data.prices_every_s,
            upstream.rules.currency,
        )
        masters = upstreams.keyrings.masters
        made = await connect(tx, caller.tenant_id, caller.actor, code, wanted, masters=masters)
        await want_prices(tx, caller.tenant_id, supplier.id, upstreams.now())
    return _shown(caller, upstreams, supplier, made)


@get(
    "/v1/suppliers/{code:str}/connection",
    operation_id="readSupplierConnection",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    responses=problems(404, 409),
)
async def get_supplier_connection(
    code: FromPath[Code],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> SupplierConnectionShown:
    """How a supplier is connected, and how reading its prices goes."""
    supplier, connection = await _connection(database, caller, code)
    return _shown(caller, upstreams, supplier, connection)


@post(
    "/v1/suppliers/{code:str}/connection/stop",
    operation_id="stopSupplier",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_stop(
    code: FromPath[Code],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> SupplierConnectionShown:
    """Buy nothing there and read no prices. Orders that are under way are still asked about."""
    return await _set(code, caller, database, upstreams, ConnectionState.STOPPED)


@post(
    "/v1/suppliers/{code:str}/connection/open",
    operation_id="openSupplier",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_open(
    code: FromPath[Code],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> SupplierConnectionShown:
    """Open a connection that was stopped or locked out; its prices are read at once."""
    return await _set(code, caller, database, upstreams, ConnectionState.OPEN)


@post(
    "/v1/suppliers/{code:str}/connection/test",
    operation_id="testSupplier",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_test(
    code: FromPath[Code],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> TriedShown:
    """Ask for our balance and the first products, and say how that went. Nothing is ordered."""
    supplier, connection = await _connection(database, caller, code)
    tried = await try_connection(caller.tenant_id, upstreams, connection, supplier.name)
    return TriedShown(all(each.ok for each in tried), tried)


@get(
    "/v1/suppliers/{code:str}/terms",
    operation_id="readSupplierTerms",
    guards=[requires(Permission.SUPPLIERS_READ)],
    responses=problems(404),
)
async def get_terms(
    code: FromPath[Code], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> TermsShown:
    """On what terms we buy from a supplier."""
    async with database.transaction(caller.tenant_id) as tx:
        return _terms(code, await terms_of(tx, caller.tenant_id, code))


@patch(
    "/v1/suppliers/{code:str}/terms",
    operation_id="changeSupplierTerms",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    responses=problems(404),
)
async def patch_terms(
    code: FromPath[Code],
    data: JSONBody[TermsBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> TermsShown:
    """Change fees and rebate, from the next comparison on."""
    fee_e4 = UNSET if data.fee is UNSET else parse_amount(data.fee)
    changes = TermsChanges(fee_e4, data.fee_ppm, data.rebate_ppm)
    async with database.transaction(caller.tenant_id) as tx:
        terms = await change_terms(tx, caller.tenant_id, caller.actor, code, changes)
    return _terms(code, terms)


async def _connection(database: Database, caller: Caller, code: str) -> tuple[Supplier, Connection]:
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        return supplier, await connection_of(tx, caller.tenant_id, supplier.id)


async def _set(
    code: str, caller: Caller, database: Database, upstreams: Upstreams, state: ConnectionState
) -> SupplierConnectionShown:
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        await connection_of(tx, caller.tenant_id, supplier.id)
        await set_state(tx, caller.tenant_id, caller.actor, supplier.id, state)
        if state is ConnectionState.OPEN:
            await want_prices(tx, caller.tenant_id, supplier.id, upstreams.now())
        connection = await connection_of(tx, caller.tenant_id, supplier.id)
    return _shown(caller, upstreams, supplier, connection)


async def _kept(
    tx: Tx, caller: Caller, upstreams: Upstreams, supplier: Supplier, data: SupplierConnectionBody
) -> tuple[Secret, Mapping[str, str]]:
    """Put the stored secrets in place of those that weren't sent again. Raises: OptionHidden."""
    tenant_id = caller.tenant_id
    stored = (await connections_by_supplier(tx, tenant_id, [supplier.id])).get(supplier.id)
    known: dict[str, str] = {}
    secret = ""
    trusted = False
    if stored is not None:
        login = login_of(stored, tenant_id, upstreams.keyrings.masters)
        known, secret = dict(login.options), login.secret.clear
        trusted = (data.protocol, data.account, data.base_url) == (
            stored.protocol,
            stored.account,
            stored.base_url,
        )
    options = keep_hidden(data.options, known, trusted=trusted)
    sent = {"secret": data.secret or HIDDEN}
    kept = keep_hidden(sent, {"secret": secret} if secret else {}, trusted=trusted)
    return Secret(kept["secret"]), options


def _terms(code: str, terms: Terms) -> TermsShown:
    return TermsShown(
        code,
        terms.settlement,
        terms.settle_days,
        format_amount(terms.fee_e4),
        terms.fee_ppm,
        terms.rebate_ppm,
    )


def _protocol(upstream: Upstream) -> ProtocolShown:
    rules = upstream.rules
    return ProtocolShown(
        protocol=upstream.name,
        can=sorted(upstream.can),
        goods=sorted(rules.goods),
        currency=rules.currency,
        repeats=rules.repeats,
        guard=rules.guard,
        notice_by=rules.notice_by,
        ask_after_s=rules.ask_after.total_seconds(),
        settles_after_s=rules.settles_after.total_seconds(),
        one_at_a_time=rules.one_at_a_time,
        secret_options=sorted(upstream.secret_options),
    )


def _shown(
    caller: Caller, upstreams: Upstreams, supplier: Supplier, connection: Connection
) -> SupplierConnectionShown:
    upstream = upstreams.protocols.get(connection.protocol)
    declared: Sequence[str] = sorted(upstream.secret_options) if upstream else ()
    login = login_of(connection, caller.tenant_id, upstreams.keyrings.masters)
    options = {
        name: HIDDEN if is_secret(name, declared) or name not in connection.options else value
        for name, value in login.options.items()
    }
    return SupplierConnectionShown(
        supplier=supplier.code,
        protocol=connection.protocol,
        account=connection.account,
        base_url=connection.base_url,
        secret=HIDDEN,
        options=options,
        state=connection.state,
        prices_every_s=connection.prices_every_s,
        prices_at=connection.prices_at,
        prices_ok_at=connection.prices_ok_at,
        prices_failures=connection.prices_failures,
        prices_said=connection.prices_said,
        broken_until=connection.broken_until,
        notice_url=upstreams.notice_url(caller.tenant_id, connection),
        can=sorted(upstream.can) if upstream else [],
    )


routes: Final = (
    list_protocols,
    put_supplier_connection,
    get_supplier_connection,
    post_stop,
    post_open,
    post_test,
    get_terms,
    patch_terms,
)
