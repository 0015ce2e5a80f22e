"""A Taobao shop for tests: simulator, server, link, and words put into the platform's mouth."""

import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from kashu.channels.channel import App, Grant, Link
from kashu.core.http import Answer, Http
from kashu.core.secrets import Secret
from kashu.simulators import faults
from kashu.simulators.faults import Faults, Message, Receive, Scope, Send, answer, read_body
from kashu.simulators.serving import serving
from kashu.simulators.shop import Clock, Shop
from kashu.simulators.taobao import APP_KEY, APP_SECRET, NOTICE_KEY, TaobaoSimulator

SHOP_ID = "2200000000001"
DEADLINE_S = 0.5  # longer than a busy machine takes to reach the platform
VOUCHERS = {"vouchers": "first_generation", "voucher_notice_key": NOTICE_KEY}


class Hasty(Http):
    """Waits half a second only."""

    async def call(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Answer:
        return await super().call(
            method, url, content=content, headers=headers, deadline_s=min(deadline_s, DEADLINE_S)
        )


class Mouth:
    """Stands before the platform: says what it is told to say, or changes what is said."""

    def __init__(self) -> None:
        self.platform: faults.App | None = None
        self.says: deque[bytes] = deque()  # each in place of one answer
        self.change: Callable[[dict[str, Any]], None] | None = None

    def refuse(self, code: int, sub_code: str = "", sub_msg: str = "") -> None:
        told = {"code": code, "msg": "a word", "sub_code": sub_code, "sub_msg": sub_msg}
        self.says.append(json.dumps({"error_response": told}).encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.platform is not None
        if self.says:
            await read_body(receive)
            await answer(send, self.says.popleft())
            return
        if self.change is None or scope["type"] != "http":
            await self.platform(scope, receive, send)
            return
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            parts.append(message.get("body", b""))

        await self.platform(scope, receive, keep)
        told = json.loads(b"".join(parts))
        self.change(told)
        await answer(send, json.dumps(told).encode())


@dataclass(frozen=True, slots=True)
class Street:
    """A shop, the platform it stands on, and our link to it."""

    shop: Shop
    platform: TaobaoSimulator
    mouth: Mouth
    link: Link

    def with_options(self, **options: str) -> Link:
        return replace(self.link, app=replace(self.link.app, options=options))

    def hasty(self) -> Link:
        return replace(self.link, http=Hasty(private_allowed=True))

    def with_token(self, token: str) -> Link:
        assert self.link.grant is not None
        return replace(self.link, grant=replace(self.link.grant, access_token=Secret(token)))

    def bare(self) -> Link:
        return replace(self.link, grant=None)


@dataclass(frozen=True, slots=True)
class Town:
    """One server for the tests of a file: each opens a shop of its own there."""

    mouth: Mouth
    http: Http
    url: str

    def open(self) -> Street:
        shop = Shop(SHOP_ID, "卡枢 专营店", Clock())
        platform = TaobaoSimulator(shop, faults=Faults(silent_s=DEADLINE_S * 2))
        self.mouth.platform, self.mouth.change = platform, None
        self.mouth.says.clear()
        app = App(APP_KEY, Secret(APP_SECRET), base_url=self.url)
        grant = Grant(SHOP_ID, shop.name, Secret(platform.token()))
        return Street(shop, platform, self.mouth, Link(app, grant, self.http, shop.now))


@asynccontextmanager
async def standing() -> AsyncIterator[Town]:
    """Serve while the block runs."""
    mouth, http = Mouth(), Http(private_allowed=True)
    async with serving(mouth) as url:
        yield Town(mouth, http, url)
    await http.close()
