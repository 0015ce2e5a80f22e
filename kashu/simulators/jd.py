"""JD's JOS gateway as a local server, with signatures, windows, pages and errors.

What isn't documented and had to be chosen: that a window or page beyond its limit and a missing
parameter are refused with 10500001; what an order that isn't there, a second shipment and a wrong
code or token are answered with; that both ends of a window are in it. `optional_fields` is obeyed.
"""

import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from hmac import compare_digest
from typing import Any, Final
from urllib.parse import urlencode

from kashu.simulators.faults import Fault, Faults, Receive, Scope, Send, answer, read_body
from kashu.simulators.jd_wire import (
    KNOWN_STATES,
    REFUND_STATES,
    STATES,
    BusinessFailure,
    Failure,
    business_of,
    failed,
    moment_of,
    order_as_told,
    params_of,
    refund_as_told,
    require,
    signature_of,
    window_of,
)
from kashu.simulators.platform import Lives, Platform
from kashu.simulators.shop import Item, Order, OrderState, Refund, Shop

APP_KEY: Final = "A1B2C3D4E5F60718293A4B5C6D7E8F90"
APP_SECRET: Final = "9c8b7a6958473625140f1e2d3c4b5a69"  # noqa: S105  (a simulator's)

CLOCKS_APART: Final = timedelta(minutes=6)
WINDOW: Final = timedelta(days=31)
HISTORY: Final = timedelta(days=92)
PAGE_MAX: Final = 100
REFUND_PAGE_MAX: Final = 50
REFUND_PAGES: Final = 100
TOKEN_LIVES: Final = timedelta(days=30)
LIVES: Final = Lives(timedelta(minutes=10), TOKEN_LIVES, TOKEN_LIVES)
REFRESHABLE: Final = timedelta(hours=24)
SELF_DELIVERY: Final = "1274"
SECOND: Final = timedelta(seconds=1)
LOC: Final = "75"
SOP: Final = "22"

Business = Mapping[str, Any]
Told = dict[str, Any]


