"""Serve a simulator on this machine, inside the process that asks for it: HTTP/1.1, one loop.

No thread of its own: Granian's embedded server ends its threads after it has said that it stopped,
and one that returns to an interpreter that is ending aborts the process (exit code 134).
"""

import asyncio
import socket
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import unquote

from kashu.simulators.faults import App
from kashu.simulators.upgrade import Line, WebSocketLine, wants_upgrade

HOST: Final = "127.0.0.1"
HEAD_MAX: Final = 1 << 16  # bytes; a call's query may hold the texts of cards
BODY_MAX: Final = 64 << 20
BACKLOG: Final = 1_024
REASONS: Final = {status.value: status.phrase for status in HTTPStatus}
NO_BODY: Final = frozenset({204, 304})


@asynccontextmanager
async def serving(app: App, *, port: int | None = None) -> AsyncIterator[str]:
    """Serve while the block runs; gives the base URL, without a slash at its end.

    Raises: OSError, where the port is taken.
    """
    open_: set[Line] = set()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _Connection(app, open_), HOST, port or 0, backlog=BACKLOG
    )
    try:
        yield f"http://{HOST}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        calls = [connection.close() for connection in list(open_)]
        await asyncio.gather(*(call for call in calls if call), return_exceptions=True)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


class _Unreadable(ValueError):
    """What came isn't a request that we read."""


class _Connection(asyncio.Protocol):
    """One caller: its requests are answered one after another."""

    def __init__(self, app: App, open_: set[Line]) -> None:
        self._app, self._open = app, open_
        self._came = bytearray()
        self._call: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._scope: MutableMapping[str, Any] | None = None  # of a request that isn't whole yet

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody calls."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's isn't a kind of it
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller left. What it asked for is done all the same, as platforms do."""
        del exc
        self._transport = None
        if self._call is None:
            self._open.discard(self)

    def data_received(self, data: bytes) -> None:
        """Some of a request came."""
        self._came += data
        self._go_on()

    def close(self) -> asyncio.Task[None] | None:
        """Hang up; what is under way is broken off: its task, to be waited for."""
        if self._call is not None:
            self._call.cancel()
        if self._transport is not None:
            self._transport.abort()
        return self._call

    def _go_on(self) -> None:
        """Answer the next request, once it is whole and the one before is answered."""
        if self._call is not None or self._transport is None:
            return
        try:
            found = self._next()
        except _Unreadable:
            self._transport.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
            self._transport.close()
            return
        if found is not None:
            self._call = asyncio.get_running_loop().create_task(self._answer(*found))
            self._call.add_done_callback(self._answered)

    def _next(self) -> tuple[MutableMapping[str, Any], bytes] | None:
        if self._scope is None:
            end = self._came.find(b"\r\n\r\n")
            if end < 0:
                if len(self._came) > HEAD_MAX:
                    raise _Unreadable
                return None
            self._scope = _scope_of(bytes(self._came[:end]))
            if wants_upgrade(self._scope):
                self._upgrade(self._scope)
                return None
            del self._came[: end + 4]
            if self._scope["kashu.continues"] and self._transport is not None:
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = self._scope["kashu.length"]
        if len(self._came) < length:
            return None
        scope, self._scope = self._scope, None
        body = bytes(self._came[:length])
        del self._came[:length]
        return scope, body

    def _upgrade(self, scope: MutableMapping[str, Any]) -> None:
        """Leave the line to somebody who speaks WebSocket."""
        transport, self._transport = self._transport, None
        assert transport is not None, "it is there while something comes"
        self._open.discard(self)
        line = WebSocketLine(self._app, self._open, scope, transport, bytes(self._came))
        transport.set_protocol(line)

    async def _answer(self, scope: MutableMapping[str, Any], body: bytes) -> None:
        answer = _Answer()
        came = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> MutableMapping[str, Any]:
            return came.pop() if came else {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            out = answer.take(message)
            if out and self._transport is not None:
                self._transport.write(out)

        await self._app(scope, receive, send)
        if self._transport is not None and (scope["kashu.closes"] or not answer.is_whole):
            self._transport.close()

    def _answered(self, call: asyncio.Task[None]) -> None:
        self._call = None
        if self._transport is None:
            self._open.discard(self)
        if call.cancelled():
            return
        if error := call.exception():
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a simulator failed", "exception": error}
            )
            if self._transport is not None:
                self._transport.abort()
        self._go_on()


class _Answer:
    """An answer as it is written: of known length, or in chunks."""

    def __init__(self) -> None:
        self.is_whole = False
        self._head: bytes | None = None
        self._chunked = False

    def take(self, message: MutableMapping[str, Any]) -> bytes:
        """Turn what the app says into what is sent."""
        if message["type"] == "http.response.start":
            self._head = self._start(message)
            return b""
        body: bytes = message.get("body", b"")
        more = message.get("more_body", False)
        head, self._head = self._head, None
        if head is not None and not head.endswith(b"\r\n\r\n"):  # no length was given
            self._chunked = more
            length = b"transfer-encoding: chunked" if more else b"content-length: %d" % len(body)
            head += length + b"\r\n\r\n"
        self.is_whole = not more
        if self._chunked:
            body = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            body += b"" if more else b"0\r\n\r\n"
        return (head or b"") + body

    def _start(self, message: MutableMapping[str, Any]) -> bytes:
        status, headers = message["status"], list(message.get("headers", ()))
        lines = [b"HTTP/1.1 %d %b" % (status, REASONS.get(status, "Unknown").encode())]
        lines += [b"%b: %b" % (bytes(name), bytes(text)) for name, text in headers]
        known = any(bytes(name).lower() == b"content-length" for name, _ in headers)
        return b"\r\n".join(lines) + b"\r\n" + (b"\r\n" if known or status in NO_BODY else b"")


def _scope_of(head: bytes) -> MutableMapping[str, Any]:
    """Read a request's first lines. Raises: _Unreadable."""
    first, *lines = head.split(b"\r\n")
    parts = first.split(b" ")
    if len(parts) != 3 or parts[2] != b"HTTP/1.1":  # noqa: PLR2004  (method, target, version)
        raise _Unreadable
    headers = []
    for line in lines:
        name, colon, text = line.partition(b":")
        if not colon or not name or name != name.strip():
            raise _Unreadable
        headers.append((name.lower(), text.strip()))
    told = dict(headers)
    length = told.get(b"content-length", b"0")
    if b"transfer-encoding" in told or not length.isdigit() or int(length) > BODY_MAX:
        raise _Unreadable  # those who call a simulator know how long their bodies are
    path, _, query = parts[1].partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": parts[0].decode("ascii", "replace"),
        "scheme": "http",
        "path": unquote(path.decode("ascii", "replace")),
        "raw_path": path,
        "query_string": query,
        "root_path": "",
        "headers": headers,
        "client": (HOST, 0),
        "server": (HOST, 0),
        "kashu.length": int(length),
        "kashu.closes": told.get(b"connection", b"").lower() == b"close",
        "kashu.continues": told.get(b"expect", b"").lower() == b"100-continue",
    }
