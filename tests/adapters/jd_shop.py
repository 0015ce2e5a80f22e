"""A JD shop for tests: simulator, server, link, and ways to spoil what is answered."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from kashu.channels.channel import App, Grant, Link
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.simulators import faults
from kashu.simulators.faults import Message, Receive, Scope, Send, answer
from kashu.simulators.jd import APP_KEY, APP_SECRET, JdSimulator
from kashu.simulators.serving import serving
from kashu.simulators.shop import Shop


@dataclass(frozen=True, slots=True)
class Street:
    """A shop, the platform it stands on, and our link to it."""

    shop: Shop
    platform: JdSimulator
    link: Link

    def with_options(self, **options: str) -> Link:
        """The same link, with these options of the application."""
        return replace(self.link, app=replace(self.link.app, options=options))


Before = Callable[[faults.App], faults.App]


@asynccontextmanager
async def open_street(before: Before = lambda platform: platform) -> AsyncIterator[Street]:
    """Open a shop; `before` says what stands before its platform."""
    shop = Shop("20260308", "卡枢旗舰店")
    platform = JdSimulator(shop, faults=faults.Faults(silent_s=0.1))
    access, refresh = platform.grant(shop)
    grant = Grant(shop.shop_id, shop.name, Secret(access), Secret(refresh))
    http = Http(private_allowed=True)
    async with serving(before(platform)) as url:
        app = App(APP_KEY, Secret(APP_SECRET), base_url=url)
        yield Street(shop, platform, Link(app, grant, http, shop.now))
    await http.close()


def altering(change: Callable[[dict[str, Any]], None]) -> Before:
    """Stand before a platform and change what it answers."""

    def before(platform: faults.App) -> faults.App:
        async def altered(scope: Scope, receive: Receive, send: Send) -> None:
            parts: list[bytes] = []

            async def keep(message: Message) -> None:
                parts.append(message.get("body", b""))

            await platform(scope, receive, keep)
            told = json.loads(b"".join(parts))
            change(told)
            await answer(send, json.dumps(told).encode())

        return altered

    return before


def saying(body: bytes, status: int = 200) -> Before:
    """Stand before a platform and answer this, whatever was asked."""

    def before(_: faults.App) -> faults.App:
        async def said(_: Scope, receive: Receive, send: Send) -> None:
            await faults.read_body(receive)
            await answer(send, body, status=status)

        return said

    return before


def altering_order(**fields: object) -> Before:
    """Stand before a platform and change fields of each order; None takes one away."""

    def change(told: dict[str, Any]) -> None:
        for answered in told.values():
            detail = answered.get("orderDetailInfo", {})
            listed = answered.get("searchorderinfo_result", {}).get("orderInfoList", [])
            for order in [*listed, *filter(None, [detail.get("orderInfo")])]:
                for name, value in fields.items():
                    if value is None:
                        order.pop(name, None)
                    else:
                        order[name] = value

    return altering(change)
