"""Youzan as a local server: its gateway, tokens, orders, refunds, goods and signed pushes.

What isn't documented and had to be chosen: lists come the latest change first; a page or window
beyond the limits is 5001; shipping what is virtual is 102570020, what isn't paid 102570020 too.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs

from kashu.simulators.faults import Fault, Faults, Receive, Scope, Send, answer, read_body
from kashu.simulators.platform import Lives, Platform
from kashu.simulators.shop import Item, Order, OrderState, Refund, RefundState, Shop
from kashu.simulators.youzan_wire import (
    Failure,
    clock_of,
    event_sign,
    failed,
    item_as_told,
    order_as_told,
    push_of,
    refund_as_told,
    refund_push_of,
    seconds_of,
    text,
    version_of,
    whole,
)

CLIENT_ID: Final = "d8f0a1b2c3d4e5f607"
CLIENT_SECRET: Final = "5f4e3d2c1b0a99887766554433221100"  # noqa: S105  (a simulator's)

TOKEN_LIVES: Final = timedelta(days=7)
REFRESH_LIVES: Final = timedelta(days=28)
LIVES: Final = Lives(timedelta(minutes=2), TOKEN_LIVES, REFRESH_LIVES)
WINDOW: Final = timedelta(days=89)
ONLINE: Final = 0

Params: TypeAlias = Mapping[str, Any]
Told: TypeAlias = dict[str, Any] | bool
Method: TypeAlias = Callable[[Shop, Params], Told]


class YouzanSimulator(Platform):
    """Shops at Youzan, for one application."""

    def __init__(
        self,
        *shops: Shop,
        client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET,
        faults: Faults | None = None,
        virtual: bool = True,
        own: bool = True,
    ) -> None:
        """`virtual`: what is for sale is virtual. `own`: the application is its shops' own."""
        super().__init__(shops, faults, "yz", LIVES)
        self.client_id = client_id
        self.client_secret = client_secret
        self.virtual = virtual
        self.own = own
        self.stock_sync = False  # to another system: quantities can't be set
        self.calls: list[str] = []  # the APIs asked for, in order
        self._methods: dict[tuple[str, str], Method] = {
            ("youzan.trades.sold.get", "4.0.4"): self._sold,
            ("youzan.trade.get", "4.0.2"): self._trade,
            ("youzan.logistics.online.confirm", "3.0.0"): self._ship,
            ("youzan.trade.memo.update", "3.0.0"): self._memo,
            ("youzan.trade.refund.search", "3.0.1"): self._refunds,
            ("youzan.trade.refund.get", "3.0.1"): self._refund,
            ("youzan.trade.refund.agree", "3.0.1"): self._agree,
            ("youzan.trade.refund.refuse", "3.0.0"): self._refuse,
            ("youzan.items.onsale.get", "3.0.0"): self._on_sale,
            ("youzan.items.inventory.get", "3.0.0"): self._in_warehouse,
            ("youzan.item.detail.get", "1.0.1"): self._item,
            ("youzan.item.quantity.update", "3.0.0"): self._set_quantity,
            ("youzan.item.price.update", "1.0.0"): self._set_price,
        }

    def push(
        self, shop: Shop, order: Order, kind: str = "trade_TradePaid"
    ) -> tuple[bytes, dict[str, str]]:
        """Write and sign a push about an order: its body and its headers."""
        return self._signed(*push_of(self.client_id, shop, order, kind, next(self._numbers)))

    def push_refund(self, shop: Shop, refund: Refund) -> tuple[bytes, dict[str, str]]:
        """Write and sign a push about a refund."""
        return self._signed(*refund_push_of(self.client_id, shop, refund, next(self._numbers)))

    def _signed(self, body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        signature = event_sign(self.client_id, body, self.client_secret)
        kind = {"content-type": "application/json", "event-sign": signature}
        return body, headers | kind

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await read_body(receive)
        trace_id = f"yz7-{next(self._numbers):016d}"
        try:
            out = self._answer(scope, body) | {"trace_id": trace_id}
        except Failure as failure:
            out = failed(failure, trace_id)
        await answer(send, json.dumps(out, ensure_ascii=False).encode())

    def _answer(self, scope: Scope, body: bytes) -> dict[str, Any]:
        params = _params_of(scope, body)
        fault = scope.get("kashu.fault")
        if fault is Fault.THROTTLED:
            raise Failure(4101)
        if scope["path"] == "/auth/token":
            return _told(self._token_for(params))
        parts = scope["path"].split("/")
        if len(parts) != 4 or parts[1] != "api":  # noqa: PLR2004  (/api/name/version)
            raise Failure(4001)
        api = (parts[2], parts[3])
        if api not in self._methods:
            raise Failure(4005)
        self.calls.append(parts[2])
        asked = parse_qs(scope.get("query_string", b"").decode())
        shop = self._shop_of(asked.get("access_token", [""])[0], fault)
        told = self._methods[api](shop, params)
        return {"response": told} if parts[2] == "youzan.trade.memo.update" else _told(told)

    def _shop_of(self, access: str, fault: Fault | None) -> Shop:
        if not access:
            raise Failure(4201)
        token = self._tokens.get(access)
        if token is None or token.withdrawn:
            raise Failure(4203)
        if fault is Fault.TOKEN_EXPIRED or token.expires_at <= self.now():
            raise Failure(4202)
        return token.shop

    def _token_for(self, params: Params) -> dict[str, Any]:
        given = (params.get("client_id"), params.get("client_secret"))
        if given != (self.client_id, self.client_secret):
            raise Failure(1000)
        match params.get("authorize_type"):
            case "silent":
                return self._granted(self._own_shop(params))
            case "authorization_code":
                text(params, "redirect_uri")
                shop = self._redeem(text(params, "code"))
                if shop is None:
                    raise Failure(1005)
                return self._granted(shop)
            case "refresh_token":
                return self._granted(self._refreshed(text(params, "refresh_token")))
            case _:
                raise Failure(1000)

    def _own_shop(self, params: Params) -> Shop:
        shops = {shop.shop_id: shop for shop in self.shops}
        if not self.own or str(params.get("grant_id")) not in shops:
            raise Failure(1103)
        return shops[str(params["grant_id"])]

    def _refreshed(self, refresh: str) -> Shop:
        token = self._held(refresh)
        if token is None:
            raise Failure(1103)
        if token.refreshable_until <= self.now():
            raise Failure(1004)
        return token.shop

    def _granted(self, shop: Shop) -> dict[str, Any]:
        access, refresh = self.grant(shop)
        token = self._tokens[access]
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires": int(token.expires_at.timestamp() * 1000),
            "authority_id": shop.shop_id,
            "scope": "trade item shop",
        }

    def _sold(self, shop: Shop, params: Params) -> Told:
        begin, end = clock_of(params, "start_update"), clock_of(params, "end_update")
        if not timedelta() < end - begin <= WINDOW:
            raise Failure(5001)
        # Times are cut to the second, and the last second belongs to the window.
        found = shop.changed_orders(begin, end + timedelta(seconds=1))
        told = [
            {"full_order_info": order_as_told(shop, order, virtual=self.virtual)}
            for order in _page(found, params, deepest=10_000)
        ]
        return {"full_order_info_list": told, "total_results": len(found)}

    def _trade(self, shop: Shop, params: Params) -> Told:
        order = _order_of(shop, params)
        told = order_as_told(shop, order, virtual=self.virtual)
        return {"full_order_info": told, "refund_order": [], "delivery_order": []}

    def _ship(self, shop: Shop, params: Params) -> Told:
        order = _order_of(shop, params)
        if whole(params, "is_no_express") != 1:
            raise Failure(5001)
        lines = {line.line_id for line in order.lines}
        if "oids" in params and not set(text(params, "oids").split(",")) <= lines:
            raise Failure(5001)
        if order.state in {OrderState.SHIPPED, OrderState.FINISHED}:
            raise Failure(102570007)
        if self.virtual or not shop.ship(order):
            raise Failure(102570020)
        return {"is_success": True}

    def _memo(self, shop: Shop, params: Params) -> Told:
        order = _order_of(shop, params)
        order.memo = text(params, "memo")  # which doesn't move the order's time
        return {"is_success": True}

    def _refunds(self, shop: Shop, params: Params) -> Told:
        if "tid" in params:
            found = [each for each in shop.refunds.values() if each.order.order_id == params["tid"]]
        else:
            begin = seconds_of(params, "update_time_start")
            end = seconds_of(params, "update_time_end") + timedelta(seconds=1)
            found = shop.changed_refunds(begin, end)
        told = [refund_as_told(each) for each in _page(found, params, deepest=3000)]
        return {"refunds": told, "total": len(found)}

    def _refund(self, shop: Shop, params: Params) -> Told:
        refund = _refund_of(shop, params)
        oid = 0 if refund.line is None else int(refund.line.line_id)
        return refund_as_told(refund) | {"version": version_of(refund), "oid": oid}

    def _agree(self, shop: Shop, params: Params) -> Told:
        shop.settle_refund(self._answerable(shop, params), agree=True)
        return {"is_success": True}

    def _refuse(self, shop: Shop, params: Params) -> Told:
        text(params, "remark")
        shop.settle_refund(self._answerable(shop, params), agree=False)
        return {"is_success": True}

    def _answerable(self, shop: Shop, params: Params) -> Refund:
        refund = _refund_of(shop, params)
        if whole(params, "version") != version_of(refund):
            raise Failure(103010039)
        if refund.state is not RefundState.ASKED:
            raise Failure(102010002)
        return refund

    def _on_sale(self, shop: Shop, params: Params) -> Told:
        return _items(shop, params, on_sale=True)

    def _in_warehouse(self, shop: Shop, params: Params) -> Told:
        return _items(shop, params, on_sale=False)

    def _item(self, shop: Shop, params: Params) -> Told:
        return item_as_told(_variants(shop, whole(params, "item_id")))

    def _set_quantity(self, shop: Shop, params: Params) -> Told:
        item = _variant(shop, params)
        quantity, kind = whole(params, "quantity"), whole(params, "type")
        if kind not in {0, 1} or quantity < 0:
            raise Failure(5001)
        if self.stock_sync:
            raise Failure(123003023)
        item.quantity = quantity + (item.quantity if kind else 0)
        return {"is_success": True}

    def _set_price(self, shop: Shop, params: Params) -> Told:
        request = params.get("request")
        if not isinstance(request, dict) or whole(request, "kdt_id") != int(shop.shop_id):
            raise Failure(5001)
        if whole(request, "channel") != ONLINE:
            raise Failure(5001)
        _variant(shop, request).price_fen = whole(request, "price")
        return True


