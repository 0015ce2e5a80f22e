"""HTTP of what people do about many orders of platforms at once."""

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import ProblemDetail, requires
from kashu.access.permissions import Permission
from kashu.channels.errors import UnknownShopOrder
from kashu.channels.kinds import Step
from kashu.core.db import Database
from kashu.delivery.by_hand import ByHand, hand_all_over, try_all_again

MOST: Final = 500  # orders in a request


class ShopOrdersBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which orders, by the ids that their list tells."""

    ids: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=MOST)]


class ByHandShown(msgspec.Struct, frozen=True):
    """What came of an order: the step it is at now, or why nothing was changed."""

    id: UUID
    step: Step | None
    problem: ProblemDetail | None


class ByHandList(msgspec.Struct, frozen=True):
    """One outcome for each order of the request, in its order."""

    outcomes: list[ByHandShown]


@post(
    "/v1/shop-orders/try-again",
    operation_id="tryShopOrdersAgain",
    guards=[requires(Permission.ORDERS_WRITE)],
    status_code=200,
)
async def post_try_all_again(
    data: JSONBody[ShopOrdersBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ByHandList:
    """Let up to 500 orders that are in trouble go on; one that can't doesn't hold up the others."""
    if caller.customer_id is not None:
        return _shown(caller, data.ids, _none(data.ids))
    async with database.transaction(caller.tenant_id) as tx:
        tried = await try_all_again(
            tx, caller.tenant_id, caller.actor, data.ids, only_store=caller.store_id
        )
    return _shown(caller, data.ids, tried)


@post(
    "/v1/shop-orders/handed-over",
    operation_id="handShopOrdersOver",
    guards=[requires(Permission.ORDERS_WRITE)],
    status_code=200,
)
async def post_all_handed_over(
    data: JSONBody[ShopOrdersBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> ByHandList:
    """Say of up to 500 orders that their buyers have the cards, given by a person."""
    if caller.customer_id is not None:
        return _shown(caller, data.ids, _none(data.ids))
    async with database.transaction(caller.tenant_id) as tx:
        given = await hand_all_over(
            tx, caller.tenant_id, caller.actor, data.ids, only_store=caller.store_id
        )
    return _shown(caller, data.ids, given)


def _none(ids: Sequence[UUID]) -> list[ByHand]:
    """A customer's key has none of these."""
    return [ByHand(refused=UnknownShopOrder()) for _ in ids]


def _shown(caller: Caller, ids: Sequence[UUID], outcomes: Sequence[ByHand]) -> ByHandList:
    shown = []
    for n, (known_id, outcome) in enumerate(zip(ids, outcomes, strict=True)):
        error = outcome.refused
        problem = None
        if error is not None:
            problem = ProblemDetail(f"/ids/{n}", error.code, error.text(caller.language))
        step = None if outcome.order is None else outcome.order.step
        shown.append(ByHandShown(known_id, step, problem))
    return ByHandList(shown)


routes: Final = (post_try_all_again, post_all_handed_over)
