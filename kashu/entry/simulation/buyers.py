"""Buyers: orders at random moments from a fixed seed, in bursts, some asked back."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from kashu.channels.kinds import ChannelKind
from kashu.entry.simulation.town import SHARES, Stall, Town
from kashu.simulators.shop import Order, OrderState, RefundState

QUANTITIES: Final = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3)
AT_ONCE: Final = 0.5  # part of the refunds that are asked for as soon as it is paid
WITHDRAWN: Final = 0.25  # part of the refunds asked for that the buyer takes back
DECIDED_AFTER: Final = timedelta(seconds=1)  # the platform pays, or the buyer takes it back


@dataclass(frozen=True, slots=True)
class Trade:
    """How much is bought, and for how long."""

    orders_per_s: float
    seconds: float
    seed: int = 20261122
    asked_back: float = 0.03  # part of the orders: half of them at once, half later
    shares: Mapping[ChannelKind, int] = field(default_factory=lambda: SHARES)
    burst: int = 10  # orders at the same moment …
    burst_chance: float = 0.02  # … instead of one
    quantities: Sequence[int] = QUANTITIES  # of an order: one of these
    buyers: int = 1  # different people
    each: int | None = None  # orders on each platform, and no more
    ramp_to: float | None = None  # orders a second at the end, growing evenly

    def rate_at(self, second: float) -> float:
        """How many orders a second there are then."""
        if self.ramp_to is None:
            return self.orders_per_s
        part = min(second / self.seconds, 1.0)
        return self.orders_per_s + part * (self.ramp_to - self.orders_per_s)


@dataclass(slots=True)
class Buyers:
    """Those who buy in a town."""

    town: Town
    trade: Trade
    bought: list[tuple[Stall, Order]] = field(default_factory=list)
    late_s: float = 0.0  # how far the latest order was behind its moment
    _chance: random.Random = field(init=False)
    _deciding: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin the same way for the same seed."""
        self._chance = random.Random(self.trade.seed)  # noqa: S311  (buyers, not secrets)

    async def buy(self) -> None:
        """Buy until the time is over and every refund is decided."""
        began_at = time.monotonic()
        due_s = 0.0
        while due_s < self.trade.seconds and any(self._weights()):
            wait_s = began_at + due_s - time.monotonic()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            self.late_s = max(self.late_s, -wait_s)
            count = self.trade.burst if self._chance.random() < self.trade.burst_chance else 1
            for _ in range(count):
                if any(self._weights()):
                    self._order()
            due_s += count * self._chance.expovariate(self.trade.rate_at(due_s))
        while self._deciding:
            await asyncio.gather(*self._deciding)

    def _weights(self) -> list[int]:
        """How much each platform is wanted: by its share, or by what is still to be bought."""
        if self.trade.each is None:
            return [self.trade.shares.get(stall.channel, 0) for stall in self.town.stalls]
        had = Counter(stall.channel for stall, _ in self.bought)
        return [max(self.trade.each - had[stall.channel], 0) for stall in self.town.stalls]

    def _order(self) -> None:
        stall = self._chance.choices(self.town.stalls, self._weights())[0]
        # What has no code of ours isn't mapped by anybody here: its orders would only pile up.
        item = self._chance.choice(
            [each for each in stall.shop.items.values() if each.merchant_code]
        )
        quantity = self._chance.choice(self.trade.quantities)
        buyer = f"t**{self._chance.randrange(self.trade.buyers) + 1}"
        order = stall.shop.sell((item, quantity), buyer=buyer, paid=False)
        self.bought.append((stall, order))
        stall.shop.pay(order)
        if self._chance.random() < self.trade.asked_back:
            at_once, agree = self._chance.random() < AT_ONCE, self._chance.random() >= WITHDRAWN
            regret = self._regret(stall, order, at_once=at_once, agree=agree)
            task = asyncio.create_task(regret)
            self._deciding.add(task)
            task.add_done_callback(self._deciding.discard)

    async def _regret(self, stall: Stall, order: Order, *, at_once: bool, agree: bool) -> None:
        pause_s = DECIDED_AFTER.total_seconds()
        if not at_once:
            await asyncio.sleep(5 * pause_s)
        if order.state is OrderState.CLOSED:
            return
        refund = stall.shop.ask_refund(order)
        await asyncio.sleep(pause_s)
        stall.shop.settle_refund(refund, agree=agree)


def refunded(stall: Stall) -> Callable[[Order], bool]:
    """Tell which orders of a stall went back."""
    back = {
        refund.order.order_id
        for refund in stall.shop.refunds.values()
        if refund.state is RefundState.DONE
    }
    return lambda order: order.order_id in back or order.state is OrderState.CLOSED
