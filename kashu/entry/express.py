"""Express: `POST /v1/orders` by an API key, past the framework's router, arguments and guards.

It is the one request that comes a thousand times a second; half of its time went there. What isn't
plain (a session, a streamed body, a header twice) takes the ordinary way, which is the same code
from bring_in() on; decision 0014 has the figures.
"""

from typing import Final

import msgspec
from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from kashu.access.caller import language_of
from kashu.access.guards import BODY_MAX, requires
from kashu.access.permissions import Permission
from kashu.access.signatures import hash_signed, read_signed
from kashu.entry.means import Means
from kashu.entry.problems import NotUnderstood, answer
from kashu.entry.requests import read_json
from kashu.orders.bodies import OrdersBody
from kashu.orders.bring_in import bring_in
from kashu.orders.write import Answered

PATH: Final = b"/v1/orders"

_orders: Final = msgspec.json.Decoder(OrdersBody)
_guard: Final = requires(Permission.ORDERS_WRITE)

_NEEDED: Final = frozenset(
    {b"authorization", b"content-length", b"content-type", b"idempotency-key"}
)
_READ: Final = _NEEDED | {
    b"accept-language",
    b"x-kashu-timestamp",
    b"x-kashu-nonce",
    b"x-kashu-content-sha256",
}
_ODD: Final = frozenset({b"transfer-encoding", b"content-encoding", b"expect"})


class Express:
    """Stands before the framework and takes what it can by itself."""

    def __init__(self, app: ASGIApp, means: Means) -> None:
        """Stand before `app`."""
        self.inner = app
        self._means = means

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a plain request for orders; pass everything else on."""
        headers = _plain(scope)
        if headers is None:
            await self.inner(scope, receive, send)
            return
        try:
            answered = await self._accept(receive, headers)
        except Exception as error:  # noqa: BLE001  (a bug, too, is answered as everywhere)
            refusal = answer(Request(scope), error).to_asgi_response(None, Request(scope))
            await refusal(scope, receive, send)
            return
        await _send(answered, send)

    async def _accept(self, receive: Receive, headers: dict[bytes, str]) -> Answered:
        signed = read_signed({name.decode(): value for name, value in headers.items()})
        content = await _read_body(receive)
        caller = await self._means.doorkeeper.admit_signed(
            signed,
            language_of(headers.get(b"accept-language", "")),
            method="POST",
            path=PATH.decode(),
            query="",
            body_hash=hash_signed(signed, content),
        )
        _guard.check(caller)
        body = read_json(content, _orders)
        key = headers[b"idempotency-key"]
        return await bring_in(self._means.intake, caller, key, content, body)


def _plain(scope: Scope) -> dict[bytes, str] | None:
    """The headers that count, of a request that is plain."""
    if scope["raw_path"] != PATH or scope.get("method") != "POST" or scope["query_string"]:
        return None
    headers: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name in _ODD or name in headers:
            return None
        if name in _READ:
            headers[name] = value.decode("latin-1")
    if not headers.keys() >= _NEEDED or headers[b"content-type"] != "application/json":
        return None
    length = headers[b"content-length"]
    return headers if length.isdecimal() and 0 < int(length) <= BODY_MAX else None


async def _read_body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] != "http.request":  # the client has gone
            raise NotUnderstood
        parts.append(message["body"])
        if not message["more_body"]:
            return b"".join(parts)


async def _send(answered: Answered, send: Send) -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(answered.content)).encode()),
    ]
    if answered.replayed:
        headers.append((b"idempotency-replayed", b"true"))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answered.content, "more_body": False})
