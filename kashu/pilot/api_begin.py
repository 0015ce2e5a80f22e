"""HTTP of a pilot: how far we act for a store, whether it is ready, balances from before us."""

from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.channels.api_connections import ConnectionShown, shown
from kashu.channels.ask import Outside
from kashu.channels.kinds import Mode, Step
from kashu.channels.reads import store_by_code
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.money import format_amount, parse_amount
from kashu.core.naming import Code
from kashu.pilot.api_compare import own_store
from kashu.pilot.opening import (
    Balance,
    BalanceKind,
    Opening,
    list_openings,
    post_opening,
    read_opening,
)
from kashu.pilot.ready import CheckName, Pilot, change_mode, pilot_of

BALANCES_MAX: Final = 1_000
OpeningName = Annotated[str, msgspec.Meta(min_length=1, max_length=60, pattern=r"\S")]
Amount = Annotated[str, msgspec.Meta(max_length=40)]


class ModeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far we act for the store; `force` lets it go by itself though it isn't ready: say why."""

    mode: Mode
    force: bool = False
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


class CheckShown(msgspec.Struct, frozen=True):
    """One check, and what to do where it fails. `hard`: while it does, no going by itself."""

    name: CheckName
    ok: bool
    hard: bool
    facts: dict[str, Any]
    zh: str
    en: str


class PilotShown(msgspec.Struct, frozen=True):
    """How a store's pilot stands. `ready`: nothing hard fails. `waiting`: its orders by step."""

    store: str
    mode: Mode
    shadow_from: datetime | None
    ready: bool
    checks: list[CheckShown]
    waiting: dict[Step, int]


class BalanceBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A balance from before: of a supplier, a customer or a store, by its code; below 0 to undo."""

    kind: BalanceKind
    owner: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    amount: Amount


class OpeningBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Balances to post once under a name. `on`: the merchant's day; today where it isn't given."""

    name: OpeningName
    balances: Annotated[list[BalanceBody], msgspec.Meta(min_length=1, max_length=BALANCES_MAX)]
    on: date | None = None


class OpeningShown(msgspec.Struct, frozen=True):
    """Balances that were posted; `new` where it was just now."""

    id: UUID
    name: str
    posted_at: datetime
    posted_on: date
    balances: int
    new: bool


class OpeningList(msgspec.Struct, frozen=True):
    """Opening balances, the newest first."""

    openings: list[OpeningShown]


class PostedShown(msgspec.Struct, frozen=True):
    """A balance that was posted: whose, by code and name, and how much."""

    kind: BalanceKind
    owner: str
    owner_name: str
    amount: str
    currency: str


class OpeningWhole(msgspec.Struct, frozen=True):
    """Balances that were posted under one name, in the order they were written."""

    id: UUID
    name: str
    posted_at: datetime
    posted_on: date
    balances: list[PostedShown]


@post(
    "/v1/stores/{code:str}/connection/mode",
    operation_id="setMode",
    guards=[requires(Permission.SETTINGS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_mode(
    code: FromPath[Code],
    data: JSONBody[ModeBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> ConnectionShown:
    """Say how far we act for a store: stopped, shadow, assisted or automatic.

    `stopped` takes effect at once: nothing more is assigned or sent. `automatic` is refused while
    a hard check of its pilot fails, unless it is forced with a reason, which is recorded.
    """
    async with database.transaction(caller.tenant_id) as tx:
        store = await store_by_code(tx, caller.tenant_id, code)
        connection = await change_mode(
            tx,
            caller.tenant_id,
            caller.actor,
            code,
            data.mode,
            today=day_of(now(), caller.timezone),
            force=data.force,
            reason=data.reason,
        )
    return shown(caller, outside, store, connection)


@get(
    "/v1/stores/{code:str}/pilot",
    operation_id="readPilot",
    guards=[requires(Permission.ORDERS_READ)],
    responses=problems(404, 409),
)
async def read_pilot(
    code: FromPath[Code], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> PilotShown:
    """Whether a store is ready to go by itself, check by check, and which of its orders wait."""
    async with database.transaction(caller.tenant_id) as tx:
        store = await own_store(tx, caller, code)
        today = day_of(now(), caller.timezone)
        return pilot_shown(await pilot_of(tx, caller.tenant_id, store, today=today))


@post(
    "/v1/openings",
    operation_id="postOpening",
    guards=[requires(Permission.SETTINGS_WRITE)],
    status_code=200,
    responses=problems(409),
)
async def post_balances(
    data: JSONBody[OpeningBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> OpeningShown:
    """Post what suppliers, customers and platforms owed, or were owed, before us; once by name."""
    balances = [
        Balance(each.kind, each.owner, parse_amount(each.amount), f"/balances/{place}")
        for place, each in enumerate(data.balances)
    ]
    async with database.transaction(caller.tenant_id) as tx:
        posted_on = data.on or day_of(now(), caller.timezone)
        return opening_shown(
            await post_opening(
                tx, caller.tenant_id, caller.actor, data.name, balances, posted_on=posted_on
            )
        )


@get("/v1/openings", operation_id="listOpenings", guards=[requires(Permission.LEDGER_READ)])
async def read_openings(
    caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> OpeningList:
    """Opening balances that were posted. What they come to: the trial balance's `opening`."""
    async with database.transaction(caller.tenant_id) as tx:
        return OpeningList(
            [opening_shown(each) for each in await list_openings(tx, caller.tenant_id)]
        )


@get(
    "/v1/openings/{opening_id:uuid}",
    operation_id="readOpening",
    guards=[requires(Permission.LEDGER_READ)],
    responses=problems(404),
)
async def read_one_opening(
    opening_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> OpeningWhole:
    """Which balances were posted under one name."""
    async with database.transaction(caller.tenant_id) as tx:
        opening, posted = await read_opening(tx, caller.tenant_id, opening_id)
    return OpeningWhole(
        opening.id,
        opening.name,
        opening.posted_at,
        opening.posted_on,
        [
            PostedShown(
                each.kind, each.owner, each.name, format_amount(each.amount_e4), each.currency
            )
            for each in posted
        ],
    )


def pilot_shown(pilot: Pilot) -> PilotShown:
    """Write it for a program."""
    checks = [
        CheckShown(each.name, each.ok, each.hard, dict(each.facts), each.zh, each.en)
        for each in pilot.checks
    ]
    return PilotShown(
        pilot.store.code,
        pilot.mode,
        pilot.shadow_from,
        not pilot.failing,
        checks,
        dict(pilot.waiting),
    )


def opening_shown(each: Opening) -> OpeningShown:
    """Write it for a program."""
    return OpeningShown(each.id, each.name, each.posted_at, each.posted_on, each.balances, each.new)


routes: Final = (post_mode, read_pilot, post_balances, read_openings, read_one_opening)
