"""HTTP of balances: what suppliers say that we have with them, and letters that ask for it."""

from datetime import date, datetime
from typing import Annotated, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import FILES, problems, requires
from kashu.access.permissions import Permission
from kashu.access.tenants import tenant_by_id
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.downloads import download, in_its_thread
from kashu.core.money import format_amount
from kashu.suppliers.balances import Reading, balance_history, read_balance
from kashu.suppliers.errors import SupplierCannot
from kashu.suppliers.kinds_prepaid import Verdict
from kashu.suppliers.letter import MEDIA_TYPES, LetterFormat, read_letter, write_letter
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.reads import supplier_by_code
from kashu.suppliers.upstream import Can

_READ: Final = [requires(Permission.PREPAID_READ)]


class ReadingShown(msgspec.Struct, frozen=True):
    """What a supplier said that we have with it, beside what the books said then."""

    at: datetime
    theirs: str
    frozen: str
    ours: str
    in_doubt: str
    difference: str  # above 0: they say more
    verdict: Verdict
    currency: str


class ReadingPage(msgspec.Struct, frozen=True):
    """Readings, the latest first; the next page is before `next_before`."""

    readings: list[ReadingShown]
    next_before: datetime | None


@get(
    "/v1/suppliers/{code:str}/balances",
    operation_id="listSupplierBalances",
    guards=_READ,
    responses=problems(404),
)
async def list_balances(
    code: FromPath[str],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    before: FromQuery[datetime | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> ReadingPage:
    """Read what a supplier said that we have with it, the latest first."""
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        found = await balance_history(tx, caller.tenant_id, supplier.id, before=before, limit=limit)
    return ReadingPage(
        [reading_shown(each) for each in found], found[-1].at if len(found) == limit else None
    )


@post(
    "/v1/suppliers/{code:str}/balances",
    operation_id="readSupplierBalance",
    guards=[requires(Permission.PREPAID_WRITE)],
    responses=problems(404, 409, 502),
    status_code=200,
)
async def post_balance(
    code: FromPath[str],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> ReadingShown:
    """Ask the supplier now, and compare with the books."""
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
    reading = await read_balance(database, caller.tenant_id, upstreams, supplier.id)
    if reading is None:
        raise SupplierCannot(supplier=code, what=Can.BALANCE.value)
    return reading_shown(reading)


@get(
    "/v1/suppliers/{code:str}/balance-letter",
    operation_id="readBalanceLetter",
    guards=_READ,
    responses={
        200: ResponseSpec(str, generate_examples=False, description="Markdown, HTML or xlsx"),
        **problems(404),
    },
    opt={FILES: tuple(MEDIA_TYPES.values())},
)
async def get_letter(
    code: FromPath[str],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    on: FromQuery[date],
    written_as: Annotated[LetterFormat, QueryParameter(name="format")] = LetterFormat.HTML,
) -> Response[bytes]:
    """Write a letter that asks the supplier to confirm what the books said at a day's end."""
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        tenant = await tenant_by_id(tx, caller.tenant_id)
        letter = await read_letter(
            tx,
            caller.tenant_id,
            supplier,
            on,
            ours=tenant.name,
            today=day_of(now(), caller.timezone),
        )
    async with download(caller.tenant_id):
        content = await in_its_thread(write_letter, letter, written_as)
    name = f"balance-{supplier.code}-{on.isoformat()}.{written_as.value}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=MEDIA_TYPES[written_as], headers=headers)


def reading_shown(reading: Reading) -> ReadingShown:
    """Write a reading as it is answered."""
    return ReadingShown(
        reading.at,
        format_amount(reading.theirs_e4),
        format_amount(reading.frozen_e4),
        format_amount(reading.ours_e4),
        format_amount(reading.in_doubt_e4),
        format_amount(reading.difference_e4),
        reading.verdict,
        reading.currency,
    )


routes: Final = (list_balances, post_balance, get_letter)
