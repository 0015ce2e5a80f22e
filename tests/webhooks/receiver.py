"""Who is told: a server of somebody else's that verifies what comes, and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook


@dataclass
class Heard:
    """One request as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def name(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Keeps what it heard; answers with the next of `answers`, then with the last one."""

    url: str = ""
    answers: list[str] = field(default_factory=lambda: ["204 No Content"])
    heard: list[Heard] = field(default_factory=list)
    waits: asyncio.Event | None = None  # it answers nobody before this
    came: asyncio.Condition = field(default_factory=asyncio.Condition)
    lines: set[asyncio.StreamWriter] = field(default_factory=set)

    async def has_heard(self, count: int) -> None:
        """Wait until so many requests have come."""
        async with asyncio.timeout(10), self.came:
            await self.came.wait_for(lambda: len(self.heard) >= count)

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """What was heard, each verified as a client of the standard's library would."""
        return [Webhook(secret).verify(each.body, each.headers) for each in self.heard]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines.add(writer)
        try:
            while line := await reader.readline():
                assert line.startswith(b"POST /hook HTTP/1.1")
                headers = {}
                while (written := (await reader.readline()).decode().strip()) != "":
                    name, _, value = written.partition(":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers["content-length"]))
                async with self.came:
                    self.heard.append(Heard(headers, body))
                    self.came.notify_all()
                if self.waits is not None:
                    await self.waits.wait()
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                writer.write(f"HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
        except ConnectionError:
            pass  # they hung up: their right
        finally:
            writer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[Receiver]:
    """A receiver that listens on this machine."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"http://127.0.0.1:{port}/hook"
    try:
        yield receiver
    finally:
        server.close()
        for line in receiver.lines:
            line.close()
