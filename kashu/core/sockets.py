"""The way out for connections that stay open (WebSocket), under the same rules as calls.

TLS and public addresses only, no proxy, no redirect, no compression; frames and what waits of them
are bounded. Addresses and frames are never logged: both may hold what signs us in.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from ssl import SSLContext
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import httpcore
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)

from kashu.core.errors import Unavailable
from kashu.core.http import AddressForbidden, NotReached, public_address

Frame: TypeAlias = str | bytes

FRAME_MAX: Final = 1 << 20  # bytes
WAITING_MAX: Final = 32  # frames that are here and not yet taken
OPEN_S: Final = 10.0
SEND_S: Final = 10.0
CLOSE_S: Final = 2.0
PING_EVERY_S: Final = 30.0  # every WebSocket answers pings (RFC 6455, 5.5.2) …
PING_ANSWERED_S: Final = 60.0  # … or there is nobody any more

_log = logging.getLogger("websockets")
_log.setLevel(logging.CRITICAL)  # it logs whole addresses and frames; what matters, we tell


class SocketClosed(Unavailable):
    """A long connection didn't come about, or ended."""

    code = "socket_closed"
    zh = "与 {host} 的长连接已断开（{why}）。系统会自动重连，期间的变化由定时查询补上，不会丢失。"
    en = (
        "The long connection to {host} ended ({why}). It is opened again by itself; what changed "
        "meanwhile is asked for as always."
    )


class Socket:
    """A connection that stays open. Frames come and go whole: text, or bytes."""

    def __init__(self, connection: ClientConnection, host: str) -> None:
        """Begin to read."""
        self._connection = connection
        self._host = host
        self._frames: asyncio.Queue[Frame | None] = asyncio.Queue(WAITING_MAX)  # None: the end
        self._why = "closed"
        self._reader = asyncio.create_task(self._read(), name=f"socket {host}")

    async def send(self, frame: Frame) -> None:
        """Send one frame. Raises: SocketClosed."""
        try:
            async with asyncio.timeout(SEND_S):
                await self._connection.send(frame)
        except TimeoutError as error:
            raise SocketClosed(host=self._host, why="timeout") from error
        except WebSocketException as error:
            raise SocketClosed(host=self._host, why=_why(error)) from error

    async def receive(self) -> Sequence[Frame]:
        """Wait for frames, and take all that are here. Raises: SocketClosed, after the last."""
        found = [await self._frames.get()]
        while not self._frames.empty():
            found.append(self._frames.get_nowait())
        frames = [frame for frame in found if frame is not None]
        if len(frames) < len(found):
            self._frames.put_nowait(None)  # for whoever asks again
        if not frames:
            raise SocketClosed(host=self._host, why=self._why)
        return frames

    @asynccontextmanager
    async def beating(self, every_s: float, make: Callable[[], Frame]) -> AsyncIterator[None]:
        """Send what `make` gives at once and every so often, while the block runs."""

        async def beat() -> None:
            while True:
                try:
                    await self.send(make())
                except SocketClosed:
                    await self._connection.close()  # whoever receives learns of it
                    return
                await asyncio.sleep(every_s)

        heart = asyncio.create_task(beat(), name=f"heart {self._host}")
        try:
            yield
        finally:
            heart.cancel()
            await asyncio.wait([heart])

    async def close(self) -> None:
        """Say goodbye, and don't wait long for an answer."""
        self._reader.cancel()
        await asyncio.wait([self._reader])
        await self._connection.close()

    async def _read(self) -> None:
        try:
            while True:
                await self._frames.put(await self._connection.recv())
        except Exception as error:  # noqa: BLE001  (or whoever receives would wait for ever)
            self._why = _why(error)
            await self._frames.put(None)


class Sockets:
    """Opens long connections for a process."""

    def __init__(self, *, private_allowed: bool = False) -> None:
        """`private_allowed`: also without TLS and to this machine, for simulators."""
        self._private_allowed = private_allowed
        self._tls: SSLContext | None = None

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[Socket]:
        """Open a connection, and close it when the block ends.

        Raises: AddressForbidden, NotReached, SocketClosed.
        """
        host, port, secure = self._place_of(url)
        connection = await self._connect(url, host, port, secure=secure)
        socket = Socket(connection, host)
        try:
            yield socket
        finally:
            await socket.close()

    def _place_of(self, url: str) -> tuple[str, int, bool]:
        """Whom a URL is of. Raises: AddressForbidden."""
        try:
            parts = urlsplit(url)
            host, port, secure = parts.hostname or "", parts.port, parts.scheme == "wss"
        except ValueError as error:
            raise AddressForbidden(host="") from error
        allowed = secure or (self._private_allowed and parts.scheme == "ws")
        if not host or not allowed:
            raise AddressForbidden(host=host)
        return host, port or (443 if secure else 80), secure

    async def _connect(self, url: str, host: str, port: int, *, secure: bool) -> ClientConnection:
        try:
            async with asyncio.timeout(OPEN_S):
                return await _Straight(
                    url,
                    # The very address that was looked at.
                    host=host if self._private_allowed else await public_address(host, port),
                    port=port,
                    ssl=self._context() if secure else None,
                    proxy=None,
                    compression=None,
                    user_agent_header="kashu",
                    open_timeout=None,
                    ping_interval=PING_EVERY_S,
                    ping_timeout=PING_ANSWERED_S,
                    close_timeout=CLOSE_S,
                    max_size=FRAME_MAX,
                    max_queue=4,  # beside those of our own that wait
                    logger=_log,
                )
        except InvalidURI as error:
            raise AddressForbidden(host=host) from error
        except WebSocketException as error:
            raise SocketClosed(host=host, why=_why(error)) from error
        except (OSError, UnicodeError) as error:  # TimeoutError is one
            raise NotReached(host=host) from error

    def _context(self) -> SSLContext:
        if self._tls is None:
            self._tls = httpcore.default_ssl_context()
        return self._tls


class _Straight(connect):
    """As the library's own, but goes nowhere else: a redirect could lead anywhere."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        """Take a redirect for the failure that it is."""
        return exc


def _why(error: Exception) -> str:
    """Say what happened without what was said: that is the other side's."""
    if isinstance(error, InvalidStatus):
        return f"HTTP {error.response.status_code}"
    if isinstance(error, ConnectionClosed):
        return f"closed {error.rcvd.code if error.rcvd else 'without a word'}"
    return type(error).__name__
