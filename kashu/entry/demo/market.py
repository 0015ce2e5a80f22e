"""The market: five simulated platforms on this machine, where the demo's stores stand."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from kashu.catalog.reads import skus_by_code
from kashu.channels.reads import Store
from kashu.core.clock import day_of, now
from kashu.core.money import parse_amount
from kashu.entry.channels import make_outside
from kashu.entry.demo.backstage import Backstage
from kashu.entry.demo.shop import ACTOR, DELIVERIES, ON_SHELVES, STORES
from kashu.entry.demo.stage import Stage
from kashu.entry.settings import Settings
from kashu.entry.simulation.buyers import Buyers, Trade
from kashu.entry.simulation.clerk import Clerk
from kashu.entry.simulation.connect import connect_town, rest, rest_former
from kashu.entry.simulation.figures import Outcome, outcome_of, refunds_due
from kashu.entry.simulation.pushing import Manner, push_addresses, pushing
from kashu.entry.simulation.stock import made_up
from kashu.entry.simulation.town import PACK_MARK, Goods, Town, open_town
from kashu.simulators.pushes import Messenger, Told
from kashu.stock.receive import Terms, receive
from kashu.stock.warehouses import list_warehouses
from kashu.suppliers.reads import suppliers_by_code

FORMER: Final = "demo-"  # how the codes of the demo's merchants begin
SUPPLIER: Final = "gamma"  # who brings what the platforms sold beyond the samples
PUSHED_S: Final = 10.0
# Something that the seller offers and nobody has mapped: its orders wait on the desk.
NEW_AT: Final = "taobao-flagship"
NEW_TITLE: Final = "芒果TV会员 月卡 新人专享"
NEW_PRICE_FEN: Final = 1_880
NEW_QUANTITY: Final = 50
NEW_AFTER_S: Final = (4.0, 15.0, 30.0)  # when one is bought, each after the one before
ILL_MANNERED: Final = Manner(repeated=0.2, late=0.2)

GOODS: Final = tuple(
    Goods(sku, title, parse_amount(price) // 100)
    for sku, title in ON_SHELVES.items()
    for price in {each.price for each in DELIVERIES if each.sku == sku}
)


@dataclass(slots=True)
class Market:
    """Platforms, our stores there, those who buy, and the clerk who chats with them."""

    stage: Stage
    behind: Backstage
    town: Town
    stores: Mapping[str, Store]
    clerk: "asyncio.Task[None]"
    messengers: Mapping[str, Messenger]  # by the store's code
    since: datetime
    supplied: int = 0  # of the buyers' orders: those whose cards are owed or were brought
    owed: Counter[str] = field(default_factory=Counter)  # cards still to be brought, by SKU

    def buyers(self, trade: Trade) -> Buyers:
        """Those who will buy."""
        return Buyers(self.town, trade)

    async def outcome(self) -> Outcome:
        """Compare what the buyers were shown with what we say. Raises: KashuError."""
        self.behind.check()
        if self.clerk.done():
            self.clerk.result()
        stage = self.stage
        return await outcome_of(
            stage.database, stage.tenant, self.town, self.stores, since=self.since
        )

    def pushes(self) -> Mapping[str, Told]:
        """What became of the pushes, by the platforms that push, to an address or over a line."""
        told: dict[str, Told] = {}
        for stall in self.town.stalls:
            if stall.code in self.messengers:
                told[stall.channel.value] = self.messengers[stall.code].told
            elif stall.box is not None:
                box = stall.box
                again = len(box.told) - len({number for number, _ in box.told})
                told[stall.channel.value] = Told(len(box.told), len(box.taken), again)
        return told

    async def all_pushed(self) -> None:
        """Wait until each push so far is taken or given up, for a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PUSHED_S):
                for messenger in self.messengers.values():
                    await messenger.settle()

    async def refunds_open(self) -> int:
        """How many refunds that the platforms paid our books don't have yet."""
        return await refunds_due(self.stage.database, self.stage.tenant)

    async def sell_something_new(self, pauses_s: Sequence[float] = NEW_AFTER_S) -> None:
        """Offer what no listing is mapped for, and sell a few: whoever watches maps it."""
        [stall] = [each for each in self.town.stalls if each.code == NEW_AT]
        item = stall.shop.offer(NEW_TITLE, NEW_PRICE_FEN, properties="单张", quantity=NEW_QUANTITY)
        for number, pause_s in enumerate(pauses_s, start=1):
            await asyncio.sleep(pause_s)
            stall.shop.sell((item, 1), buyer=f"新**{number}")

    def given(self) -> Counter[str]:
        """What the buyers were shown: each card as often as somebody was."""
        orders = (order for stall in self.town.stalls for order in stall.shop.orders.values())
        return Counter(text for order in orders for text in order.shown)

    async def bring_what_was_sold(self, buyers: Buyers) -> None:
        """Have the supplier bring as many cards as the platforms sold, and what else is owed.

        Raises: KashuError: the database restarts, say. What wasn't brought is owed still.
        """
        fresh = buyers.bought[self.supplied :]
        self.supplied += len(fresh)
        for _, order in fresh:
            for line in order.lines:
                sku, _, units = line.item.merchant_code.partition(PACK_MARK)
                self.owed[sku] += line.quantity * int(units or 1)
        for sku in sorted(self.owed):
            await self._bring(sku, self.owed[sku])
            del self.owed[sku]

    async def _bring(self, sku: str, count: int) -> None:
        """Receive made-up cards of one SKU: posting twice in one transaction risks a deadlock."""
        stage = self.stage
        costs = {each.sku: each.cost for each in DELIVERIES}
        async with stage.database.transaction(stage.tenant.id) as tx:
            supplier = (await suppliers_by_code(tx, stage.tenant.id, [SUPPLIER]))[SUPPLIER]
            warehouse = (await list_warehouses(tx, stage.tenant.id))[0]
            [known] = (await skus_by_code(tx, stage.tenant.id, {sku})).values()
            await receive(
                tx,
                stage.tenant.id,
                ACTOR,
                Terms(known.id, warehouse.id, supplier.id, parse_amount(costs[sku])),
                made_up(count),
                keyrings=stage.keyrings,
                posted_on=day_of(now(), stage.tenant.timezone),
            )


@asynccontextmanager
async def open_market(stage: Stage, settings: Settings, behind: Backstage) -> AsyncIterator[Market]:
    """Serve the platforms, connect the demo's stores and map their listings, while the block runs.

    Pushes go to the demo's server, some twice and some late, as platforms' do.
    Raises: ServerAway, KashuError.
    """
    await behind.ready()
    await rest_former(stage.database, FORMER, stage.tenant)
    async with AsyncExitStack() as stack:
        codes = {channel: code for code, (_, channel) in STORES.items()}
        town = await stack.enter_async_context(
            open_town(GOODS, lasting=True, codes=codes, lines=True)
        )
        outside = make_outside(settings, stage.keyrings)
        stack.push_async_callback(outside.http.close)
        stores = await connect_town(stage.database, stage.tenant, outside, town)
        stack.push_async_callback(rest, stage.database, stage.tenant)
        addresses = push_addresses(town, behind.origin, stage.tenant.id)
        messengers = await stack.enter_async_context(
            pushing(town, outside.http, addresses, ILL_MANNERED)
        )
        clerk = Clerk(stage.database, stage.tenant, outside, town, stores)
        task = asyncio.create_task(clerk.work())
        stack.push_async_callback(_let_go, task)
        yield Market(stage, behind, town, stores, task, messengers, town.clock())


async def _let_go(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
