"""A Youzan shop for tests: simulator, server, link, and ways to spoil what is answered."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from kashu.adapters.channels.youzan import YouzanChannel
from kashu.channels.channel import App, Grant, Link, Page, ShopOrder, Window
from kashu.core.http import Http
from kashu.core.secrets import Secret
from kashu.simulators import faults
from kashu.simulators.faults import Message, Receive, Scope, Send, answer
from kashu.simulators.serving import serving
from kashu.simulators.shop import Item, Shop
from kashu.simulators.youzan import CLIENT_ID, CLIENT_SECRET, YouzanSimulator

SHOP_ID = "40419900"
CHANNEL = YouzanChannel()

Change = Callable[[dict[str, Any]], None]


@dataclass(slots=True)
class Street:
    """A shop, the platform it stands on, and our link to it."""

    shop: Shop
    platform: YouzanSimulator
    link: Link
    change: Change | None = None  # of each answer on its way to us

    def options(self, **options: str) -> Link:
        """The same link, with these options of the application only."""
        return replace(self.link, app=replace(self.link.app, options=options))

    def with_token(self, token: str) -> Link:
        """The same link, with another token."""
        assert self.link.grant is not None
        return replace(self.link, grant=replace(self.link.grant, access_token=Secret(token)))

    def month(self, *, variant: bool = True) -> Item:
        """Something for sale."""
        return self.shop.offer(
            "芒果TV会员", 1990, properties="月卡", merchant_code="mgtv-m", variant=variant
        )

    def lately(self) -> Window:
        """The last ten minutes, and the next."""
        now: datetime = self.shop.now()
        return Window(now - timedelta(minutes=10), now + timedelta(minutes=1))

    async def pages(self, window: Window) -> list[Page[ShopOrder]]:
        """All pages of a window."""
        found = [await CHANNEL.orders(self.link, window)]
        while found[-1].next is not None:
            found.append(await CHANNEL.orders(self.link, window, found[-1].next))
        return found


@asynccontextmanager
async def street(*, virtual: bool = True, own: bool = True) -> AsyncIterator[Street]:
    """Open a shop, with another one beside it."""
    shop = Shop(SHOP_ID, "卡枢小店")
    platform = YouzanSimulator(
        shop,
        Shop("77", "别家", shop.now),
        faults=faults.Faults(silent_s=0.05),
        virtual=virtual,
        own=own,
    )
    access, refresh = platform.grant(shop)
    grant = Grant(shop.shop_id, shop.name, Secret(access), Secret(refresh))
    http = Http(private_allowed=True)
    options = {"shop": SHOP_ID, "memo": "cards"} if own else {"memo": "cards"}
    app = App(CLIENT_ID, Secret(CLIENT_SECRET), options=options)
    opened = Street(shop, platform, Link(app, grant, http, shop.now))
    async with serving(_altered(opened)) as url:
        opened.link = replace(opened.link, app=replace(app, base_url=url))
        try:
            yield opened
        finally:
            await http.close()


def _altered(opened: Street) -> faults.App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if opened.change is None:
            await opened.platform(scope, receive, send)
            return
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            parts.append(message.get("body", b""))

        await opened.platform(scope, receive, keep)
        told = json.loads(b"".join(parts))
        opened.change(told)
        await answer(send, json.dumps(told).encode())

    return app


def setting(path: str, value: object) -> Change:
    """Put a value somewhere into an answer; "…" removes it. Answers without that place stay."""

    def change(told: dict[str, Any]) -> None:
        here: Any = told
        *way, last = path.split(".")
        for step in way:
            at = int(step) if step.isdecimal() else step
            if isinstance(here, dict) and at not in here:
                return
            here = here[at]
        if value == "…":
            here.pop(last, None)
        else:
            here[last] = value

    return change
