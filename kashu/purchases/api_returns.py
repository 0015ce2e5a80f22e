"""HTTP of cards that go back to whoever sold them."""

from typing import Final

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.clock import day_of, now
from kashu.core.db import Database
from kashu.purchases.return_to_supplier import return_to_supplier
from kashu.stock.api_cards import one_of
from kashu.stock.shapes import MovedOut, ReturnOut, moved_out


@post(
    "/v1/stock/cards/return",
    operation_id="returnCards",
    guards=[requires(Permission.STOCK_MOVE)],
    responses=problems(404, 409),
    status_code=200,
)
async def post_return(
    data: JSONBody[ReturnOut],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> MovedOut:
    """Give cards back to their suppliers: we owe less, or ask for their cost.

    In the money that they were bought with, at the rate of their order.
    """
    one_of(card_ids=data.card_ids, lot_ids=data.lot_ids)
    async with database.transaction(caller.tenant_id) as tx:
        left = await return_to_supplier(
            tx,
            caller.tenant_id,
            caller.actor,
            card_ids=data.card_ids,
            lot_ids=data.lot_ids,
            against=data.against,
            reason=data.reason,
            today=day_of(now(), caller.timezone),
        )
    return moved_out(left)


routes: Final = (post_return,)
