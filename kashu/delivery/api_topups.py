"""HTTP of what people do about top-ups, and about orders that they can't fulfil."""

from typing import Final
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.channels.accounts import open_account
from kashu.channels.ask import Outside
from kashu.channels.asking import Failure
from kashu.channels.kinds import Step
from kashu.core.clock import day_of
from kashu.core.db import Database
from kashu.core.events import Event, record
from kashu.delivery.asked_back import refuse_asked_back
from kashu.delivery.errors import NoAccount
from kashu.delivery.give_up import give_up
from kashu.delivery.own_order import own_order


class AccountShown(msgspec.Struct, frozen=True):
    """Whom to top up: personal. `details`: area, server and the like.

    `lines`: by the platform's line, where an order has several accounts; `account` is empty then.
    """

    account: str
    details: dict[str, str]
    lines: dict[str, str]

    def __repr__(self) -> str:
        """Hide it."""
        return "AccountShown(•••)"


class GiveUpBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why it can't be done: the platform tells its buyer so, and refunds them."""

    why: Failure


class GivenUp(msgspec.Struct, frozen=True):
    """An order that its platform is told has failed."""

    id: UUID
    step: Step
    why: Failure


@post(
    "/v1/shop-orders/{known_id:uuid}/account",
    operation_id="readAccount",
    guards=[requires(Permission.ORDERS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_account(
    known_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> AccountShown:
    """Read whom an order tops up; not while a refund of it is open. It is written down who did."""
    async with database.transaction(caller.tenant_id) as tx:
        order = await own_order(tx, caller, known_id)
        if order.sealed_account is None:
            raise NoAccount(order=order.number)
        await refuse_asked_back(tx, caller.tenant_id, order)
        event = Event("shop_order.account_read", order.id, {})
        await record(tx, caller.tenant_id, caller.actor, [event])
        account = open_account(
            outside.keyrings.masters,
            caller.tenant_id,
            order.store_id,
            order.number,
            order.sealed_account,
        )
    return AccountShown(account.number, dict(account.details), dict(account.lines))


@post(
    "/v1/shop-orders/{known_id:uuid}/give-up",
    operation_id="giveShopOrderUp",
    guards=[requires(Permission.ORDERS_REFUND)],
    status_code=200,
    responses=problems(404, 409),
)
async def post_give_up(
    known_id: FromPath[UUID],
    data: JSONBody[GiveUpBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    outside: NamedDependency[Outside],
) -> GivenUp:
    """Have a platform that asked for an order told that it failed: it refunds the buyer at once."""
    today = day_of(outside.now(), caller.timezone)
    async with database.transaction(caller.tenant_id) as tx:
        await own_order(tx, caller, known_id)
        order = await give_up(tx, caller.tenant_id, caller.actor, known_id, data.why, today=today)
    return GivenUp(order.id, order.step, data.why)


routes: Final = (post_account, post_give_up)
