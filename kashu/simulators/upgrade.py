"""WebSockets at a simulator: a caller's line, from the request to upgrade it until it ends.

The app sees what ASGI calls a WebSocket. Framing is the library's; what is said is the app's.
"""

import asyncio
from collections.abc import MutableMapping
from typing import Any, Protocol

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from kashu.simulators.faults import App


class Line(Protocol):
    """Who is connected, and can be hung up on."""

    def close(self) -> asyncio.Task[None] | None:
        """Hang up; gives what is to be waited for."""
        ...


def wants_upgrade(scope: MutableMapping[str, Any]) -> bool:
    """Whether a request asks for a WebSocket."""
    return bool(dict(scope["headers"]).get(b"upgrade", b"").lower() == b"websocket")


class WebSocketLine(asyncio.Protocol):
    """A caller who asked for a WebSocket."""

    def __init__(
        self,
        app: App,
        lines: set[Any],
        scope: MutableMapping[str, Any],
        transport: asyncio.Transport,
        came: bytes,
    ) -> None:
        """`came`: the request as it was written, and what came after it."""
        self._lines, self._transport = lines, transport
        self._wire = ServerProtocol(max_size=1 << 20)
        self._came: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        self._request: Request | None = None
        lines.add(self)
        self.data_received(came)
        self._came.put_nowait({"type": "websocket.connect"})
        loop = asyncio.get_running_loop()
        self._call = loop.create_task(self._serve(app, {**scope, "type": "websocket"}))

    def data_received(self, data: bytes) -> None:
        """Some frames came."""
        self._wire.receive_data(data)
        for event in self._wire.events_received():
            if isinstance(event, Request):
                self._request = event
            elif isinstance(event, Frame) and event.opcode in {Opcode.TEXT, Opcode.BINARY}:
                is_text = event.opcode is Opcode.TEXT
                self._came.put_nowait(
                    {
                        "type": "websocket.receive",
                        "text": bytes(event.data).decode() if is_text else None,
                        "bytes": None if is_text else bytes(event.data),
                    }
                )
        self._flush()  # answers to pings and to goodbyes
        if self._wire.state is State.CLOSED or self._wire.close_expected():
            self._gone()

    def connection_lost(self, exc: Exception | None) -> None:
        """The caller left."""
        del exc
        self._gone()

    def close(self) -> asyncio.Task[None] | None:
        """Hang up without a word."""
        self._call.cancel()
        self._transport.abort()
        return self._call

    def _gone(self) -> None:
        self._came.put_nowait({"type": "websocket.disconnect", "code": 1006})

    async def _serve(self, app: App, scope: MutableMapping[str, Any]) -> None:
        try:
            await app(scope, self._came.get, self._send)
        finally:
            self._transport.close()
            self._lines.discard(self)

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if self._transport.is_closing():
            return
        match message["type"]:
            case "websocket.accept":
                assert self._request is not None
                self._wire.send_response(self._wire.accept(self._request))
            case "websocket.send" if message.get("text") is not None:
                self._wire.send_text(message["text"].encode())
            case "websocket.send":
                self._wire.send_binary(message["bytes"])
            case "websocket.close" if self._wire.state is State.CONNECTING:
                self._wire.send_response(self._wire.reject(403, "Forbidden"))
            case "websocket.close" if self._wire.state is State.OPEN:
                self._wire.send_close(message.get("code", 1000))
        self._flush()

    def _flush(self) -> None:
        for out in self._wire.data_to_send():
            if out:
                self._transport.write(out)
