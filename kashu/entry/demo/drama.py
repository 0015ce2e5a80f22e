"""What goes wrong with the demo's suppliers while somebody watches, again and again."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import cycle
from typing import Final

from kashu.core.clock import now
from kashu.core.errors import KashuError
from kashu.entry.demo.statement import Matched, story_of
from kashu.entry.demo.supply import Supply
from kashu.entry.demo.wares import DRAMA, WARES, seller_name
from kashu.entry.simulation.wholesale import FLAKY, INSTANT, REFUSED, SLOW, Wholesaler
from kashu.simulators.suppliers.faults import Fault
from kashu.simulators.suppliers.house import State

SEED: Final = 20261123
ORDERS_PER_S: Final = 1.2  # of what is bought for them
FIRST_S: Final = 6.0
PAUSE_S: Final = 9.0  # between two mishaps
SHUT_S: Final = 20.0
RISE_PERCENT: Final = 2
RISES_MAX: Final = 3  # in a row; then it is as cheap as at first
LOOK_EVERY_S: Final = 0.5
SETTLED_S: Final = 60.0  # that a statement waits for what is under way


class Drama:
    """Buyers, and suppliers that don't do as they should."""

    def __init__(self, supply: Supply) -> None:
        self.supply = supply
        self.statements: dict[str, Matched] = {}  # by the supplier's code
        self._chance = random.Random(SEED)  # noqa: S311  (buyers, not secrets)
        self._may_order = asyncio.Event()
        self._may_order.set()
        self._rises = 0
        self._first = {
            (seller.code, sku): seller.good(sku).unit_cost_e4
            for seller in supply.wholesale.sellers
            for sku in seller.refs.values()
        }

    async def buy(self) -> None:
        """Have people order what is bought for them, until cancelled."""
        skus = [ware.sku for ware in WARES]
        while True:
            await self._may_order.wait()
            with suppress(KashuError):  # the database restarts, say: the next one orders
                await self.supply.order(self._chance.choice([DRAMA, *skus]))
            await asyncio.sleep(self._chance.expovariate(ORDERS_PER_S))

    async def go_wrong(self) -> None:
        """Have one thing after the other go wrong, until cancelled."""
        await asyncio.sleep(FIRST_S)
        mishaps: Sequence[Callable[[], Awaitable[None]]] = (
            self._rise,
            self._refuse,
            self._lose_answer,
            self._send_statement,
            self._rise,
            self._shut,
        )
        for mishap in cycle(mishaps):
            with suppress(KashuError):
                await mishap()
            await asyncio.sleep(PAUSE_S)

    @property
    def _flaky(self) -> Wholesaler:
        return self.supply.wholesale.by_code(FLAKY)

    async def _rise(self) -> None:
        """Ask more for one thing, everywhere; after a while as little as at first."""
        self._rises = (self._rises + 1) % (RISES_MAX + 1)
        for seller in self.supply.wholesale.sellers:
            if self._rises:
                seller.reprice(RISE_PERCENT, DRAMA)
            else:
                seller.good(DRAMA).unit_cost_e4 = self._first[seller.code, DRAMA]

    async def _refuse(self) -> None:
        """Have somebody else buy the last one, just before us."""
        self._flaky.house.refusals.append(f"{REFUSED} 库存不足")

    async def _lose_answer(self) -> None:
        """Charge, and don't answer."""
        self._flaky.shop.faults.order(Fault.SILENT_AFTER, placing=True)

    async def _shut(self) -> None:
        """Let nobody in for a while: its breaker opens, and closes after it is back."""
        name = seller_name(FLAKY)
        self.supply.happenings.tell(now(), f"停机 {name}：连接不上", f"{name} is out of reach")
        await self._flaky.shut()
        try:
            await asyncio.sleep(SHUT_S)
        finally:
            await self._flaky.open()

    async def _send_statement(self) -> None:
        """Send what was charged so far, once from each; nobody orders meanwhile."""
        left = [code for code in (FLAKY, SLOW, INSTANT) if code not in self.statements]
        if not left:
            return
        seller = self.supply.wholesale.by_code(left[0])
        if not any(order.state is State.SUCCEEDED for order in seller.house.orders):
            return
        self._may_order.clear()
        try:
            async with asyncio.timeout(SETTLED_S):
                while await self.supply.open():  # noqa: ASYNC110  (others write what it reads)
                    await asyncio.sleep(LOOK_EVERY_S)
            matched = await self.supply.settler.match(seller)
        except TimeoutError:
            return
        finally:
            self._may_order.set()
        self.statements[seller.code] = matched
        told = story_of(seller_name(seller.code), matched)
        self.supply.happenings.tell(now(), *told)
