"""HTTP of releasing: a person lets paid orders go on."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.delivery.release import MOST, Obstacle, release_orders


class ReleaseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which orders. `take_over`: also those that the old way was to deliver."""

    ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MOST)]
    take_over: bool = False


class ReleasedShown(msgspec.Struct, frozen=True):
    """One order; `obstacle` says why it doesn't go on, null where it does."""

    id: UUID
    obstacle: Obstacle | None


class ReleaseAnswer(msgspec.Struct, frozen=True):
    """How many go on, and what became of each, in the order asked."""

    released: int
    shop_orders: list[ReleasedShown]


@post(
    "/v1/shop-orders/release",
    operation_id="releaseShopOrders",
    guards=[requires(Permission.ORDERS_WRITE)],
    status_code=200,
)
async def post_release(
    data: JSONBody[ReleaseBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ReleaseAnswer:
    """Let paid orders go on that wait for a person: cards are assigned and sent as if automatic.

    With `take_over`, also orders that the old way was to deliver: look first whether it has. What
    can't go on is left as it is and told with its reason; the others go on.
    """
    async with database.transaction(caller.tenant_id) as tx:
        ids = [] if caller.customer_id is not None else data.ids
        done = await release_orders(
            tx,
            caller.tenant_id,
            caller.actor,
            ids,
            take_over=data.take_over,
            only_store=caller.store_id,
        )
    if caller.customer_id is not None:  # such a key sees no platform's orders
        return ReleaseAnswer(0, [ReleasedShown(each, Obstacle.UNKNOWN) for each in data.ids])
    shown = [ReleasedShown(each.id, each.obstacle) for each in done]
    return ReleaseAnswer(sum(each.obstacle is None for each in done), shown)


routes: Final = (post_release,)
