"""HTTP of lines that are bought for: buy once more, and correct the account of a top-up."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database, Tx
from kashu.core.jobs import wake
from kashu.orders.account_rule import ACCOUNT_MAX
from kashu.orders.errors import UnknownOrder
from kashu.orders.errors_buying import UnknownLine
from kashu.orders.go_on import go_on
from kashu.orders.put_right import buy_once_more, correct_account
from kashu.orders.reads import Line, order_by_id
from kashu.orders.shapes import OrderShown, show_order
from kashu.orders.show_buying import show_buying
from kashu.orders.sweeps import TAKEN_IN


class AccountBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The account to be topped up instead."""

    account: Annotated[str, msgspec.Meta(min_length=1, max_length=ACCOUNT_MAX)]

    def __repr__(self) -> str:
        """Hide it."""
        return "AccountBody(•••)"


@post(
    "/v1/orders/{order_id:uuid}/lines/{number:int}/buy",
    operation_id="buyForLine",
    guards=[requires(Permission.ORDERS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
)
async def buy_for_line(
    order_id: FromPath[UUID],
    number: FromPath[int],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> OrderShown:
    """Buy once more for a line whose last purchase ended and brought too little.

    It is ordered at once. A top-up can't be taken back: check the account before.
    """
    async with database.transaction(caller.tenant_id) as tx:
        line = await _line(tx, caller, order_id, number)
        await _delivered_again(tx, caller, order_id)
        await buy_once_more(tx, caller.tenant_id, caller.actor, line)
        return await _shown(tx, caller, order_id)


@put(
    "/v1/orders/{order_id:uuid}/lines/{number:int}/account",
    operation_id="correctLineAccount",
    guards=[requires(Permission.ORDERS_WRITE)],
    responses=problems(404, 409),
)
async def correct_line_account(
    order_id: FromPath[UUID],
    number: FromPath[int],
    data: JSONBody[AccountBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    keyrings: NamedDependency[Keyrings],
) -> OrderShown:
    """Have another account topped up for a line that waits, while nothing is under way for it.

    It is ordered at once, and can't be taken back. Kept sealed, shown masked; the change is on
    record.
    """
    async with database.transaction(caller.tenant_id) as tx:
        line = await _line(tx, caller, order_id, number)
        await _delivered_again(tx, caller, order_id)
        await correct_account(
            tx, caller.tenant_id, caller.actor, line, data.account, keyrings=keyrings
        )
        return await _shown(tx, caller, order_id)


async def _line(tx: Tx, caller: Caller, order_id: UUID, number: int) -> Line:
    """Read a line that the caller may see. Raises: UnknownOrder, UnknownLine."""
    order, lines = await order_by_id(tx, caller.tenant_id, order_id)
    if caller.store_id not in {None, order.store_id} or caller.customer_id not in {
        None,
        order.customer_id,
    }:
        raise UnknownOrder(order=order_id)
    for line in lines:
        if line.number == number:
            return line
    raise UnknownLine(line=number)


async def _delivered_again(tx: Tx, caller: Caller, order_id: UUID) -> None:
    """Have a platform's order go on that people looked at. Nobody else holds a level before it."""
    if await go_on(tx, caller.tenant_id, [order_id]):
        await wake(tx, caller.tenant_id, TAKEN_IN)


async def _shown(tx: Tx, caller: Caller, order_id: UUID) -> OrderShown:
    order, lines = await order_by_id(tx, caller.tenant_id, order_id)
    bought = await show_buying(tx, caller.tenant_id, lines, caller.language)
    return show_order(order, lines, bought)


routes: Final = (buy_for_line, correct_line_account)
