"""One caller's WebSocket at a message service: read, tell, and hang up on who falls silent."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from kashu.simulators.faults import Receive, Send
from kashu.simulators.mailbox import LineCut


class Gone(Exception):
    """The caller left, or was hung up on."""


class Wire:
    """Frames to and from one caller."""

    def __init__(self, receive: Receive, send: Send, *, silent_s: float) -> None:
        """`silent_s`: who says nothing for so long is hung up on."""
        self._receive, self._send = receive, send
        self.silent_s = silent_s

    async def come(self) -> str | bytes:
        """Wait for a frame. Raises: Gone."""
        try:
            async with asyncio.timeout(self.silent_s):
                message = await self._receive()
        except TimeoutError:
            raise Gone from None
        if message["type"] != "websocket.receive":
            raise Gone
        text: str | None = message.get("text")
        return message["bytes"] if text is None else text

    async def say(self, frame: str | bytes) -> None:
        """Send a frame."""
        out: dict[str, Any] = {"type": "websocket.send", "text": None, "bytes": None}
        out["text" if isinstance(frame, str) else "bytes"] = frame
        await self._send(out)

    async def accept(self) -> None:
        """Let the caller in."""
        await self._send({"type": "websocket.accept"})

    async def hang_up(self, code: int = 1000) -> None:
        """Say goodbye; before accept(), refuse."""
        await self._send({"type": "websocket.close", "code": code})

    async def both(self, read: Callable[[], Awaitable[None]], tell: Awaitable[None]) -> None:
        """Read on and on while telling, until either ends; who is cut hears no goodbye."""

        async def reading() -> None:
            while True:
                await read()

        tasks = [asyncio.ensure_future(tell), asyncio.create_task(reading())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        error = next(iter(done)).exception()
        if isinstance(error, Gone):
            await self.hang_up(1001)
        elif error is not None and not isinstance(error, LineCut):
            raise error
