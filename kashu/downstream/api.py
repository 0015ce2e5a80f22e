"""HTTP of agents: their terms and wallet, what they may buy, what they pay, their statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from litestar import Response, get, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import UNSET, UnsetType

from kashu.access.caller import Caller
from kashu.access.guards import FILES, problems, requires
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database, Tx
from kashu.core.downloads import download, in_its_thread
from kashu.core.money import format_amount, parse_price
from kashu.customers.agents import Agent, agent_by_code
from kashu.customers.errors import NotAnAgent
from kashu.customers.kinds import AgentState, StockShown
from kashu.downstream.shown import Band, Shown, shown_to
from kashu.downstream.statement import FILE_MAX, PAGE_MAX, Entry, entries_of, to_csv
from kashu.downstream.terms import Terms, set_terms
from kashu.ledger.errors import PageUnreadable
from kashu.ledger.span import span_of

Amount = Annotated[str, msgspec.Meta(max_length=40)]


class AgentTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On what terms an agent buys; what is left out stays as it is.

    `credit_max`: what it may owe us. `alone_max`: up to so much one person's word is enough where
    money is paid in or out. `stock_shown`: how many there are, or only some, few or none.
    """

    state: AgentState | UnsetType = UNSET
    credit_max: Amount | UnsetType = UNSET
    alone_max: Amount | UnsetType = UNSET
    stock_shown: StockShown | UnsetType = UNSET


class AgentShown(msgspec.Struct, frozen=True):
    """An agent, its wallet, and what is left of its credit.

    `wallet`: what it paid in, less all it ordered; below 0 it owes us. `room`: what it may still
    order for.
    """

    customer: str
    name: str
    state: AgentState
    wallet: str
    credit_max: str
    room: str
    currency: str
    stock_shown: StockShown
    alone_max: str | None  # not told to the agent itself
    can: Sequence[str]


class TierShown(msgspec.Struct, frozen=True):
    """What one unit costs from so many on."""

    from_units: int
    unit_price: str


class OfferedShown(msgspec.Struct, frozen=True):
    """Something the agent may buy now. `stock`: null where only `band` is told."""

    sku: str
    name_zh: str
    name_en: str
    good: int  # by what number dialects name it
    fulfilment: str
    days: int
    prices: list[TierShown]
    band: Band
    stock: int | None


class CatalogueShown(msgspec.Struct, frozen=True):
    """All that an agent may buy now, at its own prices."""

    at: datetime
    currency: str
    offers: list[OfferedShown]


class EntryShown(msgspec.Struct, frozen=True):
    """A line of a wallet's statement: `amount` above 0 into it, below 0 out of it.

    `balance`: what stood in it then, of all that was posted.
    """

    id: UUID
    posted_at: datetime
    posted_on: str
    reason: str
    order_number: str | None
    sku: str | None
    quantity: int
    amount: str
    balance: str


class WalletStatement(msgspec.Struct, frozen=True):
    """Part of a wallet's statement, oldest first; `next` is the `after` of the next page.

    `opening`: what stood in it before the first of them.
    """

    opening: str
    entries: list[EntryShown]
    next: str | None