class JdSimulator(Platform):
    """Shops at JD, for one application."""

    def __init__(
        self,
        *shops: Shop,
        app_key: str = APP_KEY,
        app_secret: str = APP_SECRET,
        faults: Faults | None = None,
    ) -> None:
        super().__init__(shops, faults, "jd", LIVES)
        self.app_key = app_key
        self.app_secret = app_secret
        self.calls: list[str] = []  # the methods asked for, in order
        self.loc: set[str] = set()  # orders of vouchers whose codes the seller uploads
        self.codes: dict[str, list[tuple[str, str]]] = {}  # uploaded: number and password
        self.says: deque[str] = deque()  # codes for the next calls, which do nothing
        self.finance_pays = True  # False: a refund that was agreed to waits for pay_out()
        self._agreed: set[str] = set()
        self._methods: dict[str, Callable[[Shop, Business], Told]] = {
            "jingdong.vender.shop.query": self._shop,
            "jingdong.pop.order.search": self._orders,
            "jingdong.pop.order.get": self._order,
            "jingdong.pop.order.shipment": self._ship,
            "jingdong.pop.oto.checkNumbers.upload": self._upload,
            "jingdong.pop.afs.soa.refundapply.queryPageList": self._refunds,
            "jingdong.pop.afs.soa.refundapply.replyRefund": self._decide,
            "jingdong.sku.read.searchSkuList": self._skus,
            "jingdong.stock.write.updateSkuStock": self._set_stock,
            "jingdong.price.write.updateSkuJdPrice": self._set_price,
        }

    def pay_out(self, shop: Shop, refund: Refund) -> None:
        """JD's finance pays a refund that the seller agreed to."""
        self._agreed.discard(refund.refund_id)
        shop.settle_refund(refund, agree=True)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        query = scope.get("query_string", b"")
        params = params_of(query, await read_body(receive))
        path = scope["path"]
        if path == "/oauth2/to_login":
            code = {"code": self.permit(self.shops[0]), "state": params.get("state", "")}
            to = f"{params['redirect_uri']}?{urlencode(code)}"
            headers = [(b"location", to.encode())]
            await send({"type": "http.response.start", "status": 302, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        if path in {"/oauth2/access_token", "/oauth2/refresh_token"}:
            told = self._token(path.rpartition("/")[2], params)
        elif path == "/routerjson":
            try:
                told = self._answer(params, scope.get("kashu.fault"))
            except Failure as failure:
                told = failed(failure)
        else:
            await answer(send, b"Not Found", status=404, media_type="text/plain")
            return
        await answer(send, json.dumps(told, ensure_ascii=False).encode())

    def _token(self, wanted: str, params: Mapping[str, str]) -> Told:
        if params.get("app_key") != self.app_key or params.get("app_secret") != self.app_secret:
            return {"code": "21", "msg": "app_key or app_secret error"}
        grant_type = params.get("grant_type")
        shop: Shop | None
        if wanted == "access_token" and grant_type == "authorization_code":
            shop = self._redeem(params.get("code", ""))
            if shop is None:
                return {"code": "402", "msg": "code is invalid"}
        elif wanted == "refresh_token" and grant_type == "refresh_token":
            held = self._held(params.get("refresh_token", ""))
            if not held or not timedelta() < held.expires_at - self.now() <= REFRESHABLE:
                return {"code": "405", "msg": "refresh_token can't be used now"}
            shop = held.shop
        else:
            return {"code": "400", "msg": "grant_type"}
        access, refresh = self.grant(shop)
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": int(TOKEN_LIVES.total_seconds()),
            "time": str(int(self.now().timestamp() * 1000)),
            "scope": "snsapi_base",
        }

    def _answer(self, params: Mapping[str, str], fault: Fault | None) -> Told:
        self._check(params)
        shop = self._shop_of(params, fault)
        if fault is Fault.THROTTLED:
            raise Failure("2")
        if self.says:
            raise Failure(self.says.popleft())
        method = params["method"]
        told = self._methods[method](shop, business_of(params))
        return {f"{method.replace('.', '_')}_responce": {"code": "0"} | told}

    def _check(self, params: Mapping[str, str]) -> None:
        """Check what every call carries. Raises: Failure."""
        missing = {"method": "14", "app_key": "20", "timestamp": "7", "v": "4", "sign": "11"}
        for name, code in missing.items():
            if not params.get(name):
                raise Failure(code)
        method = params["method"]
        self.calls.append(method)
        if params["v"] != "2.0":
            raise Failure("5")
        if method not in self._methods:
            raise Failure("15")
        if params["app_key"] != self.app_key:
            raise Failure("21")
        try:
            sent_at = moment_of(params["timestamp"])
        except ValueError as error:
            raise Failure("8") from error
        if abs(self.now() - sent_at) > CLOCKS_APART:
            raise Failure("8")
        expected = signature_of(params, self.app_secret)
        if not compare_digest(expected.encode(), params["sign"].encode()):
            raise Failure("12")

    def _shop_of(self, params: Mapping[str, str], fault: Fault | None) -> Shop:
        if not params.get("access_token"):
            raise Failure("18")
        token = self._tokens.get(params["access_token"])
        expired = token is None or token.withdrawn or token.expires_at <= self.now()
        if token is None or expired or fault is Fault.TOKEN_EXPIRED:
            raise Failure("19")
        return token.shop

    def _shop(self, shop: Shop, _: Business) -> Told:
        told = {"shop_id": int(shop.shop_id), "vender_id": int(shop.shop_id), "code": 200}
        return {"shop_jos_result": told | {"shop_name": shop.name}}

    def _state(self, order: Order) -> str:
        if order.order_id in self.loc and order.state is OrderState.PAID:
            return "WAIT_SEND_CODE"
        return STATES[order.state]

    def _told(self, shop: Shop, order: Order, fields: str) -> Told:
        kind = LOC if order.order_id in self.loc else SOP
        told = order_as_told(order, self._state(order), kind, shop.shop_id)
        wanted = set(fields.split(","))
        return {name: value for name, value in told.items() if name in wanted}

    def _orders(self, shop: Shop, asked: Business) -> Told:
        names = ("start_date", "end_date", "order_state", "optional_fields", "page", "page_size")
        require(asked, *names)
        begin, end = window_of(asked["start_date"], asked["end_date"])
        states = set(asked["order_state"].split(","))
        page, size = int(asked["page"]), int(asked["page_size"])
        if not states <= KNOWN_STATES or end - begin > WINDOW or not 1 <= size <= PAGE_MAX:
            raise BusinessFailure("10500001", "参数错误")
        if begin < self.now() - HISTORY or page < 1:
            raise BusinessFailure("10500001", "只能查询最近三个月")
        found = [
            order
            for order in shop.changed_orders(begin, end + SECOND)
            if self._state(order) in states
        ]
        if str(asked.get("sortType", "0")) != "1":
            found.reverse()
        chosen = found[(page - 1) * size : page * size]
        told = {
            "apiResult": {"success": "true", "numberCode": "0", "chineseErrCode": "成功"},
            "orderTotal": str(len(found)),
            "orderInfoList": [
                self._told(shop, order, asked["optional_fields"]) for order in chosen
            ],
        }
        return {"searchorderinfo_result": told}

    def _order(self, shop: Shop, asked: Business) -> Told:
        require(asked, "order_id", "optional_fields")
        order = shop.orders.get(str(asked["order_id"]))
        if order is None:
            said = {"success": "false", "numberCode": "10100010", "chineseErrCode": "订单不存在"}
            return {"orderDetailInfo": {"apiResult": said}}
        told = {
            "apiResult": {"success": True, "numberCode": "0"},
            "orderInfo": self._told(shop, order, asked["optional_fields"]),
        }
        return {"orderDetailInfo": told}

    def _ship(self, shop: Shop, asked: Business) -> Told:
        require(asked, "orderId", "logiCoprId")
        order = shop.orders.get(str(asked["orderId"]))
        numbered = str(asked["logiCoprId"]) == SELF_DELIVERY or bool(asked.get("logiNo"))
        if order is None or not numbered or not shop.ship(order):
            said = {"success": "false", "errorCode": "10400001", "chineseErrCode": "出库失败"}
            return {"sopjosshipment_result": said}
        return {"sopjosshipment_result": {"success": "true", "englishErrCode": "success"}}

    def _upload(self, shop: Shop, asked: Business) -> Told:
        require(asked, "order_id", "pwd_number")
        order = shop.orders.get(str(asked["order_id"]))
        passwords = asked["pwd_number"].split(",")
        numbers = asked["card_number"].split(",") if "card_number" in asked else None
        wanted = 0 if order is None else sum(line.quantity for line in order.lines)
        fits = len(passwords) == wanted and (numbers is None or len(numbers) == wanted)
        if order is None or self._state(order) != "WAIT_SEND_CODE" or not fits:
            return {"result": {"is_success": False, "result_code": 1, "result_message": "失败"}}
        self.codes[order.order_id] = list(zip(numbers or [""] * wanted, passwords, strict=True))
        for number, password in self.codes[order.order_id]:
            shop.show(order, f"{number} {password}".strip())
        shop.ship(order)
        return {"result": {"is_success": True, "result_code": 0, "result_message": "成功"}}

    def _refunds(self, shop: Shop, asked: Business) -> Told:
        require(asked, "pageIndex", "pageSize")
        page, size = int(asked["pageIndex"]), int(asked["pageSize"])
        if not 1 <= page <= REFUND_PAGES or not 1 <= size <= REFUND_PAGE_MAX:
            raise BusinessFailure("10500001", "参数错误")
        found = sorted(shop.refunds.values(), key=lambda refund: refund.created_at)
        if "applyTimeStart" in asked:
            begin, end = window_of(asked["applyTimeStart"], asked["applyTimeEnd"])
            found = [each for each in found if begin <= each.created_at < end + SECOND]
        if "checkTimeStart" in asked:
            begin, end = window_of(asked["checkTimeStart"], asked["checkTimeEnd"])
            found = [
                each
                for each in found
                if self._status(each) != "0" and begin <= each.changed_at < end + SECOND
            ]
        chosen = found[(page - 1) * size : page * size]
        told = [refund_as_told(each, self._status(each)) for each in chosen]
        return {"queryResult": {"success": True, "totalCount": len(found), "result": told}}

    def _status(self, refund: Refund) -> str:
        return "1" if refund.refund_id in self._agreed else REFUND_STATES[refund.state]

    def _decide(self, shop: Shop, asked: Business) -> Told:
        require(asked, "status", "id", "checkUserName", "remark")
        refund = shop.refunds.get(str(asked["id"]))
        if refund is None or self._status(refund) != "0" or asked["status"] not in {1, 2}:
            said = {"success": False, "errorCode": "1", "errorMsg": "退款单状态不允许"}
            return {"replyResult": said}
        if asked["status"] == 1 and not self.finance_pays:
            refund.changed_at = self.now()
            self._agreed.add(refund.refund_id)
        else:
            shop.settle_refund(refund, agree=asked["status"] == 1)
        return {"replyResult": {"success": True}}

    def _skus(self, shop: Shop, asked: Business) -> Told:
        page, size = int(asked.get("pageNo", 1)), int(asked.get("page_size", 10))
        found = list(shop.items.values())[(page - 1) * size : page * size]
        data = [
            {
                "skuId": int(item.sku_id),
                "wareId": int(item.item_id),
                "status": 1 if item.on_sale else 2,
                "skuName": f"{item.title} {item.properties}".strip(),
                "wareTitle": item.title,
                "outerId": item.merchant_code,
                "jdPrice": item.price_fen / 100,
                "stockNum": item.quantity,
            }
            for item in found
        ]
        wanted = set(asked.get("field", ["skuId", "wareId", "status"]))
        told = [{name: value for name, value in each.items() if name in wanted} for each in data]
        return {
            "page": {"data": told, "pageNo": page, "pageSize": size, "totalItem": len(shop.items)}
        }

    def _set_stock(self, shop: Shop, asked: Business) -> Told:
        require(asked, "skuId", "stockNum")
        sku_of(shop, asked).quantity = int(asked["stockNum"])
        return {"success": True}

    def _set_price(self, shop: Shop, asked: Business) -> Told:
        require(asked, "skuId", "jdPrice")
        units, _, cents = str(asked["jdPrice"]).partition(".")
        sku_of(shop, asked).price_fen = int(units) * 100 + int(f"{cents:0<2}")
        return {}


def sku_of(shop: Shop, asked: Business) -> Item:
    """Find a variant. Raises: BusinessFailure."""
    for item in shop.items.values():
        if item.sku_id == str(asked["skuId"]):
            return item
    raise BusinessFailure("10500001", "sku不存在")
