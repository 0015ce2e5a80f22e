"""The clerk: what a merchant's person does where no platform shows the buyer a card.

Cards are handed over in a chat; a permission that was lost is given again. A chat robot of the
merchant's would do the same through the API.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import text as sql

from kashu.access.tenants import Tenant
from kashu.channels.ask import Outside
from kashu.channels.connections import connections_by_store
from kashu.channels.kinds import GrantState
from kashu.channels.reads import Store
from kashu.core.db import Database
from kashu.core.errors import KashuError
from kashu.delivery.attempt import BY_HAND
from kashu.delivery.by_hand import hand_all_over
from kashu.entry.simulation.connect import permit
from kashu.entry.simulation.town import Stall, Town
from kashu.simulators.shop import Order, OrderState, RefundState
from kashu.stock.reveal import reveal

LOOK_EVERY_S: Final = 0.1
PERMIT_EVERY_S: Final = 1.0
AT_ONCE: Final = 100  # orders looked at

_WAITING: Final = sql(
    "SELECT o.id, o.store_id, o.number, l.id AS line_id"
    "  FROM channels.shop_orders AS o JOIN orders.lines AS l"
    "    ON l.tenant_id = :tenant AND l.order_id = o.order_id"
    " WHERE o.tenant_id = :tenant AND o.step = 'taken' AND o.said = :said"
    " ORDER BY o.id LIMIT :most"
)

_log = structlog.get_logger()


@dataclass(slots=True)
class Clerk:
    """Somebody who sits before the platforms' chats all day."""

    database: Database
    tenant: Tenant
    outside: Outside
    town: Town
    stores: Mapping[str, Store]

    async def work(self) -> None:
        """Go on until cancelled."""
        looks = 0
        while True:
            try:
                handed = await self.hand_over()
                if looks % round(PERMIT_EVERY_S / LOOK_EVERY_S) == 0:
                    await self.permit_again()
            except KashuError as error:  # the platform is out of order, say: the next look
                _log.warning("clerk_waits", error=error.code)
                handed = 0
            looks += 1
            if handed < AT_ONCE:
                await asyncio.sleep(LOOK_EVERY_S)

    async def hand_over(self) -> int:
        """Give the buyers what waits for a person; return how many orders."""
        stalls = {self.stores[stall.code].id: stall for stall in self.town.stalls}
        waiting: dict[UUID, Order] = {}
        line_of: dict[UUID, UUID] = {}  # line → the platform's order
        async with self.database.transaction(self.tenant.id) as tx:
            asked = {"tenant": self.tenant.id, "said": BY_HAND, "most": AT_ONCE}
            for row in await tx.execute(_WAITING, asked):
                stall = stalls[row.store_id]
                order = stall.shop.orders[row.number]
                if _may_have_it(stall, order):
                    waiting[row.id] = order
                    stall.by_hand.add(order.order_id)
                    if not order.shown:  # or we gave it, and couldn't say so
                        line_of[row.line_id] = row.id
        async with self.database.transaction(self.tenant.id) as tx:
            cards = await reveal(
                tx,
                self.tenant.id,
                "cli",
                line_ids=list(line_of),
                reason="在聊天里交卡 handed over in a chat",
                recipient="模拟买家 simulated buyer",
                keyrings=self.outside.keyrings,
            )
        for card in cards:
            assert card.line_id is not None, "they were asked for by line"
            parts = (card.secret.number, card.secret.password, card.secret.url)
            text = " ".join(filter(None, parts))
            waiting[line_of[card.line_id]].shown.append(text)  # in a chat: no change of the order
        async with self.database.transaction(self.tenant.id) as tx:
            await hand_all_over(tx, self.tenant.id, "cli", sorted(waiting))
        return len(waiting)

    async def permit_again(self) -> None:
        """Give a permission again that was lost. Raises: OutsideError."""
        async with self.database.transaction(self.tenant.id) as tx:
            ids = [store.id for store in self.stores.values()]
            found = await connections_by_store(tx, self.tenant.id, ids)
        for stall in self.town.stalls:
            store = self.stores[stall.code]
            if found[store.id].grant_state is not GrantState.GRANTED:
                await permit(self.database, self.tenant, self.outside, stall, store)


def _may_have_it(stall: Stall, order: Order) -> bool:
    """What a person sees on the platform's page: paid, and nobody asks for the money back."""
    asked = any(
        refund.order is order and refund.state is not RefundState.REFUSED
        for refund in stall.shop.refunds.values()
    )
    return order.state is OrderState.PAID and not asked
