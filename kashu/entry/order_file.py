"""A file of orders: checked whole, foreseen, and handed in by parts that can be repeated."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from kashu.catalog.bundles import bundles_of
from kashu.catalog.reads import skus_by_code
from kashu.channels.reads import stores_by_code
from kashu.core.db import Tx
from kashu.core.errors import KashuError, Problem
from kashu.customers.reads import customers_by_code
from kashu.entry.order_file_rows import PROBLEMS_MAX, OrderFile, OrderFileWrong
from kashu.orders.bodies import (
    ORDERS_MAX,
    OWN,
    UNITS_MAX,
    Known,
    Named,
    OrderBody,
    OrdersBody,
    read_orders,
)
from kashu.orders.order import NewOrder
from kashu.orders.write import Submission

_WHERE: Final = re.compile(r"/orders/(\d+)(?:/lines/(\d+))?(?:/(\w+))?")
_ROW: Final = re.compile(r"row (\d+)")


async def check_order_file(tx: Tx, tenant_id: int, file: OrderFile, at: datetime) -> list[NewOrder]:
    """See that every order of the file could be taken, and return them.

    Raises: OrderFileWrong, with all that is wrong with the file, by row.
    """
    everything = [*file.orders, *(spoilt.order for spoilt in file.spoilt)]
    known = await _known(tx, tenant_id, everything)
    problems = list(file.problems)
    orders: list[NewOrder] = []
    begin = 0
    for part in _parts(file.orders):
        try:
            orders += read_orders(part, known, actor="cli", at=at, own=OWN)
        except KashuError as wrong:
            problems += [_at_row(each, file, file.rows[begin:]) for each in wrong.problems]
        begin += len(part)
    for spoilt in file.spoilt:
        try:
            read_orders([spoilt.order], known, actor="cli", at=at, own=OWN)
        except KashuError as wrong:
            problems += [
                _at_row(each, file, [(spoilt.row,)])
                for each in wrong.problems
                if _column(each) not in spoilt.columns
            ]
    if problems:
        problems.sort(key=_row_of)
        raise OrderFileWrong(problems=problems[:PROBLEMS_MAX], count=len(problems))
    return orders


def submissions_of(
    file: OrderFile, caller: str, deliver: Literal["answer", "later"]
) -> Iterator[Submission]:
    """Yield the file's orders in requests named by its content: the same file has one effect."""
    for number, part in enumerate(_parts(file.orders), start=1):
        body = OrdersBody(tuple(part), deliver)
        digest = hashlib.sha256(msgspec.json.encode(body)).digest()
        yield Submission(caller, f"file:{file.digest}:{number}", digest, body)


def at_rows(problems: Sequence[Problem], file: OrderFile) -> list[Problem]:
    """Say where in the file problems of its orders are."""
    return [_at_row(each, file, file.rows) for each in problems]


def _parts(orders: Sequence[OrderBody]) -> Iterator[list[OrderBody]]:
    """Cut into requests; where is told by the orders alone, so that it is the same each time."""
    part: list[OrderBody] = []
    units = 0
    for order in orders:
        more = sum(line.quantity for line in order.lines)
        if part and (len(part) == ORDERS_MAX or units + more > UNITS_MAX):
            yield part
            part, units = [], 0
        part.append(order)
        units += more
    if part:
        yield part


def _column(problem: Problem) -> str | None:
    found = _WHERE.match(problem.at)
    return found[3] if found else None


def _at_row(problem: Problem, file: OrderFile, rows: Sequence[Sequence[int]]) -> Problem:
    """Say where in the file a problem of a request is, by the file's own title of the column."""
    found = _WHERE.match(problem.at)
    if found is None:  # the request as a whole: only one order alone can be too large for one
        return msgspec.structs.replace(
            problem,
            at=f"row {rows[0][0]}",
            zh=f"一个订单最多 {UNITS_MAX} 张，请分成几个订单号。",
            en=f"An order has at most {UNITS_MAX} units: use several order numbers.",
        )
    row = rows[int(found[1])][int(found[2] or 0)]
    title = file.titles.get(found[3], found[3]) if found[3] else None
    return msgspec.structs.replace(problem, at=f"row {row}, {title}" if title else f"row {row}")


def _row_of(problem: Problem) -> int:
    found = _ROW.match(problem.at)
    return int(found[1]) if found else 0


async def _known(tx: Tx, tenant_id: int, orders: Iterable[OrderBody]) -> Known:
    skus = sorted({line.sku for order in orders for line in order.lines})
    stores = sorted({order.store or OWN.store for order in orders})
    customers = sorted({order.customer for order in orders if order.customer})
    found = await skus_by_code(tx, tenant_id, skus)
    return Known(
        found,
        {
            code: Named(store.id, store.state == "open", store.partial_allowed)
            for code, store in (await stores_by_code(tx, tenant_id, stores)).items()
        },
        {
            code: Named(customer.id, open=True, partial_allowed=customer.partial_allowed)
            for code, customer in (await customers_by_code(tx, tenant_id, customers)).items()
        },
        await bundles_of(tx, tenant_id, found.values()),
    )
