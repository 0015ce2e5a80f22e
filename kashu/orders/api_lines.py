"""HTTP of whose lines are: of which order is what somebody bought or promised something for."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.orders.find import orders_of_lines

MOST: Final = 200  # lines in a request


class LineOf(msgspec.Struct, frozen=True):
    """An order's line, and the order's number as its store or customer has it."""

    line_id: UUID
    order_id: UUID
    external_id: str


class LinesOf(msgspec.Struct, frozen=True):
    """Those lines that are there."""

    lines: list[LineOf]


@get(
    "/v1/order-lines",
    operation_id="readOrdersOfLines",
    # What is bought is the whole shop's to see: a key of one store's doesn't get here.
    guards=[requires(Permission.ORDERS_READ), requires(Permission.PURCHASES_READ)],
)
async def read_orders_of_lines(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    line_id: Annotated[list[UUID], QueryParameter(min_items=1, max_items=MOST)],
) -> LinesOf:
    """Say of which orders some lines are, as what is bought names them."""
    async with database.transaction(caller.tenant_id) as tx:
        found = await orders_of_lines(tx, caller.tenant_id, line_id)
    return LinesOf(
        [LineOf(each.line_id, each.order_id, each.external_id) for each in found.values()]
    )


routes: Final = (read_orders_of_lines,)