@get(
    "/v1/customers/{code:str}/agent",
    operation_id="readAgent",
    guards=[requires(Permission.ORDERS_READ)],
    responses=problems(404),
)
async def read_agent(
    code: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> AgentShown:
    """Read an agent's terms and wallet. An agent's own key reads its own."""
    async with database.transaction(caller.tenant_id) as tx:
        return show_agent(caller, await own_agent(tx, caller, code))


@put(
    "/v1/customers/{code:str}/agent",
    operation_id="setAgent",
    guards=[requires(Permission.SETTINGS_WRITE)],
    responses=problems(404, 409),
)
async def put_agent(
    code: FromPath[str],
    data: JSONBody[AgentTerms],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> AgentShown:
    """Make a customer an agent, or change its terms."""
    terms = Terms(
        data.state,
        UNSET if isinstance(data.credit_max, UnsetType) else parse_price(data.credit_max),
        UNSET if isinstance(data.alone_max, UnsetType) else parse_price(data.alone_max),
        data.stock_shown,
    )
    async with database.transaction(caller.tenant_id) as tx:
        agent = await set_terms(tx, caller.tenant_id, caller.actor, code, terms)
    return show_agent(caller, agent)


@get(
    "/v1/customers/{code:str}/catalogue",
    operation_id="readAgentCatalogue",
    guards=[requires(Permission.ORDERS_READ)],
    responses=problems(404),
)
async def read_catalogue(
    code: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> CatalogueShown:
    """Read what an agent may buy now: what has a price of its own and is on sale to agents."""
    at = now()
    async with database.transaction(caller.tenant_id) as tx:
        agent = await own_agent(tx, caller, code)
        today = day_of(at, caller.timezone)
        shown = await shown_to(tx, caller.tenant_id, agent, at=at, today=today)
    return CatalogueShown(at, "CNY", [_offered(each) for each in shown])


@get(
    "/v1/customers/{code:str}/wallet-statement",
    operation_id="readWalletStatement",
    guards=[requires(Permission.ORDERS_READ)],
    responses={
        200: ResponseSpec(WalletStatement, generate_examples=False, description="Its lines"),
        **problems(404),
    },
    opt={FILES: ("text/csv",)},
)
async def read_statement(
    code: FromPath[str],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    after: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX)] = 100,
    wanted: Annotated[Literal["json", "csv"], QueryParameter(name="format")] = "json",
) -> Response[WalletStatement | bytes]:
    """Read what happened to an agent's wallet in [since, until); the last 31 days by default."""
    since, until = span_of(since, until)
    whole = wanted == "csv"
    async with database.transaction(caller.tenant_id) as tx:
        agent = await own_agent(tx, caller, code)
        found = await entries_of(
            tx,
            caller.tenant_id,
            agent.customer_id,
            since=since,
            until=until,
            after=None if after is None else _read_mark(after),
            limit=FILE_MAX if whole else limit,
        )
    if whole:
        headers = {"Content-Disposition": 'attachment; filename="wallet.csv"'}
        async with download(caller.tenant_id):
            written = await in_its_thread(to_csv, found, caller.timezone, caller.language)
        return Response(written, media_type="text/csv", headers=headers)
    last = found.entries[-1] if len(found.entries) == limit else None
    return Response(
        WalletStatement(
            format_amount(found.opening_e4),
            [
                _entry(each, balance_e4)
                for each, balance_e4 in zip(found.entries, found.balances(), strict=True)
            ],
            None if last is None else f"{last.posted_at.isoformat()}_{last.id}",
        )
    )


async def own_agent(tx: Tx, caller: Caller, code: str) -> Agent:
    """Read an agent that this caller may see: a bound key only its own. Raises: NotAnAgent."""
    agent = await agent_by_code(tx, caller.tenant_id, code)
    if caller.bound and caller.customer_id != agent.customer_id:
        raise NotAnAgent(customer=code[:40])
    return agent


def show_agent(caller: Caller, agent: Agent) -> AgentShown:
    """Put an agent in the words of the wire."""
    return AgentShown(
        agent.code,
        agent.name,
        agent.state,
        format_amount(agent.wallet_e4),
        format_amount(agent.credit_max_e4),
        format_amount(agent.room_e4),
        "CNY",
        agent.stock_shown,
        None if caller.bound else format_amount(agent.alone_max_e4),
        ("change",) if caller.may(Permission.SETTINGS_WRITE) and not caller.bound else (),
    )


def _offered(shown: Shown) -> OfferedShown:
    sku = shown.sku
    tiers = [TierShown(tier.from_units, format_amount(tier.unit_price_e4)) for tier in shown.tiers]
    return OfferedShown(
        sku.code,
        sku.name_zh,
        sku.name_en,
        shown.number,
        sku.fulfilment.value,
        sku.days,
        tiers,
        shown.band,
        shown.stock,
    )


def _entry(entry: Entry, balance_e4: int) -> EntryShown:
    return EntryShown(
        entry.id,
        entry.posted_at,
        entry.posted_on.isoformat(),
        entry.reason,
        entry.order_number,
        entry.sku,
        entry.quantity,
        format_amount(entry.amount_e4),
        format_amount(balance_e4),
    )


def _read_mark(mark: str) -> tuple[datetime, UUID]:
    moment, _, last = mark.partition("_")
    try:
        at, last_id = datetime.fromisoformat(moment), UUID(last)
    except ValueError:
        raise PageUnreadable from None
    if at.tzinfo is None:
        raise PageUnreadable
    return at, last_id


routes: Final = (read_agent, put_agent, read_catalogue, read_statement)
