"""Pushes of simulated platforms: each change once, or twice, or late; until they are taken."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from kashu.core.http import Http
from kashu.simulators import pushes
from kashu.simulators.agiso import AgisoSimulator
from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.pushes import Messenger, Pushed, of_agiso, of_weidian, of_youzan
from kashu.simulators.serving import serving
from kashu.simulators.shop import Order, Refund, Shop
from kashu.simulators.weidian import WeidianSimulator
from kashu.simulators.youzan import YouzanSimulator


@dataclass
class Door:
    """An application's address: what came to it, and what it says."""

    came: list[str] = field(default_factory=list)
    refuses: int = 0  # so many, before it takes any

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = (await read_body(receive)).decode()
        if self.refuses:
            self.refuses -= 1
            await answer(send, b"busy", status=503)
            return
        self.came.append(body + scope["query_string"].decode())
        await answer(send, b"success")


def plain(order: Order, refund: Refund | None) -> Pushed:
    """A platform that pushes nothing but where it stands."""
    told = order.state.value if refund is None else f"refund {refund.state.value}"
    return Pushed(told.encode(), {})


@dataclass
class Street:
    """A shop whose platform pushes to a door."""

    shop: Shop
    door: Door
    address: str
    http: Http
    opened: list[Messenger] = field(default_factory=list)

    def pushes(self, *, repeated: float = 0.0, late: float = 0.0, out: bool = False) -> Messenger:
        messenger = Messenger(
            self.shop,
            plain,
            self.address,
            self.http,
            is_out=lambda: out,
            repeated=repeated,
            late=late,
        )
        self.opened.append(messenger)
        return messenger

    def sell(self) -> Order:
        item = self.shop.offer("月卡", 1_980)
        return self.shop.sell((item, 1))


@pytest.fixture
async def street(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Street]:
    monkeypatch.setattr(pushes, "PAUSE_S", 0.01)
    monkeypatch.setattr(pushes, "LATE_S", (0.2, 0.3))
    door, http = Door(), Http(private_allowed=True)
    async with serving(door) as url:
        made = Street(Shop("1", "店"), door, f"{url}/push", http)
        yield made
        for messenger in made.opened:
            await messenger.close()
    await http.close()


async def test_each_change_is_pushed_once(street: Street) -> None:
    messenger = street.pushes()
    order = street.sell()
    street.shop.show(order, "a chat")  # which changes nothing that platforms push
    refund = street.shop.ask_refund(order)
    street.shop.settle_refund(refund, agree=True)

    await messenger.settle()

    assert sorted(street.door.came) == ["closed", "paid", "refund asked", "refund done"]
    assert (messenger.told.sent, messenger.told.taken) == (4, 4)


async def test_a_push_may_come_twice(street: Street) -> None:
    messenger = street.pushes(repeated=1.0)
    street.sell()

    await messenger.settle()

    assert street.door.came == ["paid", "paid"]
    assert messenger.told.repeated == 1


async def test_a_push_may_be_overtaken_by_a_later_one(street: Street) -> None:
    messenger = street.pushes(late=1.0)
    order = street.sell()
    messenger.late = 0.0
    street.shop.ship(order)

    await messenger.settle()

    assert street.door.came == ["shipped", "paid"]
    assert messenger.told.late == 1


async def test_a_push_that_is_not_taken_is_tried_again(street: Street) -> None:
    street.door.refuses = 2
    messenger = street.pushes()
    street.sell()

    await messenger.settle()

    assert street.door.came == ["paid"]
    assert messenger.told.sent == 3


async def test_who_takes_nothing_is_given_up_and_who_is_out_of_order_tells_nobody(
    street: Street,
) -> None:
    street.door.refuses = 1_000
    refused, silent = street.pushes(), street.pushes(out=True)
    street.sell()
    async with asyncio.timeout(60):
        await asyncio.gather(refused.settle(), silent.settle())

    assert (refused.told.sent, refused.told.given_up) == (pushes.TRIES, 1)
    assert (silent.told.sent, silent.told.given_up) == (0, 1)
    assert street.door.came == []


async def test_nothing_is_pushed_once_it_is_closed(street: Street) -> None:
    messenger = street.pushes(late=1.0)
    order = street.sell()
    await messenger.close()
    street.opened.clear()
    street.shop.ship(order)

    assert (messenger.told.sent, street.shop.watchers) == (0, [])


def test_platforms_write_their_own_pushes() -> None:
    shop = Shop("77", "店")
    item = shop.offer("月卡", 1_980)
    order = shop.sell((item, 1), paid=False)
    youzan = of_youzan(YouzanSimulator(shop), shop)
    weidian = of_weidian(WeidianSimulator(shop), shop)
    agiso = of_agiso(AgisoSimulator(shop), shop)

    assert agiso(order, None) is None  # which pushes none of unpaid orders
    shop.pay(order)
    told = youzan(order, None)
    assert told is not None
    assert b"trade_TradePaid" in told.body
    assert told.headers["event-sign"]
    told = weidian(order, None)
    assert told is not None
    assert b"already_payment" in told.body
    assert told.query == f"key={pushes.WEIDIAN_KEY}"
    told = agiso(order, None)
    assert told is not None
    assert "sign=" in told.query
    refund = shop.ask_refund(order)
    assert all(write(order, refund) for write in (youzan, weidian, agiso))
