"""HTTP of what people do about many refunds of platforms at once."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import ProblemDetail, requires
from kashu.access.permissions import Permission
from kashu.channels.errors import UnknownShopRefund
from kashu.channels.kinds import RefundStep
from kashu.channels.shop_refunds import KnownRefund, locked_refund
from kashu.core.db import Database, Tx
from kashu.core.errors import KashuError
from kashu.orders.refund_by_hand import dismiss_refund, try_refund_again

MOST: Final = 500  # refunds in a request


class ShopRefundsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which refunds, by the ids that their list tells."""

    ids: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=MOST)]


class DismissalsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which refunds, and why there is nothing to book of them."""

    ids: Annotated[tuple[UUID, ...], msgspec.Meta(min_length=1, max_length=MOST)]
    reason: Annotated[str, msgspec.Meta(min_length=2, max_length=200)]


class RefundOutcome(msgspec.Struct, frozen=True):
    """What came of a refund: the step it is at now, or why nothing was changed."""

    id: UUID
    step: RefundStep | None
    problem: ProblemDetail | None


class RefundOutcomes(msgspec.Struct, frozen=True):
    """One outcome for each refund of the request, in its order; `done`: of how many."""

    done: int
    outcomes: list[RefundOutcome]


@post(
    "/v1/shop-refunds/try-again",
    operation_id="tryShopRefundsAgain",
    guards=[requires(Permission.ORDERS_REFUND)],
    status_code=200,
)
async def post_try_all_again(
    data: JSONBody[ShopRefundsBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> RefundOutcomes:
    """Let the books follow up to 500 refunds in trouble; one that can't doesn't hold up others."""

    async def again(tx: Tx, refund_id: UUID) -> KnownRefund:
        return await try_refund_again(tx, caller.tenant_id, caller.actor, refund_id)

    return await _each(database, caller, data.ids, again)


@post(
    "/v1/shop-refunds/dismiss",
    operation_id="dismissShopRefunds",
    guards=[requires(Permission.ORDERS_REFUND)],
    status_code=200,
)
async def post_dismiss_all(
    data: JSONBody[DismissalsBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> RefundOutcomes:
    """Say of up to 500 refunds that there is nothing to book, and why."""

    async def dismiss(tx: Tx, refund_id: UUID) -> KnownRefund:
        return await dismiss_refund(tx, caller.tenant_id, caller.actor, refund_id, data.reason)

    return await _each(database, caller, data.ids, dismiss)


async def _each(
    database: Database,
    caller: Caller,
    ids: Sequence[UUID],
    act: Callable[[Tx, UUID], Awaitable[KnownRefund]],
) -> RefundOutcomes:
    """Do it to each, in order of id, so that two requests don't wait for each other in turn."""
    stand: dict[UUID, RefundStep] = {}
    refused: dict[UUID, KashuError] = {}
    async with database.transaction(caller.tenant_id) as tx:
        for refund_id in sorted(set(ids)):
            try:
                async with tx.begin_nested():
                    told = await locked_refund(tx, caller.tenant_id, refund_id)
                    if caller.customer_id or caller.store_id not in {None, told.store_id}:
                        raise UnknownShopRefund
                    stand[refund_id] = (await act(tx, refund_id)).step
            except KashuError as error:
                refused[refund_id] = error
    outcomes = [
        RefundOutcome(each, stand.get(each), _problem(caller, n, refused.get(each)))
        for n, each in enumerate(ids)
    ]
    return RefundOutcomes(len(stand), outcomes)


def _problem(caller: Caller, n: int, error: KashuError | None) -> ProblemDetail | None:
    if error is None:
        return None
    return ProblemDetail(f"/ids/{n}", error.code, error.text(caller.language))


routes: Final = (post_try_all_again, post_dismiss_all)
