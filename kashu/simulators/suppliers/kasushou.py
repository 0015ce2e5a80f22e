"""A Kasushou shop as a local server: signed bodies, refusals in words, cards in clear.

What isn't documented and had to be chosen: the words of most refusals; that times may be ten
minutes apart; that the safe price is of one (`safe_price="total"` has it otherwise); that an order
that isn't there is an empty list.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import Good, House, Kind, NotMade, Order, Trick
from kashu.simulators.suppliers.kasushou_wire import (
    TIME_DIGITS,
    UNKNOWN,
    WHY,
    Failure,
    attach_told,
    cards_told,
    good_told,
    goods_notice_signed,
    notice_signed,
    order_told,
    params_of,
    php,
    signed,
    theirs,
    yuan,
)
from kashu.simulators.suppliers.simulator import SupplierSimulator

USER_ID: Final = "MadeUpUserId0001"
API_KEY: Final = "MadeUpKasushouKey0123456789abcde"
APART: Final = timedelta(minutes=10)
LIMIT: Final = 100
BUY: Final = "/api/v1/order/buy"
UNKNOWN_STATUS: Final = 88
OTHER_NUMBER: Final = "SOMEBODYELSES000001"


class KasushouSimulator(SupplierSimulator):
    """One shop, and one customer of it."""

    def __init__(
        self,
        house: House,
        faults: Faults | None = None,
        *,
        user_id: str = USER_ID,
        api_key: str = API_KEY,
        safe_price: str = "unit",
    ) -> None:
        super().__init__(house, faults)
        self.user_id = user_id
        self.api_key = api_key
        self.safe_price = safe_price
        self.asked: list[tuple[str, Mapping[str, Any]]] = []  # paths, and what was let in
        self.told: dict[str, object] = {}  # fields of orders told otherwise: bad input
        self._paths: dict[str, Callable[[Mapping[str, Any]], object]] = {
            "/api/v1/user/info": lambda _: {"balance": yuan(self.house.balance_e4)},
            "/api/v1/goods/list": self._list,
            "/api/v1/goods/info": self._info,
            "/api/v1/goods/attach": self._attach,
            BUY: self._buy,
            "/api/v1/order/close": self._close,
        }

    def notice(self, order: Order, *, at: timedelta = timedelta()) -> bytes:
        """Write what is posted to an order's address. `at`: how far from now."""
        strange = Trick.NOTICE_OF_ANOTHER in self.house.tricks
        fields = order_told(order, None)
        fields |= {
            "external_orderno": OTHER_NUMBER if strange else order.number,
            "recharge_hints": "请见 https://h.example/r",
            "time": int((self.now() + at).timestamp() * 1000),
            "card_list": cards_told(order),
        }
        del fields["recharge_info"]
        fields["sign"] = notice_signed(fields, self.api_key)
        return php(fields)

    def goods_notice(self, good: Good, *, at: timedelta = timedelta()) -> bytes:
        """Write what is posted when a product changed; only its id and the time are signed."""
        fields = {
            "id": good.good_id,
            "goods_sku_id": 0,
            "status": 1 if good.on_sale else 3,
            "goods_price": yuan(good.unit_cost_e4),
            "stock_num": good.stock or 0,
            "time": int((self.now() + at).timestamp() * 1000),
        }
        fields["sign"] = goods_notice_signed(fields, self.api_key)
        return php(fields)

    def _places(self, scope: Scope, body: bytes) -> bool:
        del body
        return bool(scope["path"] == BUY)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        try:
            params = self._let_in(scope, body)
            data = self._answer(scope["path"], params, scope.get("kashu.fault"))
            told: dict[str, Any] = {"code": 200, "msg": "成功", "data": data}
        except Failure as failure:
            told = {"code": failure.code, "msg": failure.message}
        await answer(send, json.dumps(told, ensure_ascii=False).encode())

    def _let_in(self, scope: Scope, body: bytes) -> Mapping[str, Any]:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        user, time, sign = (headers.get(name, "") for name in ("userid", "timestamp", "sign"))
        if scope["method"] != "POST" or not headers.get("content-type", "").startswith(
            "application/json"
        ):
            raise Failure("请求方式错误")
        if user != self.user_id:
            raise Failure("用户密钥错误")
        if not time.isdigit() or len(time) != TIME_DIGITS:
            raise Failure("时间戳错误")
        if signed(self.api_key, time, body) != sign:
            raise Failure("签名错误")
        if abs(self.now().timestamp() - int(time) / 1000) > APART.total_seconds():
            raise Failure("时间戳已过期")
        return params_of(body)

    def _answer(self, path: str, params: Mapping[str, Any], fault: Fault | None) -> object:
        self.asked.append((path, params))
        if fault is Fault.UNKNOWN_CODE:
            raise Failure("未知错误：余额与库存变动中", UNKNOWN)
        if path == "/api/v1/order/info":
            return self._orders(params, fault)
        if path not in self._paths:
            raise Failure("接口不存在")
        return self._paths[path](params)

    def _list(self, params: Mapping[str, Any]) -> object:
        page, limit = int(params.get("page") or 1), int(params.get("limit") or LIMIT)
        limit = min(limit, LIMIT)
        goods = list(self.house.goods.values())
        told = [
            good_told(good, self.house.told_price_e4(good), detail=False)
            for good in goods[(page - 1) * limit : page * limit]
        ]
        return {"list": told, "total": len(goods)}

    def _good(self, number: object) -> Good:
        good = self.house.goods.get(int(str(number))) if str(number).isdigit() else None
        if good is None:
            raise Failure("商品不存在")
        return good

    def _info(self, params: Mapping[str, Any]) -> object:
        if type(params.get("id")) is not int:
            raise Failure("参数错误")
        good = self._good(params["id"])
        return good_told(good, self.house.told_price_e4(good), detail=True)

    def _attach(self, params: Mapping[str, Any]) -> object:
        if not isinstance(params.get("goods_id"), str):
            raise Failure("参数错误")
        return attach_told(self._good(params["goods_id"]))

    def _buy(self, params: Mapping[str, Any]) -> object:
        number = params.get("external_orderno", "")
        if type(params.get("id")) is not int or type(params.get("quantity")) is not int:
            raise Failure("参数错误")
        if not isinstance(number, str) or not isinstance(params.get("safe_price", ""), str):
            raise Failure("参数错误")
        if number and self.house.known(number) is not None:
            raise Failure("外部订单号重复")
        if refusal := self.house.refusal():
            code, _, message = refusal.partition(" ")
            raise Failure(message, int(code))
        good = self.house.goods.get(params["id"])
        inputs = params.get("attach", {})
        if good is not None:
            self._check(good, params, inputs)
        try:
            order = self.house.make(good, params["quantity"], number, inputs, params.get("url", ""))
        except NotMade as error:
            raise Failure(WHY[error.why]) from error
        told = {"ordersn": theirs(order), "external_orderno": number}
        return told | {"total_price": yuan(order.charged_e4)} | self.told

    def _check(self, good: Good, params: Mapping[str, Any], inputs: Mapping[str, str]) -> None:
        limit = params.get("safe_price")
        price_e4 = good.unit_cost_e4 * (params["quantity"] if self.safe_price == "total" else 1)
        if limit is not None and round(float(limit) * 10_000) < price_e4:
            raise Failure("商品价格高于安全价")
        wanted = {each.key for each in good.asked}
        if good.kind is Kind.TOPUP and any(not inputs.get(key) for key in wanted):
            raise Failure("下单参数不完整")

    def _orders(self, params: Mapping[str, Any], fault: Fault | None) -> object:
        numbers = str(params.get("external_orderno", "")).split(",")
        own = str(params.get("ordersn", "")).split(",")
        found = [
            order
            for order in self.house.orders
            if (order.number and order.number in numbers) or theirs(order) in own
        ]
        status = UNKNOWN_STATUS if fault is Fault.UNKNOWN_STATE else None
        return [order_told(order, status) | self.told for order in found]

    def _close(self, params: Mapping[str, Any]) -> object:
        number = params.get("ordersn")
        order = next((each for each in self.house.orders if theirs(each) == number), None)
        if order is None:
            raise Failure("订单不存在")
        if not self.house.cancel(order):
            raise Failure("当前订单不支持撤单")
        return None
