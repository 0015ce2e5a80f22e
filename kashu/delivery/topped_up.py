"""Topped up: a person did what the buyer paid for, and the platform is told that it is shipped.

The order is none of ours: nothing of ours was given, and our books know nothing of it. So it ends
here once the platform knows. Said again, or after a crash, the platform is asked first. That it was
said is written before: whatever becomes of the order then, no supplier tops it up once more.
"""

from typing import Final
from uuid import UUID

from kashu.channels.ask import Outside
from kashu.channels.channel import Can, ShopState
from kashu.channels.connections import connection_of
from kashu.channels.errors import AlreadyShipped, ChannelCannot, GrantLost, StoreNotGranted
from kashu.channels.kinds import GrantState, Step
from kashu.channels.shop_orders import KnownOrder, locked_order, move
from kashu.channels.topups import TO_BE_DONE
from kashu.core.db import Database
from kashu.core.events import Event, record
from kashu.delivery.asked_back import refuse_asked_back, refuse_told_back
from kashu.delivery.errors import NotToBeToppedUp

TOPPED_UP: Final = "topped_up"  # why it ended

_SHIPPED: Final = frozenset({ShopState.SHIPPED, ShopState.FINISHED})


def is_to_be_topped_up(order: KnownOrder) -> bool:
    """Whether a person may say that they topped it up."""
    waits = order.step is Step.TROUBLE and order.said == TO_BE_DONE
    return waits and order.order_id is None and order.ticket is None


async def tell_topped_up(
    database: Database, tenant_id: int, actor: str, known_id: UUID, outside: Outside
) -> KnownOrder:
    """Mark an order as shipped on its platform, since a person has topped it up; it is over then.

    Raises: UnknownShopOrder, NotToBeToppedUp, RefundAskedFor, StoreNotGranted, ChannelCannot,
    OutsideError: then the order stays as it is, and a person says it again.
    """
    async with database.transaction(tenant_id) as tx:
        order = await locked_order(tx, tenant_id, known_id)
        if not is_to_be_topped_up(order):
            raise NotToBeToppedUp(order=order.number)
        await refuse_asked_back(tx, tenant_id, order)
        await move(tx, tenant_id, known_id, doubt=True)
        connection = await connection_of(tx, tenant_id, order.store_id)
    if connection.channel not in outside.channels:
        raise ChannelCannot(channel=connection.channel, what=Can.CONFIRM.value)
    if connection.grant_state is not GrantState.GRANTED:
        raise StoreNotGranted
    channel, link = outside.reach(tenant_id, connection)
    if not channel.can >= {Can.CONFIRM, Can.READ_ORDER}:
        raise ChannelCannot(channel=connection.channel, what=Can.CONFIRM.value)
    try:
        told = await channel.order(link, order.number)
        if told.state not in {ShopState.PAID, *_SHIPPED}:
            raise NotToBeToppedUp(order=order.number)
        if told.state is ShopState.PAID:
            refuse_told_back(told)
            await channel.confirm(link, order.number, [line.line_id for line in order.lines])
    except AlreadyShipped:
        pass  # between our question and our word
    except GrantLost as error:
        await outside.renew_or_lose(database, tenant_id, connection, error)
        raise
    async with database.transaction(tenant_id) as tx:
        order = await locked_order(tx, tenant_id, known_id)
        if is_to_be_topped_up(order):
            at = outside.now()
            await move(tx, tenant_id, known_id, Step.ENDED, said=TOPPED_UP, confirmed_at=at)
            event = Event("shop_order.topped_up", known_id, {"number": order.number})
            await record(tx, tenant_id, actor, [event])
        return await locked_order(tx, tenant_id, known_id)
