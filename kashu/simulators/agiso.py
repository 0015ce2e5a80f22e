"""Agiso as a local server: tokens, signed calls for Pinduoduo, Taobao and JD, signed pushes.

What isn't documented and had to be chosen: an order that was shipped already fails as -50, one
that may not be shipped as -86, an unknown one as 9; a code is good once, for ten minutes.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hmac import compare_digest
from itertools import count
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, urlencode

from kashu.simulators.agiso_wire import (
    BAD_TOKEN,
    NO_TRADE,
    NOT_ALLOWED,
    PARAMETER,
    REPEATED,
    SIGNATURE,
    TOO_OFTEN,
    Failure,
    failed_member,
    form_of,
    goods_told,
    order_told,
    paid_push,
    refund_push,
    signature_of,
    written,
)
from kashu.simulators.faults import Fault, Faults, Faulty, Receive, Scope, Send, answer, read_body
from kashu.simulators.shop import Order, OrderState, Refund, RefundState, Shop

APP_ID: Final = "2026030801"
APP_SECRET: Final = "agiso-made-up-secret"  # noqa: S105  (a simulator's)
CLOCKS_APART: Final = timedelta(minutes=10)
CODE_LIVES: Final = timedelta(minutes=10)
SUBSCRIPTION: Final = timedelta(days=365)
NAMES: Final = {"alds": "TbAlds", "aldsPdd": "PddAlds", "aldsJd": "AldsJd"}
PAID, REFUND_CREATED, REFUND_DONE, REFUND_CLOSED = 1, 8, 16, 512  # of Pinduoduo's pushes

Params: TypeAlias = Mapping[str, str]
Method: TypeAlias = Callable[[Shop, Params], object]


class AgisoSimulator:
    """Shops of one platform behind the bridge, for one application."""

    def __init__(
        self,
        *shops: Shop,
        service: str = "aldsPdd",
        app_id: str = APP_ID,
        app_secret: str = APP_SECRET,
        faults: Faults | None = None,
    ) -> None:
        self.shops = shops
        self.service = service
        self.app_id = app_id
        self.app_secret = app_secret
        self.faults = faults or Faults()
        self.now = shops[0].now
        self.calls: list[tuple[str, Params]] = []  # billed ones, in order
        self.lower = False  # answers whose names begin without a capital
        self.told: dict[str, dict[str, Any]] = {}  # fields told otherwise, by order: bad input
        self._tokens: dict[str, tuple[Shop, datetime]] = {}
        self._codes: dict[str, tuple[Shop, datetime]] = {}
        self._numbers = count(1)
        self._faulty = Faulty(self._serve, self.faults, self.now)
        self._methods: dict[str, tuple[tuple[str, ...], Method]] = {
            "aldsPdd/Order/OrderInformation": (("orderSn",), self._detail),
            "aldsPdd/Goods/List": ((), self._goods),
            "aldsPdd/DummySend/OtherSend": (("tid",), self._ship),
            "aldsPdd/DummySend/CardPwdSend": (("tid", "cardNo", "password"), self._ship_card),
            "aldsPdd/DummySend/ActivationCodeSend": (("tid", "activationCode"), self._ship_code),
            "aldsPdd/ImMsg/SendMsg": (("tid", "msg"), self._chat),
            "alds/Trade/LogisticsDummySend": (("tids",), self._ship),
            "alds/Trade/CreateOrderResult": (("tid", "aldsType", "content"), self._result),
            "aldsJd/Order/DummySend": (("orderId", "logiCoprId"), self._ship),
            "aldsJd/GameCard/CardSend": (("tid", "cardJson"), self._ship_game_cards),
            "aldsJd/GameCard/RechargeSend": (("tid",), self._ship),
            "aldsJd/Vtp/Send": (("tid",), self._ship),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, with whatever fault is due."""
        await self._faulty(scope, receive, send)

    def use(self, faults: Faults) -> None:
        """Meet the next calls with other faults."""
        self.faults = self._faulty.faults = faults

    def permit(self, shop: Shop) -> str:
        """The seller permits the application. Gives a code: ten minutes, once."""
        code = f"agiso-code-{next(self._numbers)}"
        self._codes[code] = (shop, self.now() + CODE_LIVES)
        return code

    def grant(self, shop: Shop) -> str:
        """Make a token, as long as the seller's subscription."""
        token = f"alds-token-{next(self._numbers)}"
        self._tokens[token] = (shop, self.now() + SUBSCRIPTION)
        return token

    def withdraw(self, shop: Shop) -> None:
        """The seller takes the permission back."""
        self._tokens = {token: held for token, held in self._tokens.items() if held[0] is not shop}

    def push_paid(self, shop: Shop, order: Order) -> tuple[bytes, str]:
        """Write and sign a push about a paid order: its body, and its query."""
        return self._signed(PAID, paid_push(shop, order))

    def push_refund(self, shop: Shop, refund: Refund) -> tuple[bytes, str]:
        """Write and sign a push about a refund that was asked for, made, or refused."""
        kinds = {
            RefundState.ASKED: (REFUND_CREATED, 1000),
            RefundState.DONE: (REFUND_DONE, 1304),
            RefundState.REFUSED: (REFUND_CLOSED, 1302),
        }
        kind, operation = kinds[refund.state]
        return self._signed(kind, refund_push(shop, refund.order, refund.refund_id, operation))

    def _signed(self, kind: int, message: Mapping[str, Any]) -> tuple[bytes, str]:
        text = json.dumps(message, ensure_ascii=False)
        signed = {"json": text, "timestamp": str(int(self.now().timestamp()))}
        query = {
            "timestamp": signed["timestamp"],
            "aopic": kind,
            "sign": signature_of(signed, self.app_secret).upper(),  # either case is right
            "fromPlatform": NAMES[self.service],
        }
        return urlencode({"json": text}).encode(), urlencode(query)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await read_body(receive)
        told: object
        try:
            wants_token = scope["path"] == "/auth/token"
            told = self._token(scope) if wants_token else self._call(scope, body)
        except Failure as failure:
            told = failure
        await answer(send, written(told, next(self._numbers), lower=self.lower))

    def _token(self, scope: Scope) -> dict[str, Any]:
        asked = dict(parse_qsl(scope.get("query_string", b"").decode()))
        self._check_signature(asked)
        shop, until = self._codes.pop(asked.get("code", ""), (None, None))
        if asked.get("appId") != self.app_id or shop is None or until is None:
            raise Failure(PARAMETER, "code")
        if until <= self.now():
            raise Failure(PARAMETER, "code")
        return {
            "FromPlatform": NAMES[self.service],
            "UserId": 123456,
            "UserNick": shop.name,
            "ShopId": shop.shop_id,
            "ShopName": shop.name,
            "ExpiresIn": int(SUBSCRIPTION.total_seconds()),
            "Token": self.grant(shop),
        }

    def _call(self, scope: Scope, body: bytes) -> object:
        headers = {name.lower(): value.decode() for name, value in scope["headers"]}
        fault = scope.get("kashu.fault")
        path = scope["path"].lstrip("/")
        if scope["method"] != "POST" or headers.get(b"apiversion") != "1":
            raise Failure(PARAMETER, "ApiVersion")
        if fault is Fault.THROTTLED:
            raise Failure(TOO_OFTEN)
        shop, until = self._tokens.get(
            headers.get(b"authorization", "").removeprefix("Bearer "), (None, None)
        )
        expired = fault is Fault.TOKEN_EXPIRED or until is None or until <= self.now()
        if shop is None or expired:
            raise Failure(BAD_TOKEN)
        params = form_of(body, headers.get(b"content-type", ""))
        self._check_time(params)
        self._check_signature(params)
        if path not in self._methods or not path.startswith(self.service + "/"):
            raise Failure(PARAMETER, "path")
        required, method = self._methods[path]
        if any(not params.get(name) for name in required):
            raise Failure(PARAMETER, "missing")
        self.calls.append((path, params))
        return method(shop, params)

    def _check_time(self, params: Params) -> None:
        stamp = params.get("timestamp", "")
        if not stamp.isdigit():
            raise Failure(PARAMETER, "timestamp")
        if abs(self.now().timestamp() - int(stamp)) > CLOCKS_APART.total_seconds():
            raise Failure(PARAMETER, "timestamp")

    def _check_signature(self, params: Params) -> None:
        expected = signature_of(params, self.app_secret)
        if not compare_digest(expected.encode(), params.get("sign", "").lower().encode()):
            raise Failure(SIGNATURE)

    def _detail(self, shop: Shop, params: Params) -> object:
        order = _order_of(shop, params)
        return {"order_info": order_told(shop, order) | self.told.get(order.order_id, {})}

    def _goods(self, shop: Shop, params: Params) -> object:
        size, page = int(params.get("pageSize", "100")), int(params.get("page", "1"))
        if not 1 <= size <= 100 or page < 1:  # noqa: PLR2004  (the largest page)
            raise Failure(PARAMETER, "pageSize")
        goods = goods_told(list(shop.items.values()))
        return {"total_count": len(goods), "goods_list": goods[(page - 1) * size : page * size]}

    def _ship(self, shop: Shop, params: Params) -> None:
        _ship(shop, _order_of(shop, params))

    def _ship_card(self, shop: Shop, params: Params) -> None:
        order = _order_of(shop, params)
        _ship(shop, order)
        shop.show(order, f"{params['cardNo']} {params['password']}")

    def _ship_code(self, shop: Shop, params: Params) -> None:
        order = _order_of(shop, params)
        _ship(shop, order)
        shop.show(order, params["activationCode"])

    def _chat(self, shop: Shop, params: Params) -> None:
        shop.show(_order_of(shop, params), params["msg"])

    def _result(self, shop: Shop, params: Params) -> None:
        order = _order_of(shop, params)
        try:
            (content,) = json.loads(params["content"])
            cards = content["CardPwdContent"][0]["CardPwdArr"]
            shown = "\n".join(f"{card['c']} {card['p']}".strip() for card in cards)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise Failure(PARAMETER, "content") from error
        if content.get("Oid") not in {int(line.line_id) for line in order.lines}:
            raise Failure(PARAMETER, "Oid")
        order.shown.clear()  # the buyer is shown the last one only
        shop.show(order, shown)

    def _ship_game_cards(self, shop: Shop, params: Params) -> None:
        order = _order_of(shop, params)
        try:
            cards = [
                f"{card['cardno']} {card['cardpass']}" for card in json.loads(params["cardJson"])
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise Failure(PARAMETER, "cardJson") from error
        _ship(shop, order)
        shop.show(order, "\n".join(cards))


def _order_of(shop: Shop, params: Params) -> Order:
    names = ("tid", "tids", "orderSn", "orderId")
    order = shop.orders.get(next((params[name] for name in names if name in params), ""))
    if order is None:
        raise Failure(NO_TRADE)
    return order


def _ship(shop: Shop, order: Order) -> None:
    asked = any(
        each.order is order and each.state is RefundState.ASKED for each in shop.refunds.values()
    )
    if order.state in {OrderState.SHIPPED, OrderState.FINISHED}:
        raise failed_member(order.order_id, REPEATED)
    if asked or not shop.ship(order):
        raise failed_member(order.order_id, NOT_ALLOWED)
