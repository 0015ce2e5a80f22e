"""HTTP of bulk orders: a file is looked at whole, and placed only where nothing in it is wrong."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec
from litestar import post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import MultipartBody

from kashu.access.actors import is_person
from kashu.access.caller import Caller
from kashu.access.errors import KeyIsBound
from kashu.access.guards import requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.core.errors import Conflict
from kashu.core.mistyped import LooksMistyped
from kashu.core.money import parse_amount
from kashu.entry.order_file import at_rows, check_order_file, submissions_of
from kashu.entry.order_file_rows import OrderFile, OrderFileWrong, read_order_file
from kashu.entry.order_forecast import FileForecast, foresee
from kashu.orders.answers import OrdersAnswer
from kashu.orders.ask_for import ask_where_above
from kashu.orders.held import Held
from kashu.orders.intake import Intake
from kashu.orders.limits import limits_of
from kashu.orders.mistyped import check_typing
from kashu.orders.write import Submission

FILE_BYTES: Final = 8 << 20
FORM_BYTES: Final = 64 * 1024  # of a form around its file
ORDERS_MAX: Final = 5_000  # in one request, which somebody waits for; the command takes more


class OrderFileChanged(Conflict):
    """The file isn't the one that was looked at."""

    code = "order_file_changed"
    zh = "文件与预检时不同，没有下任何订单。请重新预检，再确认。"
    en = "The file isn't the one that was looked at; nothing was ordered. Look again, then confirm."


class OrderFileTooLarge(Conflict):
    """More orders than somebody waits for."""

    code = "order_file_too_large"
    zh = (
        "文件里有 {count} 个订单，这里一次最多 {limit} 个，没有下任何订单。"
        "请拆开，或用 kashu order file。"
    )
    en = (
        "The file has {count} orders, at most {limit} are taken here; nothing was ordered. Split "
        "it, or use kashu order file."
    )


@dataclass
class OrderFileForm:
    """A form with a file: .xlsx or .csv, whose first row names the columns."""

    file: UploadFile
    dry_run: bool = False
    sure: bool = False
    expect_digest: str | None = None  # of the file that was looked at


class RowSaid(msgspec.Struct, frozen=True):
    """Something about a row of the file, in both languages."""

    at: str
    code: str
    zh: str
    en: str


class OrderFileShown(msgspec.Struct, frozen=True):
    """What a file comes to, or came to.

    `wrong`: nothing is ordered until they are put right. `unusual`: far from the last 30 days;
    ordered only with `sure`. `forecast`: null where anything is wrong. `placed`: how many orders
    are new, once it isn't a dry run; the same file again places nothing. `above`: which limit it is
    above, as `said` of an approval; then `held` orders wait for another person's approval.
    """

    dry_run: bool
    digest: str
    wrong: list[RowSaid]
    wrong_count: int
    unusual: list[RowSaid]
    forecast: FileForecast | None
    placed: int
    delivered: int
    waiting: int
    above: str = ""
    held: int = 0


@post(
    "/v1/order-files",
    operation_id="placeOrderFile",
    guards=[requires(Permission.ORDERS_WRITE)],
    status_code=200,
    request_max_body_size=FILE_BYTES + FORM_BYTES,
)
async def place_order_file(
    data: MultipartBody[OrderFileForm],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    intake: NamedDependency[Intake],
    keyrings: NamedDependency[Keyrings],
) -> OrderFileShown:
    """Place the orders of a file, or with `dry_run` say what would come of it.

    Columns: external_id 订单号, store 店铺, customer 客户, sku 规格, quantity 数量, price 金额,
    account 充值账号. Rows of one store and number are the lines of one order. Cards are kept until
    they are looked at. To confirm, send it again with the `digest` of that answer as
    `expect_digest`; after a break the same: what was placed isn't placed twice.
    """
    if caller.bound:
        raise KeyIsBound
    file = await _read(await data.file.read(), data.file.filename)
    if data.expect_digest and data.expect_digest != file.digest:
        raise OrderFileChanged
    if len(file.orders) > ORDERS_MAX:
        raise OrderFileTooLarge(count=len(file.orders), limit=ORDERS_MAX)
    looked = await _look(database, caller, file)
    if data.dry_run or looked.wrong or (looked.unusual and not data.sure):
        return looked
    counts = Counter[str]()
    submissions = list(submissions_of(file, caller.actor, "later"))
    waits = await _ask(database, keyrings, caller, submissions, data.file.filename)
    for submission in submissions:
        if submission.key in waits:
            continue
        answered = await intake.submit(caller.tenant_id, submission, caller.timezone)
        answer = msgspec.json.decode(answered.content, type=OrdersAnswer)
        for order in answer.orders:
            counts["placed"] += order.new and not answered.replayed
            counts["delivered"] += sum(line.delivered for line in order.lines)
            counts["waiting"] += sum(line.waiting for line in order.lines)
    return msgspec.structs.replace(
        looked,
        dry_run=False,
        placed=counts["placed"],
        delivered=counts["delivered"],
        waiting=counts["waiting"],
        held=sum(each.orders_count for each in waits.values()),
    )


async def _ask(
    database: Database,
    keyrings: Keyrings,
    caller: Caller,
    submissions: Sequence[Submission],
    name: str,
) -> dict[str, Held]:
    """Write down what is above a limit, if a person asks; return that by the request's key."""
    if not is_person(caller.actor):
        return {}
    async with database.transaction(caller.tenant_id) as tx:
        waits = await ask_where_above(tx, caller, keyrings, submissions, file_name=name[:200])
    return {each.request_key: each for each in waits}


async def _read(content: bytes, name: str) -> OrderFile:
    with TemporaryDirectory(prefix="kashu-order-file-") as folder:
        path = Path(folder) / ("orders" + Path(name).suffix.lower()[:8])
        path.write_bytes(content)
        return await asyncio.to_thread(read_order_file, path)


async def _look(database: Database, caller: Caller, file: OrderFile) -> OrderFileShown:
    """Say what is wrong with a file, what is unusual in it, and what it would come to."""
    at = now()
    async with database.transaction(caller.tenant_id) as tx:
        try:
            orders = await check_order_file(tx, caller.tenant_id, file, at)
        except OrderFileWrong as wrong:
            said = [RowSaid(each.at, each.code, each.zh, each.en) for each in wrong.problems]
            count = int(str(wrong.facts["count"]))
            return OrderFileShown(True, file.digest, said, count, [], None, 0, 0, 0)  # noqa: FBT003
        unusual: list[RowSaid] = []
        try:
            await check_typing(tx, caller.tenant_id, file.orders, at=at)
        except LooksMistyped as mistyped:
            problems = at_rows(mistyped.problems, file)
            unusual = [RowSaid(each.at, each.code, each.zh, each.en) for each in problems]
        today = day_of(at, caller.timezone)
        forecast = await foresee(tx, caller.tenant_id, orders, today=today)
        above = ""
        if is_person(caller.actor):
            limits = await limits_of(tx, caller.tenant_id)
            above = limits.why_ask(parse_amount(forecast.amount), forecast.units)
    shown = OrderFileShown(True, file.digest, [], 0, unusual, forecast, 0, 0, 0)  # noqa: FBT003
    return msgspec.structs.replace(shown, above=above)


routes: Final = (place_order_file,)
