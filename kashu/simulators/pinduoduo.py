"""Pinduoduo as a local server: its gateway, with signatures, windows, pages and errors.

What isn't documented and had to be chosen: the code for a window that is too long (10000), for an
old timestamp (10001), for an unknown or already shipped order (50001 isv.invalid-parameter).
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qs, urlencode

from kashu.simulators.faults import Fault, Faults, Receive, Scope, Send, answer, read_body
from kashu.simulators.pinduoduo_mail import PinduoduoMail
from kashu.simulators.pinduoduo_wire import (
    Failure,
    failed,
    goods_as_told,
    invalid,
    moment_of,
    objects_of,
    order_as_told,
    page_of,
    params_of,
    refund_as_told,
    signature_of,
    sku_of,
    whole,
)
from kashu.simulators.platform import Lives, Platform
from kashu.simulators.shop import Item, Order, OrderState, RefundState, Shop

CLIENT_ID: Final = "0123456789abcdef0123456789abcdef"
CLIENT_SECRET: Final = "b0c1d2e3f405162738495a6b7c8d9eaf"  # noqa: S105  (a simulator's)

CLOCKS_APART: Final = timedelta(minutes=10)
WINDOW: Final = timedelta(minutes=30)
HISTORY: Final = timedelta(days=90)
TOKEN_LIVES: Final = timedelta(days=1)
ALL: Final = 5  # of order_status and refund_status
REFRESH_LIVES: Final = timedelta(days=30)
LIVES: Final = Lives(timedelta(minutes=10), TOKEN_LIVES, REFRESH_LIVES)

WITHOUT_TOKEN: Final = frozenset({"pdd.pop.auth.token.create", "pdd.pop.auth.token.refresh"})
REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "pdd.pop.auth.token.create": ("code",),
    "pdd.pop.auth.token.refresh": ("refresh_token",),
    "pdd.order.number.list.increment.get": (
        *("start_updated_at", "end_updated_at"),
        *("order_status", "refund_status", "is_lucky_flag"),
    ),
    "pdd.order.information.get": ("order_sn",),
    "pdd.logistics.online.send": ("order_sn", "logistics_id", "tracking_number"),
    "pdd.refund.list.increment.get": (
        *("start_updated_at", "end_updated_at"),
        *("after_sales_status", "after_sales_type"),
    ),
    "pdd.refund.agree": ("request",),
    "pdd.goods.list.get": (),
    "pdd.goods.quantity.update": ("goods_id", "quantity"),
    "pdd.goods.sku.price.update": ("goods_id", "sku_price_list"),
    "pdd.pmc.user.permit": (),
}

Params: TypeAlias = Mapping[str, str]
Told: TypeAlias = tuple[str, dict[str, Any]]  # the name of the response, and what is in it


class PinduoduoSimulator(Platform):
    """Shops on Pinduoduo, for one application."""

    def __init__(
        self,
        *shops: Shop,
        client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET,
        faults: Faults | None = None,
    ) -> None:
        super().__init__(shops, faults, "pdd", LIVES)
        self.client_id = client_id
        self.client_secret = client_secret
        self.calls: list[str] = []  # the methods asked for, in order
        self.tracking: dict[str, tuple[int, str]] = {}  # carrier and number of each order shipped
        self.commits: list[tuple[Item, int, int | None]] = []  # prices under review
        self.mail = PinduoduoMail(shops, client_id, client_secret, self.now)
        self._methods: dict[str, Callable[[Shop, Params], Told]] = {
            "pdd.pmc.user.permit": self._permit_messages,
            "pdd.order.number.list.increment.get": self._orders,
            "pdd.order.information.get": self._order,
            "pdd.logistics.online.send": self._ship,
            "pdd.refund.list.increment.get": self._refunds,
            "pdd.refund.agree": self._agree,
            "pdd.goods.list.get": self._goods,
            "pdd.goods.quantity.update": self._set_quantity,
            "pdd.goods.sku.price.update": self._set_price,
        }

    def approve_prices(self) -> None:
        """The platform's review is through: prices hold from now on."""
        for item, group_fen, _ in self.commits:
            item.price_fen = group_fen
        self.commits.clear()

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.mail.serve(scope, receive, send)
            return
        if scope["path"] == "/service-market/auth":
            await self._consent(scope, send)
            return
        if scope["path"] != "/api/router":
            await answer(send, b"Not Found", status=404, media_type="text/plain")
            return
        body = await read_body(receive)
        request_id = f"{next(self._numbers):017d}"
        try:
            name, told = self._answer(scope, body)
            out: dict[str, Any] = {name: told | {"request_id": request_id}}
        except Failure as failure:
            out = failed(failure, request_id)
        await answer(send, json.dumps(out, ensure_ascii=False).encode())

    async def _consent(self, scope: Scope, send: Send) -> None:
        """The page where a seller permits; this one always does, for the first shop."""
        asked = parse_qs(scope.get("query_string", b"").decode())
        code = {"code": self.permit(self.shops[0]), "state": asked.get("state", [""])[0]}
        to = f"{asked.get('redirect_uri', [''])[0]}?{urlencode(code)}"
        headers = [(b"location", to.encode())]
        await send({"type": "http.response.start", "status": 302, "headers": headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _answer(self, scope: Scope, body: bytes) -> Told:
        if scope["method"] != "POST":
            raise Failure(10002)
        headers = {name.lower(): value for name, value in scope["headers"]}
        media_type = headers.get(b"content-type", b"").decode()
        params = params_of(scope.get("query_string", b""), body, media_type)
        self._check(params)
        method, fault = params["type"], scope.get("kashu.fault")
        if fault is Fault.THROTTLED:
            raise Failure(70031)
        for name in REQUIRED[method]:
            if not params.get(name):
                raise Failure(20007, name)
        if method in WITHOUT_TOKEN:
            return self._token_for(method, params)
        return self._methods[method](self._shop_of(params, fault), params)

    def _check(self, params: Params) -> None:
        """Check what every call carries. Raises: Failure."""
        for name in ("type", "client_id", "timestamp", "sign"):
            if not params.get(name):
                raise Failure(10001, name)
        self.calls.append(params["type"])
        if params["type"] not in REQUIRED:
            raise Failure(10001, "type")
        if params["client_id"] != self.client_id:
            raise Failure(10016)
        sent_at = moment_of(params, "timestamp", 10001)
        if abs(self.now() - sent_at) > CLOCKS_APART:
            raise Failure(10001, "timestamp")
        expected = signature_of(params, self.client_secret)
        if not compare_digest(expected.encode(), params["sign"].encode()):
            raise Failure(20004)

    def _shop_of(self, params: Params, fault: Fault | None) -> Shop:
        token = self._tokens.get(params.get("access_token", ""))
        if token is None:
            raise Failure(20032)
        if token.withdrawn:
            raise Failure(10014)
        if fault is Fault.TOKEN_EXPIRED or token.expires_at <= self.now():
            raise Failure(10019)
        return token.shop

    def _token_for(self, method: str, params: Params) -> Told:
        if method == "pdd.pop.auth.token.create":
            shop = self._redeem(params["code"])
            if shop is None:
                raise Failure(10013)
            return "pop_auth_token_create_response", self._granted(shop)
        token = self._held(params["refresh_token"])
        if token is None or token.refreshable_until <= self.now():
            raise Failure(10014)
        return "pop_auth_token_refresh_response", self._granted(token.shop)

    def _granted(self, shop: Shop) -> dict[str, Any]:
        access, refresh = self.grant(shop)
        token = self._tokens[access]
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": int(TOKEN_LIVES.total_seconds()),
            "expires_at": int(token.expires_at.timestamp()),
            "refresh_token_expires_in": int(REFRESH_LIVES.total_seconds()),
            "refresh_token_expires_at": int(token.refreshable_until.timestamp()),
            "owner_id": shop.shop_id,
            "owner_name": shop.name,
            "scope": sorted(REQUIRED),
        }

    def _orders(self, shop: Shop, params: Params) -> Told:
        begin, end = self._window(params)
        wanted = {name: whole(params, name) for name in ("order_status", "refund_status")}
        wanted = {name: state for name, state in wanted.items() if state != ALL}
        found = [
            order
            for order in shop.changed_orders(begin, end)
            if order.state is not OrderState.UNPAID and _fits(shop, order, wanted)
        ]
        told = [order_as_told(shop, each, briefly=True) for each in page_of(found, params)]
        body: dict[str, Any] = {"order_sn_list": told}
        if params.get("use_has_next") == "true":
            size = whole(params, "page_size", "100")
            body["has_next"] = whole(params, "page", "1") * size < len(found)
        else:
            body["total_count"] = len(found)
        return "order_sn_increment_get_response", body

    def _order(self, shop: Shop, params: Params) -> Told:
        order = _order_of(shop, params)
        told = order_as_told(shop, order, briefly=False)
        return "order_info_get_response", {"order_info": told}

    def _ship(self, shop: Shop, params: Params) -> Told:
        order = _order_of(shop, params)
        carrier = whole(params, "logistics_id")
        again = whole(params, "redelivery_type", "1") == 2  # noqa: PLR2004  (1: the first time)
        if again and order.state is not OrderState.SHIPPED:
            raise invalid("order_status")
        if not again and not shop.ship(order):
            raise invalid("order_status")
        self.tracking[order.order_id] = (carrier, params["tracking_number"])
        return "logistics_online_send_response", {"is_success": True}

    def _refunds(self, shop: Shop, params: Params) -> Told:
        begin, end = self._window(params)
        status = whole(params, "after_sales_status")
        kind = whole(params, "after_sales_type")
        told = [refund_as_told(refund) for refund in shop.changed_refunds(begin, end)]
        found = [
            each
            for each in told
            if status in {1, each["after_sales_status"]} and kind in {1, each["after_sales_type"]}
        ]
        body = {"refund_list": list(page_of(found, params)), "total_count": len(found)}
        return "refund_increment_get_response", body

    def _agree(self, shop: Shop, params: Params) -> Told:
        request = objects_of(params, "request")[0]
        refund = shop.refunds.get(str(request.get("after_sales_id")))
        if refund is None or refund.order.order_id != request.get("order_sn"):
            raise invalid("after_sales_id")
        if refund.state is not RefundState.ASKED:
            raise invalid("after_sales_status")
        shop.settle_refund(refund, agree=True)
        result = {
            "after_sales_id": int(refund.refund_id),
            "order_sn": refund.order.order_id,
            "succ": True,
            "message": "退款操作成功",
        }
        return "response", {"result": result}

    def _goods(self, shop: Shop, params: Params) -> Told:
        items = list(shop.items.values())
        if params.get("is_onsale"):
            items = [item for item in items if item.on_sale == (params["is_onsale"] == "1")]
        elif params.get("outer_id"):
            items = [item for item in items if item.merchant_code == params["outer_id"]]
        elif params.get("goods_name"):
            items = [item for item in items if params["goods_name"] in item.title]
        else:
            raise Failure(20007, "is_onsale")
        goods = goods_as_told(items)
        body = {"goods_list": list(page_of(goods, params)), "total_count": len(goods)}
        return "goods_list_get_response", body

    def _set_quantity(self, shop: Shop, params: Params) -> Told:
        item = _item_of(shop, params["goods_id"], params.get("sku_id", ""), params.get("outer_id"))
        adds = whole(params, "update_type", "1") == 2  # noqa: PLR2004  (1: it is set)
        quantity = whole(params, "quantity") + (item.quantity if adds else 0)
        if quantity < 0:
            raise invalid("quantity")
        item.quantity = quantity
        return "goods_quantity_update_response", {"is_success": True}

    def _set_price(self, shop: Shop, params: Params) -> Told:
        for wanted in objects_of(params, "sku_price_list"):
            item = _item_of(shop, params["goods_id"], str(wanted.get("sku_id", "")), None)
            group_fen, single_fen = wanted.get("group_price"), wanted.get("single_price")
            if not isinstance(group_fen, int) or not isinstance(single_fen, int | None):
                raise Failure(10000, "sku_price_list")
            self.commits.append((item, group_fen, single_fen))
        body = {"goods_commit_id": next(self._numbers), "is_success": True}
        return "goods_update_sku_price_response", body

    def _permit_messages(self, shop: Shop, _: Params) -> Told:
        return "pmc_user_permit_response", self.mail.permit(shop)

    def _window(self, params: Params) -> tuple[datetime, datetime]:
        begin = moment_of(params, "start_updated_at")
        end = moment_of(params, "end_updated_at")
        if not timedelta() <= end - begin <= WINDOW or begin < self.now() - HISTORY:
            raise Failure(10000, "end_updated_at")
        return begin, end


def _fits(shop: Shop, order: Order, wanted: Mapping[str, int]) -> bool:
    """Compare with the states asked for."""
    if not wanted:
        return True
    told = order_as_told(shop, order, briefly=True)
    return all(told[name] == state for name, state in wanted.items())


def _order_of(shop: Shop, params: Params) -> Order:
    order = shop.orders.get(params["order_sn"])
    if order is None:
        raise invalid("order_sn")
    return order


def _item_of(shop: Shop, goods_id: str, sku_id: str, outer_id: str | None) -> Item:
    if not sku_id and not outer_id:
        raise Failure(20007, "sku_id")
    for item in shop.items.values():
        if item.item_id == goods_id and (
            sku_of(item) == sku_id if sku_id else item.merchant_code == outer_id
        ):
            return item
    raise invalid("goods_id")
