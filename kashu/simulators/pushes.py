"""Pushes: a platform tells an application's address what changed; twice, late, or never, at will.

An address that doesn't take a push is tried again, ever more seldom, as platforms do.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from kashu.core.errors import OutsideError
from kashu.core.http import Http
from kashu.simulators.agiso import AgisoSimulator
from kashu.simulators.shop import Order, OrderState, Refund, RefundState, Shop
from kashu.simulators.weidian import WeidianSimulator
from kashu.simulators.youzan import YouzanSimulator

TRIES: Final = 5
PAUSE_S: Final = 1.0  # before a push is tried again; doubles
LATE_S: Final = (0.5, 3.0)  # how long one that comes out of order is held back
DEADLINE_S: Final = 5.0
WEIDIAN_KEY: Final = "made-up-push-key"

YOUZAN_KINDS: Final = {
    OrderState.UNPAID: "trade_TradeCreate",
    OrderState.PAID: "trade_TradePaid",
    OrderState.HELD: "trade_TradePaid",
    OrderState.SHIPPED: "trade_TradeSellerShip",
    OrderState.FINISHED: "trade_TradeSuccess",
    OrderState.CLOSED: "trade_TradeClose",
}
WEIDIAN_KINDS: Final = {
    OrderState.UNPAID: "non_payment",
    OrderState.PAID: "already_payment",
    OrderState.HELD: "already_payment",
    OrderState.SHIPPED: "delivered",
    OrderState.FINISHED: "finished",
    OrderState.CLOSED: "close",
}
WEIDIAN_REFUNDS: Final = {
    RefundState.ASKED: "buyers_apply_refund",
    RefundState.DONE: "refund_success",
    RefundState.REFUSED: "sellers_refused_refund",
}


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a platform sends to an application's address."""

    body: bytes
    headers: Mapping[str, str]
    query: str = ""


# Writes the push about an order, or about one of its refunds; None: the platform pushes no such.
Write: TypeAlias = Callable[[Order, Refund | None], Pushed | None]


@dataclass(slots=True)
class Told:
    """How many pushes there were, and what became of them."""

    sent: int = 0  # each try, repeats among them
    taken: int = 0
    repeated: int = 0
    late: int = 0
    given_up: int = 0


@dataclass(slots=True)
class Messenger:
    """Pushes each change of a shop's orders and refunds to an address, while it is open."""

    shop: Shop
    write: Write
    address: str  # without a query
    http: Http
    is_out: Callable[[], bool] = lambda: False  # a platform that is out of order tells nobody
    repeated: float = 0.0  # part of the pushes that come twice
    late: float = 0.0  # part of the pushes that later ones overtake
    seed: int = 1
    told: Told = field(default_factory=Told)
    _known: dict[str, Sequence[object]] = field(default_factory=dict)
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Watch the shop."""
        self._chance = random.Random(self.seed)  # noqa: S311  (faults, not secrets)
        self.shop.watchers.append(self._changed)

    async def close(self) -> None:
        """Push nothing more; what is under way is broken off."""
        self.shop.watchers.remove(self._changed)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def settle(self) -> None:
        """Wait until each push so far is taken or given up."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    def _changed(self, order: Order) -> None:
        """Push what is new of an order since it was last looked at."""
        refunds = [each for each in self.shop.refunds.values() if each.order is order]
        now = (order.state, *((each.refund_id, each.state) for each in refunds))
        before = self._known.get(order.order_id, ())
        self._known[order.order_id] = now
        about: list[Refund | None] = [None] if now[:1] != tuple(before[:1]) else []
        about += [each for each in refunds if (each.refund_id, each.state) not in before]
        for refund in about:
            pushed = self.write(order, refund)
            if pushed is not None:
                self._send(pushed)

    def _send(self, pushed: Pushed) -> None:
        is_late = self._chance.random() < self.late
        pauses_s = [self._chance.uniform(*LATE_S) if is_late else 0.0]
        if self._chance.random() < self.repeated:
            pauses_s.append(0.0)
            self.told.repeated += 1
        self.told.late += is_late
        for pause_s in pauses_s:
            task = asyncio.get_running_loop().create_task(self._tell(pushed, pause_s))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _tell(self, pushed: Pushed, pause_s: float) -> None:
        await asyncio.sleep(pause_s)
        url = f"{self.address}?{pushed.query}" if pushed.query else self.address
        for tried in range(TRIES):
            if not self.is_out() and await self._is_taken(url, pushed):
                self.told.taken += 1
                return
            await asyncio.sleep(PAUSE_S * 2**tried)
        self.told.given_up += 1

    async def _is_taken(self, url: str, pushed: Pushed) -> bool:
        self.told.sent += 1
        try:
            answer = await self.http.call(
                "POST", url, content=pushed.body, headers=pushed.headers, deadline_s=DEADLINE_S
            )
        except OutsideError:
            return False
        return answer.status < 300  # noqa: PLR2004  (what isn't taken is more)


def of_youzan(platform: YouzanSimulator, shop: Shop) -> Write:
    """Write pushes as Youzan does."""

    def write(order: Order, refund: Refund | None) -> Pushed:
        if refund is None:
            return Pushed(*platform.push(shop, order, YOUZAN_KINDS[order.state]))
        return Pushed(*platform.push_refund(shop, refund))

    return write


def of_weidian(platform: WeidianSimulator, shop: Shop, key: str = WEIDIAN_KEY) -> Write:
    """Write pushes as Weidian does: unsigned, to an address with a key."""
    form = {"content-type": "application/x-www-form-urlencoded"}

    def write(order: Order, refund: Refund | None) -> Pushed:
        kind = WEIDIAN_KINDS[order.state] if refund is None else WEIDIAN_REFUNDS[refund.state]
        return Pushed(platform.push(shop, order, kind), form, f"key={key}")

    return write


def of_agiso(bridge: AgisoSimulator, shop: Shop) -> Write:
    """Write pushes as Agiso does: of paid orders and of refunds only."""
    form = {"content-type": "application/x-www-form-urlencoded"}

    def write(order: Order, refund: Refund | None) -> Pushed | None:
        if refund is None and order.state is not OrderState.PAID:
            return None
        if refund is None:
            body, query = bridge.push_paid(shop, order)
        else:
            body, query = bridge.push_refund(shop, refund)
        return Pushed(body, form, query)

    return write
