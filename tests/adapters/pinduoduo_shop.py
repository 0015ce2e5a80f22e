"""A Pinduoduo shop for tests: simulator, server, link, and ways to spoil what is answered."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from kashu.channels.channel import App, Grant, Link
from kashu.core.http import Answer, Http
from kashu.core.secrets import Secret
from kashu.simulators import faults
from kashu.simulators.faults import Message, Receive, Scope, Send, answer
from kashu.simulators.pinduoduo import CLIENT_ID, CLIENT_SECRET, PinduoduoSimulator
from kashu.simulators.serving import serving
from kashu.simulators.shop import Shop

OPTIONS = {"logistics_id": "999", "tracking_number": "V{order}"}


@dataclass(frozen=True, slots=True)
class Street:
    """A shop, the platform it stands on, and our link to it."""

    shop: Shop
    platform: PinduoduoSimulator
    link: Link

    def with_options(self, **options: str) -> Link:
        """The same link, with these options of the application only."""
        return replace(self.link, app=replace(self.link.app, options=options))


@asynccontextmanager
async def open_street(app_of: Callable[[PinduoduoSimulator], faults.App]) -> AsyncIterator[Street]:
    """Open a shop; `app_of` says what stands before its platform."""
    shop = Shop("20260308", "卡枢旗舰店")
    platform = PinduoduoSimulator(shop, faults=faults.Faults(silent_s=1.0))
    access, refresh = platform.grant(shop)
    grant = Grant(shop.shop_id, shop.name, Secret(access), Secret(refresh))
    http = Http(private_allowed=True)
    async with serving(app_of(platform)) as url:
        app = App(CLIENT_ID, Secret(CLIENT_SECRET), base_url=url, options=OPTIONS)
        yield Street(shop, platform, Link(app, grant, http, shop.now))
    await http.close()


class HurriedHttp(Http):
    """Waits for an answer a moment only."""

    async def call(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = 0.5,  # longer than a busy machine takes to reach the platform
    ) -> Answer:
        return await super().call(
            method, url, content=content, headers=headers, deadline_s=deadline_s
        )


def altering(
    change: Callable[[dict[str, Any]], None], *, losing: str = ""
) -> Callable[[faults.App], faults.App]:
    """Stand before a platform and change what it answers; lose the answer named `losing`."""

    def before(platform: faults.App) -> faults.App:
        async def altered(scope: Scope, receive: Receive, send: Send) -> None:
            parts: list[bytes] = []

            async def keep(message: Message) -> None:
                parts.append(message.get("body", b""))

            await platform(scope, receive, keep)
            told = json.loads(b"".join(parts))
            change(told)
            await answer(send, json.dumps(told).encode(), status=500 if losing in told else 200)

        return altered

    return before


def saying(*bodies: bytes, status: int = 200) -> Callable[[faults.App], faults.App]:
    """Stand before a platform and answer these in turn, whatever is asked."""

    def before(_: faults.App) -> faults.App:
        turns = iter(bodies)

        async def said(_: Scope, receive: Receive, send: Send) -> None:
            await faults.read_body(receive)
            await answer(send, next(turns), status=status)

        return said

    return before
