"""Weidian as a local server: tokens, its gateway with windows, pages and errors, unsigned pushes.

What isn't documented and had to be chosen: the codes for a missing or wrong parameter (10018), an
unknown method (10017), a wrong app (10014), a used code (10015); that a window ends with its last
second; that lists show the latest change first; the refund states 1 (asked) and 2 (refused) of a
line.
"""

import html
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlencode

from kashu.simulators.faults import Fault, Faults, Receive, Scope, Send, answer, read_body
from kashu.simulators.platform import Lives, Platform
from kashu.simulators.shop import Order, OrderState, RefundState, Shop
from kashu.simulators.weidian_wire import (
    LIST_TYPES,
    WRONG_PARAMETER,
    Failure,
    call_of,
    items_told,
    order_listed,
    order_told,
    sealed,
    whole,
    window_of,
    written,
)

APP_KEY: Final = "made-up-appkey"
APP_SECRET: Final = "made-up-weidian-secret"  # noqa: S105  (a simulator's)
AES_KEY: Final = "00112233445566778899aabbccddeeff"
TOKEN_LIVES: Final = timedelta(days=1)
REFRESH_LIVES: Final = timedelta(days=30)
LIVES: Final = Lives(timedelta(minutes=5), TOKEN_LIVES, REFRESH_LIVES)
VERSIONS: Final = {
    "vdian.order.list.get": {"1.5"},
    "vdian.order.get": {"1.0", "2.0"},
    "vdian.order.deliver": {"1.0"},
    "vdian.order.deliver.split": {"1.0"},
    "vdian.item.list.get": {"1.1"},
    "vdian.item.stock.update": {"1.0"},
}
REQUIRED: Final = {
    "vdian.order.get": ("order_id",),
    "vdian.order.deliver": ("order_id", "express_type"),
    "vdian.order.deliver.split": ("order_id", "express_type", "sub_order_id"),
    "vdian.item.stock.update": ("type", "items"),
}
NO_TOKEN, WRONG_APP, USED_CODE, NO_METHOD, REFRESH_OVER = 10013, 10014, 10015, 10017, 10023
TOO_OFTEN: Final = 10004
NOT_WAITING, NO_ORDER, NO_ITEM, NO_SKU = 20017, 20018, 20025, 20062
ORDERS_A_PAGE: Final = 50


