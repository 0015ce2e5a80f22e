"""SUP 1.9 as a local server: signed forms, encrypted cards, and traps for whoever asks too soon.

An order that is asked for too soon is told as not there, as one that isn't. What isn't documented
and had to be chosen: that, that times may be ten minutes apart, that the price in an order must be
theirs exactly, and that a card that is sold out is under maintenance.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import Good, House, Kind, NotMade, Order, State, Trick
from kashu.simulators.suppliers.limits import Limits
from kashu.simulators.suppliers.simulator import SupplierSimulator
from kashu.simulators.suppliers.sup_v19_wire import (
    WHY,
    Failure,
    cards_told,
    form_of,
    good_told,
    moment_of,
    notice_told,
    order_told,
    signed,
    yuan,
)

APP_ID: Final = "MadeUpAppId"
APP_SECRET: Final = "MadeUpSecret0016"  # noqa: S105  (a simulator's)
APART: Final = timedelta(minutes=10)
SUBMIT, CARDS = "/api/order/submit", "/api/card/get"
LIMITS: Final = {
    SUBMIT: (100, 1.0),
    CARDS: (100, 1.0),
    "/api/order/query": (30, 1.0),
    "/api/account/balance": (1, 10.0),
    "/api/item/query": (1, 5.0),
}
SAME_NUMBER: Final = timedelta(seconds=60)
TOO_SOON: Final = {Kind.TOPUP: timedelta(minutes=3)}
TOO_SOON_FOR_CARDS: Final = timedelta(minutes=1)
NUMBER_MAX: Final = 50
NOT_THERE: Final = "4"
UNKNOWN_CODE, UNKNOWN_STATUS = "-77", "8"
OTHER_NUMBER: Final = "SOMEBODYELSES000001"
TYPED: Final = frozenset({"uuid", "smsCode", "phoneNo", "ext1", "ext2", "ext3"})

Params: TypeAlias = Mapping[str, str]


class SupV19Simulator(SupplierSimulator):
    """One platform, and one application of it."""

    def __init__(
        self,
        house: House,
        faults: Faults | None = None,
        *,
        app_id: str = APP_ID,
        app_secret: str = APP_SECRET,
        limited: bool = True,
    ) -> None:
        """`limited`: whether it counts how often each path is called."""
        super().__init__(house, faults)
        self.app_id = app_id
        self.app_secret = app_secret
        self.instant = False  # whether card orders end while they are placed
        self.asked: list[tuple[str, Params]] = []  # paths, and what was let in
        self.told: dict[str, Any] = {}  # fields of orders told otherwise: bad input
        self._limits = Limits(LIMITS if limited else {}, self.now)
        self._paths: dict[str, Callable[[Params], dict[str, Any]]] = {
            SUBMIT: lambda params: self._order(params, topup=True),
            CARDS: lambda params: self._order(params, topup=False),
            "/api/order/query": self._query,
            "/api/account/balance": self._balance,
            "/api/item/query": self._items,
        }

    def notice(self, order: Order, *, as_json: bool = False) -> bytes:
        """Write what is posted to an order's address."""
        strange = Trick.NOTICE_OF_ANOTHER in self.house.tricks
        fields = notice_told(order, self.app_secret) | {"appId": self.app_id}
        if strange:
            fields["outOrderId"] = OTHER_NUMBER
        fields["sign"] = signed(fields, self.app_secret)
        return json.dumps(fields).encode() if as_json else urlencode(fields).encode()

    def _places(self, scope: Scope, body: bytes) -> bool:
        del body
        return scope["path"] in {SUBMIT, CARDS}

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        path, fault = scope["path"], scope.get("kashu.fault")
        if path not in self._paths or scope["method"] != "POST":
            await answer(send, b"<html>404</html>", status=404, media_type="text/html")
            return
        try:
            told = self._answer(path, self._let_in(scope, body), fault)
        except Failure as failure:
            told = {"code": failure.code, "msg": failure.message}
        await answer(send, json.dumps(told, ensure_ascii=False).encode())

    def _answer(self, path: str, params: Params, fault: Fault | None) -> dict[str, Any]:
        if fault is Fault.THROTTLED or not self._limits.allows(path):
            raise Failure("-13", "请求超速")
        if fault is Fault.UNKNOWN_CODE:
            raise Failure(UNKNOWN_CODE, "余额不足")
        self.asked.append((path, params))
        told = {"code": "00", "msg": "成功", **self._paths[path](params)}
        if fault is Fault.UNKNOWN_STATE and "orderStatus" in told:
            told["orderStatus"] = UNKNOWN_STATUS
        return told

    def _let_in(self, scope: Scope, body: bytes) -> Params:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        params = form_of(body, headers.get("content-type", ""))
        if "appSecret" in params:
            raise Failure("-12", "appSecret不能传输")
        moment = moment_of(params.get("timestamp", ""))
        if params.get("appId") != self.app_id:
            raise Failure("-14", "鉴权失败")
        if params.get("sign") != signed(params, self.app_secret):
            raise Failure("-14", "签名校验未通过")
        if moment is None or abs(self.now() - moment) > APART:
            raise Failure("-12", "timestamp")
        return params

    def _order(self, params: Params, *, topup: bool) -> dict[str, Any]:
        number, amount = params.get("outOrderId", ""), params.get("amount", "1")
        if not 0 < len(number) <= NUMBER_MAX or not amount.isdigit():
            raise Failure("-12", "参数错误")
        self._check_number(number)
        if refusal := self.house.refusal():
            raise Failure(*refusal.split(" ", 1))
        good = self.house.goods.get(_id(params.get("itemId", "")))
        inputs = {name: each for name, each in params.items() if name in TYPED}
        if good is not None:
            _check(good, params, inputs, topup=topup)
        try:
            order = self.house.make(
                good, int(amount), number, inputs, params.get("callbackUrl", "")
            )
        except NotMade as error:
            raise Failure(*WHY[error.why]) from error
        told: dict[str, Any] = {
            "orderId": str(order.order_id),
            "outOrderId": number,
            "cost": yuan(order.charged_e4),
        }
        if self.instant and not topup:
            self.house.settle_one(order)
            told["cardData"] = cards_told(order, self.app_secret)
        return told | self.told

    def _check_number(self, number: str) -> None:
        """Refuse a number within a minute, or while its order isn't failed. Raises: Failure."""
        order = self.house.known(number)
        if order is None:
            return
        if order.state is not State.FAILED or self.now() - order.made_at < SAME_NUMBER:
            raise Failure("-16", "重复下单")

    def _query(self, params: Params) -> dict[str, Any]:
        number, theirs = params.get("outOrderId", ""), params.get("orderId", "")
        if not number and not theirs:
            raise Failure("-12", "参数错误")
        order = self.house.of_id(_id(theirs)) if theirs else self.house.of_number(number)
        if order is None or self._is_too_soon(order):
            return {"outOrderId": number, "orderStatus": NOT_THERE, "orderDesc": "未查询到订单"}
        return order_told(order, self.app_secret) | self.told

    def _is_too_soon(self, order: Order) -> bool:
        after = TOO_SOON.get(order.good.kind, TOO_SOON_FOR_CARDS)
        return self.now() - order.made_at < after

    def _balance(self, params: Params) -> dict[str, Any]:
        del params
        return {"balance": yuan(self.house.balance_e4), "creditQuota": "0"}

    def _items(self, params: Params) -> dict[str, Any]:
        del params
        goods = self.house.goods.values()
        return {"data": [good_told(good, self.house.told_price_e4(good)) for good in goods]}


def _id(written: str) -> int:
    return int(written) if written.isdigit() else 0


def _check(good: Good, params: Params, inputs: Params, *, topup: bool) -> None:
    """Compare an order with what is sold. Raises: Failure."""
    if topup is not (good.kind is Kind.TOPUP):
        raise Failure("-15", "商品未配置")
    if topup and not {each.key for each in good.asked} <= set(inputs):
        raise Failure("-12", "参数错误")
    try:
        price = Decimal(params.get("itemPrice") or yuan(good.unit_cost_e4))
    except InvalidOperation as error:
        raise Failure("-12", "itemPrice") from error
    if good.on_sale and price * 10_000 != good.unit_cost_e4:
        raise Failure("-15", "结算价校验未通过")