def _params_of(scope: Scope, body: bytes) -> Params:
    if scope["method"] != "POST":
        raise Failure(4001)
    headers = {name.lower(): value for name, value in scope["headers"]}
    if not headers.get(b"content-type", b"").startswith(b"application/json"):
        raise Failure(4007)
    try:
        params = json.loads(body)
    except ValueError as error:
        raise Failure(4004) from error
    if not isinstance(params, dict):
        raise Failure(4004)
    return params


def _told(told: Told) -> dict[str, Any]:
    return {"code": 200, "success": True, "data": told, "message": "successful"}


def _page(found: Sequence[Any], params: Params, *, deepest: int) -> Sequence[Any]:
    number, size = whole(params, "page_no", 1), whole(params, "page_size", 20)
    if not (1 <= number <= 100 and 1 <= size <= 100 and number * size <= deepest):  # noqa: PLR2004
        raise Failure(5001)
    return found[(number - 1) * size : number * size]


def _order_of(shop: Shop, params: Params) -> Order:
    order = shop.orders.get(text(params, "tid"))
    if order is None:
        raise Failure(5000)
    return order


def _refund_of(shop: Shop, params: Params) -> Refund:
    refund = shop.refunds.get(text(params, "refund_id"))
    if refund is None:
        raise Failure(103011024)
    return refund


def _items(shop: Shop, params: Params, *, on_sale: bool) -> dict[str, Any]:
    ids = {item.item_id: None for item in shop.items.values() if item.on_sale is on_sale}
    items = [item_as_told(_variants(shop, int(item_id))) for item_id in ids]
    told = [
        {
            "item_id": item["item_id"],
            "title": item["title"],
            "price": item["item_price_param"]["price"],
            "quantity": item["quantity"],
        }
        for item in _page(items, params, deepest=3999)
    ]
    return {"count": len(items), "items": told}


def _variants(shop: Shop, item_id: int) -> list[Item]:
    found = [item for item in shop.items.values() if item.item_id == str(item_id)]
    if not found:
        raise Failure(123005001)
    return found


def _variant(shop: Shop, params: Params) -> Item:
    sku_id = whole(params, "sku_id", 0)
    for item in _variants(shop, whole(params, "item_id")):
        if item.sku_id == str(sku_id or ""):
            return item
    raise Failure(123004002)
