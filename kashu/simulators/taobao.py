"""Taobao as a local server: TOP's gateway with its checks, windows, pages and error answers.

What isn't documented and had to be chosen: the window's end is not part of it; a window that is
too long answers 41 isv.invalid-parameter; a refused code or refresh token likewise. The answers
are those without `simplify`, which nobody here sends.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from itertools import count
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, quote, urlencode

from kashu.simulators.faults import Fault, Faults, Faulty, Receive, Scope, Send, answer, read_body
from kashu.simulators.shop import Order, Shop
from kashu.simulators.taobao_mail import TaobaoMail
from kashu.simulators.taobao_methods import METHODS, Seller
from kashu.simulators.taobao_wire import (
    Failure,
    md5_of,
    moment_of,
    parameters_of,
    signature_of,
    written,
)

APP_KEY: Final = "23000001"
APP_SECRET: Final = "a1b2c3d4e5f60718293a4b5c6d7e8f90"  # noqa: S105  (a simulator's)
NOTICE_KEY: Final = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"

CLOCKS_APART: Final = timedelta(minutes=10)
CODE_LIVES: Final = timedelta(minutes=30)
TOKEN_LIVES: Final = timedelta(days=1)
REFRESH_LIVES: Final = timedelta(days=30)

Parameters: TypeAlias = Mapping[str, str]

# What each call must have, in the order in which it is missed, and how TOP says so.
NEEDED: Final = (
    ("method", 21, "Missing method"),
    ("app_key", 28, "Missing app key"),
    ("timestamp", 30, "Missing timestamp"),
    ("v", 32, "Missing version"),
    ("sign", 24, "Missing signature"),
    ("sign_method", 24, "Missing signature"),
)


@dataclass(slots=True)
class _Token:
    shop: Shop
    refresh: str
    expires_at: datetime
    refreshable_until: datetime


class TaobaoSimulator:
    """Shops on Taobao, for one application. The first one's seller signs in at /authorize."""

    def __init__(
        self,
        *shops: Shop,
        key: str = APP_KEY,
        secret: str = APP_SECRET,
        notice_key: str = NOTICE_KEY,
        faults: Faults | None = None,
        renewable: bool = True,
    ) -> None:
        """`renewable`: as for apps of the service market; others' tokens can't be refreshed."""
        self.shops = shops
        self.key, self.secret, self.notice_key = key, secret, notice_key
        self.renewable = renewable
        self.faults = faults or Faults()
        self.now = shops[0].now
        self.calls: list[str] = []  # the methods that were answered, in order
        self.sellers = {shop.shop_id: Seller(shop) for shop in shops}
        self.mail = TaobaoMail(shops, key, secret, self.now)
        self._tokens: dict[str, _Token] = {}
        self._codes: dict[str, tuple[Shop, datetime]] = {}
        self._numbers = count(1)
        self._faulty = Faulty(self._serve, self.faults, self.now)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, with whatever fault is due."""
        await self._faulty(scope, receive, send)

    def code(self, shop: Shop | None = None) -> str:
        """Let a seller agree: the code that goes back to the application."""
        code = f"code{next(self._numbers):08d}"
        self._codes[code] = (shop or self.shops[0], self.now() + CODE_LIVES)
        return code

    def token(self, shop: Shop | None = None) -> str:
        """Let a seller agree, and the application fetch its token."""
        return str(self._grant(shop or self.shops[0])["access_token"])

    def withdraw(self, token: str) -> None:
        """Let the seller take a permission back."""
        del self._tokens[token]

    def voucher_notice(self, order: Order, shop: Shop | None = None, method: str = "send") -> bytes:
        """Write the notice that asks for an order's voucher codes: a form, signed."""
        shop = shop or self.shops[0]
        line = order.lines[0]
        told = {
            "method": method,
            "timestamp": written(self.now()),
            "order_id": order.order_id,
            "num": str(line.quantity),
            "taobao_sid": shop.shop_id,
            "seller_nick": shop.name,
            "item_title": line.item.title,
            "num_iid": line.item.item_id,
            "token": self.sellers[shop.shop_id].ask_for_codes(order),
        }
        told["sign"] = md5_of(told, self.notice_key)
        return urlencode(told).encode()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.mail.serve(receive, send)
            return
        query = scope["query_string"].decode("ascii")
        if scope["method"] == "GET" and scope["path"] == "/authorize":
            await self._authorize(query, send)
            return
        body = await read_body(receive)
        if scope["method"] != "POST" or scope["path"] != "/router/rest":
            await answer(send, b"Not Found", status=404, media_type="text/plain")
            return
        try:
            parameters = parameters_of(query, body)
            told = self._answer(parameters, scope["kashu.fault"])
        except Failure as failure:
            parameters, told = {"format": "json"}, failure.told()
        if parameters.get("format") != "json":
            await answer(send, b"<?xml version='1.0'?><response/>", media_type="text/xml")
            return
        await answer(send, json.dumps(told, ensure_ascii=False).encode())

    async def _authorize(self, query: str, send: Send) -> None:
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        if asked.get("client_id") != self.key or asked.get("response_type") != "code":
            await answer(send, b"client_id", status=400, media_type="text/plain")
            return
        back = urlencode({"code": self.code(), "state": asked.get("state", "")})
        location = f"{asked['redirect_uri']}?{back}".encode()
        headers = [(b"location", location), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 302, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _answer(self, parameters: Parameters, fault: Fault | None) -> dict[str, Any]:
        self._check(parameters)
        if fault is Fault.THROTTLED:
            said = "This ban will last for 1 more seconds"
            raise Failure(7, "App Call Limited", "accesscontrol.limited-by-app-access-count", said)
        if fault is Fault.TOKEN_EXPIRED:
            raise Failure(27, "Invalid session", "session-expired", "Session expired")
        method = parameters["method"]
        told = self._run(method, parameters)
        self.calls.append(method)
        name = method.removeprefix("taobao.").replace(".", "_") + "_response"
        return {name: told | {"request_id": "simulated"}}

    def _check(self, parameters: Parameters) -> None:
        for name, code, msg in NEEDED:
            if not parameters.get(name):
                raise Failure(code, msg)
        if parameters["app_key"] != self.key:
            raise Failure(29, "Invalid app key")
        if parameters["v"] != "2.0":
            raise Failure(33, "Invalid version")
        at = moment_of(parameters["timestamp"], Failure(31, "Invalid timestamp"))
        if abs(self.now() - at) > CLOCKS_APART:
            raise Failure(31, "Invalid timestamp")
        expected = signature_of(parameters, self.secret)
        if not compare_digest(expected.encode(), parameters["sign"].encode()):
            raise Failure(25, "Invalid signature")

    def _run(self, method: str, parameters: Parameters) -> dict[str, Any]:
        if method == "taobao.top.auth.token.create":
            return {"token_result": json.dumps(self._exchange(parameters.get("code", "")))}
        if method == "taobao.top.auth.token.refresh":
            return {"token_result": json.dumps(self._renew(parameters.get("refresh_token", "")))}
        if method == "taobao.tmc.messages.consume":
            return self.mail.consume(parameters)
        if method == "taobao.tmc.messages.confirm":
            return self.mail.confirm(parameters)
        return self._run_for_shop(method, parameters)

    def _run_for_shop(self, method: str, parameters: Parameters) -> dict[str, Any]:
        permits = method == "taobao.tmc.user.permit"
        if method not in METHODS and not permits:
            raise Failure(22, "Invalid method")
        if not parameters.get("session"):
            raise Failure(26, "Missing session")
        token = self._tokens.get(parameters["session"])
        if token is None:
            raise Failure(27, "Invalid session", "invalid-sessionkey", "Session not exist")
        if token.expires_at <= self.now():
            raise Failure(27, "Invalid session", "session-expired", "Session expired")
        if permits:
            return self.mail.permit(token.shop)
        needed, run = METHODS[method]
        for name in needed:
            if not parameters.get(name):
                raise Failure(40, "Missing required arguments", "isv.missing-parameter", name)
        return run(self.sellers[token.shop.shop_id], parameters)

    def _exchange(self, code: str) -> dict[str, Any]:
        shop, until = self._codes.pop(code, (None, None))
        if shop is None or until is None or until < self.now():
            raise Failure(41, "Invalid arguments", "isv.invalid-parameter", "code")
        return self._grant(shop)

    def _renew(self, refresh: str) -> dict[str, Any]:
        for access, token in self._tokens.items():
            if token.refresh == refresh and token.refreshable_until > self.now():
                del self._tokens[access]
                return self._grant(token.shop)
        raise Failure(41, "Invalid arguments", "isv.invalid-parameter", "refresh_token")

    def _grant(self, shop: Shop) -> dict[str, Any]:
        number, now = next(self._numbers), self.now()
        access, refresh = f"6100{number:08d}access", f"6101{number:08d}refresh"
        lives = REFRESH_LIVES if self.renewable else timedelta()
        self._tokens[access] = _Token(shop, refresh, now + TOKEN_LIVES, now + lives)
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(TOKEN_LIVES.total_seconds()),
            "refresh_token": refresh,
            "re_expires_in": int(lives.total_seconds()),
            "taobao_user_id": shop.shop_id,
            "taobao_user_nick": quote(shop.name),
            "expire_time": int((now + TOKEN_LIVES).timestamp() * 1000),
            "refresh_token_valid_time": int((now + lives).timestamp() * 1000),
        }
