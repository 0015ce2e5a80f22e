"""Notices of simulated suppliers: each end of an order, until it is taken."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from kashu.core.http import Answer, Http
from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.house import House, Order
from kashu.simulators.suppliers.telling import TRIES, Teller


@dataclass
class Door:
    """Our address: what came to it, and what it says."""

    came: list[bytes] = field(default_factory=list)
    refuses: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["method"] == "POST"
        self.came.append(await read_body(receive))
        self.refuses -= 1
        await answer(send, b"no" if self.refuses >= 0 else b"ok")


def write(order: Order) -> tuple[dict[str, str], bytes]:
    return {}, f"{order.number} {order.state.value}".encode()


def is_ok(told: Answer) -> bool:
    return told.body == b"ok"


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    way = Http(private_allowed=True)
    yield way
    await way.close()


async def test_each_end_of_an_order_is_told_to_its_own_address(http: Http) -> None:
    house, door = House(), Door()
    teller = Teller(house, write, is_ok, http)
    async with serving(door) as url:
        good = house.offer("月卡", 100)
        house.make(good, 1, "K1", notice_url=f"{url}/notices/1/T")
        house.make(good, 1, "K2")
        house.settle()
        await teller.settle()
    assert (door.came, teller.sent) == ([b"K1 succeeded"], 1)


async def test_what_is_not_taken_comes_again(http: Http) -> None:
    house, door = House(), Door(refuses=2)
    teller = Teller(house, write, is_ok, http, pause_s=0.001)
    async with serving(door) as url:
        house.make(house.offer("月卡", 100), 1, "K1", notice_url=url)
        house.settle()
        await teller.settle()
    assert (len(door.came), teller.sent, teller.given_up) == (3, 3, 0)


async def test_what_is_never_taken_is_given_up(http: Http) -> None:
    house, door = House(), Door(refuses=99)
    teller = Teller(house, write, is_ok, http, pause_s=0.001)
    async with serving(door) as url:
        house.make(house.offer("月卡", 100), 1, "K1", notice_url=url)
        house.settle()
        await teller.settle()
    assert (teller.sent, teller.given_up) == (TRIES, 1)


async def test_nothing_is_told_once_it_is_closed(http: Http) -> None:
    house = House()
    teller = Teller(house, write, is_ok, http)
    await teller.close()
    house.make(house.offer("月卡", 100), 1, "K1", notice_url="http://127.0.0.1:1/")
    house.settle()
    assert teller.sent == 0