class WeidianSimulator(Platform):
    """Shops on Weidian, for one application."""

    def __init__(
        self,
        *shops: Shop,
        app_key: str = APP_KEY,
        app_secret: str = APP_SECRET,
        faults: Faults | None = None,
    ) -> None:
        super().__init__(shops, faults, "wd", LIVES)
        self.app_key = app_key
        self.app_secret = app_secret
        self.calls: list[tuple[str, Mapping[str, Any]]] = []  # methods and their parameters
        self.answers: dict[str, list[dict[str, str]]] = {}  # of buyers, by order
        self.told: dict[str, dict[str, Any]] = {}  # fields told otherwise, by order: bad input
        self.delivered: dict[str, list[str]] = {}  # lines that were shipped alone, by order
        self.seals: frozenset[str] = frozenset()  # "note", "answers": what goes out encrypted
        self._methods: dict[str, Callable[[Shop, Mapping[str, Any]], object]] = {
            "vdian.order.list.get": self._list,
            "vdian.order.get": self._detail,
            "vdian.order.deliver": self._deliver,
            "vdian.order.deliver.split": self._deliver_line,
            "vdian.item.list.get": self._items,
            "vdian.item.stock.update": self._set_stock,
        }

    def use(self, faults: Faults) -> None:
        """Meet the next calls with other faults."""
        self.faults = self._faulty.faults = faults

    def push(self, shop: Shop, order: Order, kind: str, *, escaped: bool = False) -> bytes:
        """Write the body of a push about an order: nothing in it is signed.

        `kind` is as `already_payment`; `escaped` as some frameworks' HTML escaping does.
        """
        content = json.dumps(
            {
                "type": f"weidian.order.{kind}",
                "shopId": int(shop.shop_id) if shop.shop_id.isdigit() else shop.shop_id,
                "message": self._told(shop, order),
            },
            ensure_ascii=False,
        )
        return urlencode({"content": html.escape(content) if escaped else content}).encode()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await read_body(receive)
        query = scope.get("query_string", b"")
        if scope["path"] == "/oauth2/authorize":
            await self._consent(query, send)
            return
        try:
            if scope["path"] == "/api":
                result = self._call(query, body, scope.get("kashu.fault"))
            else:
                result = self._token(scope, query)
            out = written(0, "success", result)
        except Failure as failure:
            out = written(failure.code, failure.reason)
        await answer(send, out, media_type="text/html;charset=UTF-8")

    async def _consent(self, query: bytes, send: Send) -> None:
        """The page where a seller permits; this one always does, for the first shop."""
        asked = parse_qs(query.decode())
        state = asked.get("state", [""])[0]
        back = {"code": self.permit(self.shops[0]), "state": state}
        if not state.isalnum() or asked.get("appkey") != [self.app_key]:
            back = {"state": state}
        to = f"{asked['redirect_uri'][0]}?{urlencode(back)}"
        headers = [(b"location", to.encode())]
        await send({"type": "http.response.start", "status": 302, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _token(self, scope: Scope, query: bytes) -> dict[str, Any]:
        asked = {name: texts[0] for name, texts in parse_qs(query.decode()).items()}
        if scope["method"] != "GET" or asked.get("appkey") != self.app_key:
            raise Failure(WRONG_APP)
        kind = scope["path"], asked.get("grant_type")
        if kind == ("/oauth2/refresh_token", "refresh_token"):
            return self._renewed(asked.get("refresh_token", ""))
        if asked.get("secret") != self.app_secret:
            raise Failure(WRONG_APP)
        if kind == ("/token", "client_credential"):
            access, _ = self.grant(self.shops[0])
            return {"access_token": access, "expire_in": int(TOKEN_LIVES.total_seconds())}
        if kind != ("/oauth2/access_token", "authorization_code"):
            raise Failure(WRONG_PARAMETER)
        shop = self._redeem(asked.get("code", ""))
        if shop is None:
            raise Failure(USED_CODE)
        return self._granted(shop, self.now() + REFRESH_LIVES, first=True)

    def _renewed(self, refresh: str) -> dict[str, Any]:
        token = self._held(refresh)
        if token is None or token.refreshable_until <= self.now():
            raise Failure(REFRESH_OVER)
        return self._granted(token.shop, token.refreshable_until, first=False)

    def _granted(self, shop: Shop, until: datetime, *, first: bool) -> dict[str, Any]:
        access, refresh = self.grant(shop)
        self._tokens[access].refreshable_until = until
        return {
            "access_token": access,
            "expire_in": int(TOKEN_LIVES.total_seconds()),
            "refresh_token": refresh,
            "refreshExpireTime": int(until.timestamp() * 1000) if first else "",
            "openid": shop.shop_id,
        }

    def _call(self, query: bytes, body: bytes, fault: Fault | None) -> object:
        public, param = call_of(query, body)
        method = public.get("method")
        if fault is Fault.THROTTLED:
            raise Failure(TOO_OFTEN)
        if public.get("format") != "json":
            raise Failure(WRONG_PARAMETER, "format")
        if method == "open.secret.list":
            if (param.get("app_key"), param.get("secret")) != (self.app_key, self.app_secret):
                raise Failure(WRONG_APP)
            return [{"aesKey": AES_KEY}]
        if method not in VERSIONS or public.get("version") not in VERSIONS[method]:
            raise Failure(NO_METHOD)
        token = self._tokens.get(str(public.get("access_token")))
        expired = token is None or token.withdrawn or token.expires_at <= self.now()
        if token is None or expired or fault is Fault.TOKEN_EXPIRED:
            raise Failure(NO_TOKEN)
        if any(not param.get(name) for name in REQUIRED.get(method, ())):
            raise Failure(WRONG_PARAMETER)
        self.calls.append((method, param))
        return self._methods[method](token.shop, param)

    def _list(self, shop: Shop, param: Mapping[str, Any]) -> object:
        size = whole(param, "page_size", ORDERS_A_PAGE, ORDERS_A_PAGE)
        number = whole(param, "page_num", 1, 10_000)
        states = LIST_TYPES.get(param.get("order_type", "all"))
        if states is None:
            raise Failure(WRONG_PARAMETER, "order_type")
        begin, end, kind = window_of(param, self.now())
        end += timedelta(seconds=1)  # its last second is within
        found = [
            order
            for order in shop.changed_orders(begin, end if kind == "update" else self.now())
            if order.state in states and (kind == "update" or begin <= order.created_at < end)
        ]
        page = found[(number - 1) * size : number * size]
        return {
            "order_num": len(page),
            "total_num": len(found),
            "orders": [order_listed(order) for order in page],
        }

    def _detail(self, shop: Shop, param: Mapping[str, Any]) -> object:
        return self._told(shop, _order_of(shop, param))

    def _told(self, shop: Shop, order: Order) -> dict[str, Any]:
        answers = self.answers.get(order.order_id, [])
        told = order_told(shop, order, self.delivered.get(order.order_id, ()), answers)
        if "note" in self.seals:
            told["note"] = sealed(AES_KEY, told["note"])
        if "answers" in self.seals:
            told["customInfos"] = [
                answer | {"value": sealed(AES_KEY, answer["value"])} for answer in answers
            ]
        return told | self.told.get(order.order_id, {})

    def _deliver(self, shop: Shop, param: Mapping[str, Any]) -> None:
        order = _order_of(shop, param)
        _check_waiting(shop, order)
        if self.delivered.get(order.order_id) or not shop.ship(order):
            raise Failure(NOT_WAITING)

    def _deliver_line(self, shop: Shop, param: Mapping[str, Any]) -> None:
        order = _order_of(shop, param)
        _check_waiting(shop, order)
        line_ids = {line.line_id for line in order.lines}
        done = self.delivered.setdefault(order.order_id, [])
        line_id = str(param["sub_order_id"])
        if line_id not in line_ids or line_id in done or order.state is not OrderState.PAID:
            raise Failure(NOT_WAITING)
        done.append(line_id)
        if set(done) == line_ids:
            shop.ship(order)
        else:
            shop.set_state(order, order.state)

    def _items(self, shop: Shop, param: Mapping[str, Any]) -> object:
        size = whole(param, "page_size", 30, 50)
        number = whole(param, "page_num", 1, 400)
        wanted = {1: {True}, 2: {False}, 4: {True, False}}.get(param.get("status", 1))
        if wanted is None:
            raise Failure(WRONG_PARAMETER, "status")
        told = items_told([item for item in shop.items.values() if item.on_sale in wanted])
        return {"items": told[(number - 1) * size : number * size], "total_num": len(told)}

    def _set_stock(self, shop: Shop, param: Mapping[str, Any]) -> None:
        if param["type"] != "set" or not isinstance(param["items"], list):
            raise Failure(WRONG_PARAMETER)
        levels = []
        for each in param["items"]:
            item_id, stock = str(each.get("item_id")), each.get("stock")
            if not isinstance(stock, int) or stock < 0:
                raise Failure(WRONG_PARAMETER, "stock")
            if not any(known == item_id for known, _ in shop.items):
                raise Failure(NO_ITEM)
            item = shop.items.get((item_id, str(each.get("item_sku_id"))))
            if item is None:
                raise Failure(NO_SKU)
            levels.append((item, stock))
        for item, stock in levels:
            item.quantity = stock


def _order_of(shop: Shop, param: Mapping[str, Any]) -> Order:
    order = shop.orders.get(str(param["order_id"]))
    if order is None:
        raise Failure(NO_ORDER)
    return order


def _check_waiting(shop: Shop, order: Order) -> None:
    """Only what waits for shipment may be shipped, and a refund that is asked stops it."""
    asked = any(
        refund.order is order and refund.state is RefundState.ASKED
        for refund in shop.refunds.values()
    )
    if order.state is not OrderState.PAID or asked:
        raise Failure(NOT_WAITING)
