"""Xingquanyi as a local server: signed forms, one word for most refusals, cards in clear.

What isn't documented and had to be chosen: the texts of refusals; that times may be ten minutes
apart, and what says so; that an order that isn't there is an error in words.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import Good, House, Kind, NotMade, Order, Trick
from kashu.simulators.suppliers.limits import Limits
from kashu.simulators.suppliers.simulator import SupplierSimulator
from kashu.simulators.suppliers.xingquanyi_wire import (
    WHY,
    Failure,
    bought_told,
    form_of,
    good_told,
    notice_told,
    order_told,
    signed,
    yuan,
)

CUSTOMER_ID: Final = "10001"
KEY: Final = "made-up-xingquanyi-key-1"
APART_S: Final = 600
BUY: Final = "/api/buy"
LIMITS: Final = {"/api/product-list": (120, 60.0), "/api/product": (120, 60.0)}
UNKNOWN_STATE: Final = 777
OTHER_NUMBER: Final = "SOMEBODYELSES000001"
ITEM: Final = "recharge_template_input_items["

Params: TypeAlias = Mapping[str, str]


class XingquanyiSimulator(SupplierSimulator):
    """One site, and one customer of it."""

    def __init__(
        self,
        house: House,
        faults: Faults | None = None,
        *,
        customer_id: str = CUSTOMER_ID,
        key: str = KEY,
        limited: bool = True,
    ) -> None:
        """`limited`: whether it counts how often products are read."""
        super().__init__(house, faults)
        self.customer_id = customer_id
        self.key = key
        self.instant = False  # whether orders end while they are placed
        self.asked: list[tuple[str, Params]] = []  # paths, and what was let in
        self.told: dict[str, Any] = {}  # fields of orders told otherwise: bad input
        self.goods_told: dict[str, Any] = {}  # … of products
        self._limits = Limits(LIMITS if limited else {}, self.now)
        self._paths: dict[str, Callable[[Params], Any]] = {
            "/api/customer": self._customer,
            "/api/product-list": lambda _: [self._good_told(each) for each in self._goods],
            "/api/product": lambda params: self._good_told(self._good(params)),
            "/api/product/recharge-params": self._template,
            BUY: self._buy,
            "/api/order": self._order,
            "/api/outer-order": self._order,
        }

    @property
    def _goods(self) -> list[Good]:
        return list(self.house.goods.values())

    def notice(self, order: Order, *, at: timedelta = timedelta()) -> bytes:
        """Write what is posted to an order's address. `at`: how far from now."""
        strange = Trick.NOTICE_OF_ANOTHER in self.house.tricks
        fields = notice_told(order, self.now() + at) | {"customer_id": self.customer_id}
        if strange:
            fields["outer_order_id"] = OTHER_NUMBER
        return urlencode(fields | {"sign": signed(fields, self.key)}).encode()

    def product_notice(self, good: Good, event: str = "price_changed") -> bytes:
        """Write what is posted when a product changed: JSON, and stock told the other way round."""
        about = {"stock_state": 2 if good.stock else 1, "price": yuan(good.unit_cost_e4)}
        fields = {
            "customer_id": int(self.customer_id),
            "event_data": json.dumps(about),
            "event_type": event,
            "product_id": good.good_id,
            "product_name": good.title,
            "product_type": 1,
            "timestamp": int(self.now().timestamp()),
        }
        sign = signed({name: str(each) for name, each in fields.items()}, self.key)
        return json.dumps(fields | {"sign": sign}).encode()

    def _places(self, scope: Scope, body: bytes) -> bool:
        del body
        return bool(scope["path"] == BUY)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        path, fault = scope["path"], scope.get("kashu.fault")
        if path not in self._paths or scope["method"] != "POST":
            await answer(send, b"<html>404</html>", status=404, media_type="text/html")
            return
        try:
            data = self._answer(path, self._let_in(scope, body), fault)
            told = {"code": "ok", "message": "", "data": data}
        except Failure as failure:
            told = {"code": failure.code, "message": failure.message, "data": None}
        await answer(send, json.dumps(told, ensure_ascii=False).encode())

    def _answer(self, path: str, params: Params, fault: Fault | None) -> object:
        if fault is Fault.THROTTLED or not self._limits.allows(path):
            raise Failure("request_frequency", "请求过于频繁")
        if fault is Fault.UNKNOWN_CODE:
            raise Failure("order_hold", "余额不足")
        self.asked.append((path, params))
        data = self._paths[path](params)
        if fault is Fault.UNKNOWN_STATE and "state" in data:
            data["state"] = UNKNOWN_STATE
        return data

    def _let_in(self, scope: Scope, body: bytes) -> Params:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if scope["query_string"]:
            raise Failure("invalid_parameters", "参数须放在body中")
        params = form_of(body, headers.get("content-type", ""))
        if params.get("customer_id") != self.customer_id:
            raise Failure("disabled_customer", "商家已被禁用")
        if params.get("sign") != signed(params, self.key):
            raise Failure("invalid_sign", "sign错误")
        stamp = params.get("timestamp", "")
        if not stamp.isdigit() or abs(self.now().timestamp() - int(stamp)) > APART_S:
            raise Failure("invalid_parameters", "timestamp")
        return params

    def _customer(self, params: Params) -> object:
        number = int(params["customer_id"])
        return {"id": number, "name": "商家", "balance": yuan(self.house.balance_e4)}

    def _good_told(self, good: Good) -> dict[str, Any]:
        return good_told(good, self.house.told_price_e4(good)) | self.goods_told

    def _good(self, params: Params) -> Good:
        good = self.house.goods.get(_id(params.get("product_id", "")))
        if good is None:
            raise Failure("error", "商品不存在")
        return good

    def _template(self, params: Params) -> object:
        good = self._good(params)
        if good.kind is not Kind.TOPUP:
            raise Failure("error", "仅支持充值类商品")
        account, *more = good.asked
        return {
            "recharge_account_label": account.title,
            "recharge_params": [
                {"name": each.key, "type": "select", "options": "一区,二区"} for each in more
            ],
        }

    def _buy(self, params: Params) -> object:
        number = params.get("outer_order_id", "")
        if not number.isalnum() or not params.get("quantity", "").isdigit():
            raise Failure("invalid_parameters", "quantity")
        if self.house.known(number) is not None:
            raise Failure("error", "外部订单号重复")
        if refusal := self.house.refusal():
            raise Failure(*refusal.split(" ", 1))
        good, quantity = self._good(params), int(params["quantity"])
        if "safe_cost" in params and good.on_sale and _e4(params["safe_cost"]) < good.unit_cost_e4:
            raise Failure("error", "商品售价高于安全进价")
        inputs = _inputs(good, params)
        try:
            order = self.house.make(good, quantity, number, inputs, params.get("notify_url", ""))
        except NotMade as error:
            raise Failure("error", WHY[error.why]) from error
        if self.instant:
            self.house.settle_one(order)
        return bought_told(order) | self.told

    def _order(self, params: Params) -> object:
        number, theirs = params.get("outer_order_id"), params.get("order_id", "")
        order = self.house.of_number(number) if number else self.house.of_id(_id(theirs))
        if order is None:
            raise Failure("error", "订单不存在")
        return order_told(order) | self.told


def _id(written: str) -> int:
    return int(written) if written.isdigit() else 0


def _e4(written: str) -> int:
    try:
        return int(Decimal(written) * 10_000)
    except InvalidOperation as error:
        raise Failure("invalid_parameters", "safe_cost") from error


def _inputs(good: Good, params: Params) -> dict[str, str]:
    """Read what was filled in: all that is asked, and nothing else."""
    told = {name: each for name, each in params.items() if name == "recharge_account"}
    told |= {
        name.removeprefix(ITEM).removesuffix("]"): each
        for name, each in params.items()
        if name.startswith(ITEM)
    }
    if set(told) != {each.key for each in good.asked}:
        raise Failure("invalid_parameters", "recharge_account")
    return told
