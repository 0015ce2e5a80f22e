"""A seller for tests: serves an Asking adapter to JD, and answers as it is told to."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from kashu.adapters.channels.jd_game import JdGame
from kashu.adapters.channels.jd_virtual import JdVirtual
from kashu.channels.asking import Ask, Asked, Asking, Progress, Result, Ticket
from kashu.channels.channel import App, Grant, Link, PushReply, PushRequest
from kashu.core.errors import KashuError
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.jd_asking import JdGameSimulator, JdVirtualSimulator
from kashu.simulators.serving import serving

Platform = TypeVar("Platform", JdGameSimulator, JdVirtualSimulator)


def unknown_or_open(ticket: Ticket | None) -> Result:
    """What is said of an order that nobody has decided on."""
    if ticket is None:
        return Result(Progress.UNKNOWN)
    return Result(Progress.OPEN, ticket, our_number="KS-1")


@dataclass(slots=True)
class Desk:
    """What a seller keeps: the orders it was asked for, and what it says of them."""

    adapter: Asking
    link: Link
    says: Callable[[Ticket | None], Result] = unknown_or_open
    asks: dict[str, Ask] = field(default_factory=dict)
    refused: list[KashuError] = field(default_factory=list)
    calls: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one call of the platform's."""
        if scope["type"] != "http":
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        body = await read_body(receive)
        query = scope["query_string"].decode()
        reply = self.reply(PushRequest(scope["method"], scope["path"], query, headers, body))
        await answer(send, reply.body, status=reply.status, media_type=reply.media_type)

    def reply(self, request: PushRequest) -> PushReply:
        """Read, keep, answer."""
        self.calls += 1
        try:
            asked = self.adapter.read(self.link, request)
            if isinstance(asked, Ask):
                self.asks.setdefault(asked.order.order_id, asked)
            return self.adapter.answer(self.link, asked, self.says(self.ticket_of(asked)))
        except KashuError as error:
            self.refused.append(error)
            return self.adapter.refuse(self.link, request, error)

    def ticket_of(self, asked: Asked) -> Ticket | None:
        """The order's, if it is known."""
        number = asked.order.order_id if isinstance(asked, Ask) else asked.order_id
        known = self.asks.get(number)
        return None if known is None else known.ticket


@dataclass(frozen=True, slots=True)
class Street(Generic[Platform]):
    """A platform that asks, and the seller that it asks."""

    platform: Platform
    desk: Desk

    @property
    def link(self) -> Link:
        """The seller's link to it."""
        return self.desk.link


@asynccontextmanager
async def open_game() -> AsyncIterator[Street[JdGameSimulator]]:
    """Open the game-card platform and a seller there."""
    http = Http(private_allowed=True)
    platform = JdGameSimulator(http)
    async with serving(platform) as url:
        app = App(platform.customer_id, Secret(platform.key), base_url=url)
        grant = Grant("20260308", "卡枢旗舰店", Secret(platform.key))
        desk = Desk(JdGame(), Link(app, grant, http, platform.now))
        async with serving(desk) as seller:
            platform.own_url, platform.seller_url = url, f"{seller}/asked/store-1"
            yield Street(platform, desk)
    await http.close()


@asynccontextmanager
async def open_virtual() -> AsyncIterator[Street[JdVirtualSimulator]]:
    """Open the general virtual-trade platform and a seller there."""
    http = Http(private_allowed=True)
    platform = JdVirtualSimulator(http)
    async with serving(platform) as url:
        app = App(platform.vendor_id, Secret(platform.key), base_url=url)
        grant = Grant("20260308", "卡枢旗舰店", Secret(platform.card_key))
        desk = Desk(JdVirtual(), Link(app, grant, http, platform.now))
        async with serving(desk) as seller:
            platform.own_url, platform.seller_url = url, f"{seller}/asked/store-1"
            yield Street(platform, desk)
    await http.close()
