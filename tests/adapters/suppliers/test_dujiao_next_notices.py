"""dujiao-next: its vectors, and the notices of its sites."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kashu.adapters.suppliers.dujiao_next import FRESH, DujiaoNextUpstream
from kashu.adapters.suppliers.dujiao_next_calls import sign
from kashu.core.secrets import Secret
from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.serving import serving
from kashu.simulators.suppliers.dujiao_next import OTHER_NUMBER, DujiaoNextSimulator
from kashu.simulators.suppliers.dujiao_next_wire import is_taken
from kashu.simulators.suppliers.house import Trick
from kashu.simulators.suppliers.telling import Teller
from kashu.suppliers.conformance.world import order_of
from kashu.suppliers.errors import NoticeNotAuthentic
from kashu.suppliers.upstream import Login, Notice, NoticeRequest
from tests.adapters.suppliers.world_dujiao_next import PROVED, posted
from tests.adapters.suppliers.worlds import world_of

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "dujiao_next.json").read_text(encoding="utf-8")
)
UPSTREAM = DujiaoNextUpstream()


@pytest.mark.parametrize("vector", VECTORS, ids=[each["name"] for each in VECTORS])
def test_every_vector_is_signed_alike(vector: dict[str, Any]) -> None:
    told = vector["input"]
    body = told["raw_body"].encode()
    signature = sign(
        Secret(told["secret"]), told["method"], told["path"], str(told["timestamp"]), body
    )
    assert signature == vector["expect"]["signature"]


def test_the_callback_of_the_vectors_is_read_wherever_it_was_sent_to() -> None:
    (vector,) = (each for each in VECTORS if each["kind"] == "callback_sign")
    told = vector["input"]
    headers = {
        "dujiao-next-api-key": "dj_key",
        "dujiao-next-timestamp": str(told["timestamp"]),
        "dujiao-next-signature": vector["expect"]["signature"],
    }
    request = NoticeRequest("POST", "/notices/1/T", "", headers, told["raw_body"].encode())
    at = datetime.fromtimestamp(told["timestamp"], UTC)
    login = Login("dj_key", Secret(told["secret"]), "https://site.example")
    notice = UPSTREAM.read_notice(login, request, at + FRESH)
    assert (notice.number, notice.their_number) == ("T202601010001", "31")
    assert notice.said == "delivered"
    for wrong in (at + FRESH + timedelta(seconds=1), at - FRESH - timedelta(seconds=1)):
        with pytest.raises(NoticeNotAuthentic):
            UPSTREAM.read_notice(login, request, wrong)


async def test_a_notice_of_somebody_elses_order_names_that_one() -> None:
    async with world_of(PROVED[0]) as world:
        app = world.side.app
        assert isinstance(app, DujiaoNextSimulator)
        order = order_of(world, await world.offer("月卡", 141_000))
        await UPSTREAM.place(world.link, order)
        world.house.tricks.add(Trick.NOTICE_OF_ANOTHER)
        request = posted(app.notice(world.house.orders[0]))
        notice = UPSTREAM.read_notice(world.link.login, request, world.link.now())
        assert notice.number == OTHER_NUMBER != order.number


def test_a_notice_is_acknowledged_in_their_words() -> None:
    reply = UPSTREAM.reply(None)
    assert (reply.body, reply.media_type) == (b'{"ok":false}', "application/json")


class Door:
    """Our address, behind which the adapter reads what comes."""

    def __init__(self) -> None:
        self.login: Login | None = None
        self.read: list[Notice] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = await read_body(receive)
        request = NoticeRequest(scope["method"], scope["path"], "", headers, body)
        assert self.login is not None
        notice = UPSTREAM.read_notice(self.login, request, datetime.now(UTC))
        self.read.append(notice)
        told = UPSTREAM.reply(notice)
        await answer(send, told.body, media_type=told.media_type)


async def test_a_site_tells_us_over_http_and_is_content_with_our_answer() -> None:
    async with world_of(PROVED[0]) as world:
        app = world.side.app
        assert isinstance(app, DujiaoNextSimulator)
        app.private_callbacks = True
        teller = Teller(world.house, app.notice, is_taken, world.link.http)
        door = Door()
        door.login = world.link.login
        async with serving(door) as url:
            order = order_of(world, await world.offer("月卡", 141_000))
            order = replace(order, notice_url=f"{url}/notices/1/T")
            await UPSTREAM.place(world.link, order)
            await world.settle()
            await teller.settle()
        assert [(each.number, each.said) for each in door.read] == [(order.number, "delivered")]
        assert (teller.sent, teller.given_up) == (1, 0)
