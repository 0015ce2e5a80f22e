"""Kakayun as a local server: a shop that takes orders, and a host that serves everything else.

Where a path begins with `/site` or `/public`, it is one of the two only. What isn't documented and
had to be chosen: that a product that is sold out is -1; what a limit of quantities says; that
cancelling an order that isn't under way is refused; what a number that is missing says.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import Good, House, Kind, NotMade, Order, Trick
from kashu.simulators.suppliers.kakayun_wire import (
    CLOCK,
    LOSS,
    NO_ACCOUNT,
    NO_BUYNUM,
    NO_GOODSID,
    NO_NUMBERS,
    NO_ORDER,
    NO_SIGN,
    NO_TIMESTAMP,
    NO_USER,
    NO_USERID,
    SIGN,
    TAKEN,
    TOO_OFTEN,
    WHY,
    WRONG_FIELD,
    Failure,
    good_told,
    order_told,
    php,
    signed,
    theirs,
    yuan,
)
from kashu.simulators.suppliers.limits import Limits
from kashu.simulators.suppliers.simulator import SupplierSimulator

USER_ID: Final = "10086"
KEY: Final = "made0up1kakayun2key3made0up1key2"
APART_S: Final = 300
KEPT: Final = timedelta(days=30)
PREFIX: Final = "/dockapiv3/"
CREATE: Final = "order/create"
LIMITS: Final = {
    "order/get": (180, 60.0),
    "order/cancelOrder": (60, 60.0),
    "goods/all": (1, 5.0),
    "goods/details": (1, 2.0),
    "goods/tpl": (30, 60.0),
    "user/info": (60, 60.0),
}
PAGE_MAX: Final = 50
UNKNOWN_CODE, UNKNOWN_STATUS = 1299, 9
OTHER_NUMBER: Final = "SOMEBODYELSES000001"

Params: TypeAlias = Mapping[str, Any]


class KakayunSimulator(SupplierSimulator):
    """One shop, and one customer of it."""

    def __init__(
        self,
        house: House,
        faults: Faults | None = None,
        *,
        user_id: str = USER_ID,
        key: str = KEY,
        limited: bool = True,
    ) -> None:
        """`limited`: whether it counts how often each operation is called."""
        super().__init__(house, faults)
        self.user_id = user_id
        self.key = key
        self.asked: list[tuple[str, Params]] = []  # operations, and what was let in
        self.told: dict[str, Any] = {}  # fields of orders told otherwise: bad input
        self._limits = Limits(LIMITS if limited else {}, self.now)
        self._operations: dict[str, Callable[[Params], dict[str, Any]]] = {
            CREATE: self._create,
            "order/get": lambda params: {"data": self._told(self._order(params))},
            "order/cancelOrder": self._cancel,
            "goods/all": self._all,
            "goods/details": self._details,
            "goods/tpl": self._template,
            "user/info": self._user,
        }

    def notice(self, order: Order, *, at: timedelta = timedelta()) -> bytes:
        """Write what is posted to an order's address. `at`: how far from now."""
        strange = Trick.NOTICE_OF_ANOTHER in self.house.tricks
        fields = order_told(order) | {
            "push_type": 0 if order.good.kind is Kind.TOPUP else 1,
            "usorderno": OTHER_NUMBER if strange else order.number,
            "receipt": "请见 https://h.example/r",
            "timestamp": int((self.now() + at).timestamp()),
        }
        del fields["buynum"]
        return php(fields | {"sign": signed(fields, self.key)})

    def goods_notice(self, good: Good) -> bytes:
        """Write what is posted when a product changed."""
        fields = {
            "goodsid": good.good_id,
            "goodsname": good.title,
            "goodsprice": yuan(good.unit_cost_e4),
            "goodsstock": good.stock or 0,
            "goodsstatus": int(good.on_sale),
            "goodstype": 1 if good.kind is Kind.TOPUP else 0,
            "update_time": int(self.now().timestamp()),
            "timestamp": int(self.now().timestamp()),
        }
        return php(fields | {"sign": signed(fields, self.key)})

    def _places(self, scope: Scope, body: bytes) -> bool:
        del body
        return bool(scope["path"].endswith(PREFIX + CREATE))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        side, operation = _operation(scope["path"])
        if operation not in self._operations or (
            side and (side == "/site") != (operation == CREATE)
        ):
            await answer(send, b"<html>404</html>", status=404, media_type="text/html")
            return
        fault = scope.get("kashu.fault")
        try:
            told = self._answer(operation, self._let_in(scope, body), fault)
        except Failure as failure:
            told = {"code": failure.code, "msg": failure.message, "data": []}
        await answer(send, json.dumps(told).encode())

    def _answer(self, operation: str, params: Params, fault: Fault | None) -> dict[str, Any]:
        if fault is Fault.THROTTLED or not self._limits.allows(operation):
            raise Failure(TOO_OFTEN, "请求频繁")
        if fault is Fault.UNKNOWN_CODE:
            raise Failure(UNKNOWN_CODE, "商品余额不足")
        self.asked.append((operation, params))
        told = {"code": 1, "msg": "成功", **self._operations[operation](params)}
        if fault is Fault.UNKNOWN_STATE and "status" in told["data"]:
            told["data"]["status"] = UNKNOWN_STATUS
        return told

    def _let_in(self, scope: Scope, body: bytes) -> Params:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        if scope["method"] != "POST" or not headers.get("content-type", "").startswith(
            "application/json"
        ):
            raise Failure(-1, "请求方式错误")
        try:
            params = json.loads(body, parse_float=Decimal)
        except ValueError as error:
            raise Failure(-1, "参数不是JSON") from error
        for name, code in (("sign", NO_SIGN), ("userid", NO_USERID), ("timestamp", NO_TIMESTAMP)):
            if not params.get(name):
                raise Failure(code)
        if params["userid"] != self.user_id:
            raise Failure(NO_USER, "商户ID无效")
        if params["sign"] != signed(params, self.key):
            raise Failure(SIGN, "签名效验失败")
        if type(params["timestamp"]) is not int:
            raise Failure(CLOCK, "时间戳格式错误")
        if abs(self.now().timestamp() - params["timestamp"]) > APART_S:
            raise Failure(CLOCK, "时间戳过期")
        return dict(params)

    def _create(self, params: Params) -> dict[str, Any]:
        number = params.get("usorderno", "")
        if not params.get("goodsid"):
            raise Failure(NO_GOODSID)
        if type(params.get("buynum")) is not int:
            raise Failure(NO_BUYNUM)
        if not isinstance(number, str):
            raise Failure(-1, "订单号格式错误")
        if number and self.house.known(number) is not None:
            raise Failure(TAKEN, "用户订单号已存在")
        if refusal := self.house.refusal():
            code, _, message = refusal.partition(" ")
            raise Failure(int(code), message)
        good = self.house.goods.get(_id(params["goodsid"]))
        inputs = _inputs(good, params.get("attach"))
        limit_e4 = _e4(params["maxmoney"]) if "maxmoney" in params else None
        if good is not None and good.on_sale and limit_e4 is not None:
            _check_loss(good, params["buynum"], limit_e4)
        try:
            order = self.house.make(
                good, params["buynum"], number, inputs, params.get("callbackurl", "")
            )
        except NotMade as error:
            raise Failure(*WHY[error.why]) from error
        return {"data": {"orderno": theirs(order), "usorderno": number} | self.told}

    def _order(self, params: Params) -> Order:
        number, theirs_ = params.get("usorderno"), params.get("orderno")
        if not number and not theirs_:
            raise Failure(NO_NUMBERS)
        order = self.house.of_number(number) if number else None
        if not number:
            order = next((each for each in self.house.orders if theirs(each) == theirs_), None)
        if order is None or self.now() - order.made_at > KEPT:
            raise Failure(NO_ORDER, "订单不存在")
        return order

    def _told(self, order: Order) -> dict[str, Any]:
        return order_told(order) | self.told

    def _cancel(self, params: Params) -> dict[str, Any]:
        try:
            order = self._order(params)
        except Failure as failure:
            raise Failure(0, "退款失败:订单不存在") from failure
        if not self.house.cancel(order):
            raise Failure(0, "退款失败:订单已完成")
        return {"msg": "退款成功", "data": ""}

    def _all(self, params: Params) -> dict[str, Any]:
        page, limit = params.get("page", 1), params.get("limit", 10)
        if type(page) is not int or type(limit) is not int or not 1 <= limit <= PAGE_MAX:
            raise Failure(-1, "分页参数错误")
        goods = list(self.house.goods.values())
        told = [
            good_told(good, self.house.told_price_e4(good), detail=False)
            for good in goods[(page - 1) * limit : page * limit]
        ]
        pages = -(-len(goods) // limit)
        return {"data": told, "nowpage": str(page), "allpage": pages, "count": len(goods)}

    def _good(self, params: Params) -> Good:
        good = self.house.goods.get(_id(params.get("goodsid")))
        if good is None:
            raise Failure(1214, "商品不存在")
        return good

    def _details(self, params: Params) -> dict[str, Any]:
        good = self._good(params)
        return {"data": good_told(good, self.house.told_price_e4(good), detail=True)}

    def _template(self, params: Params) -> dict[str, Any]:
        asked = self._good(params).asked
        return {
            "data": [{"type": int(each.key), "title": each.title, "desc": ""} for each in asked]
        }

    def _user(self, params: Params) -> dict[str, Any]:
        del params
        return {"data": {"money": yuan(self.house.balance_e4), "creditquota": "0.00"}}


def _operation(path: str) -> tuple[str, str]:
    """Find which of the two hosts is called, and for what."""
    side, _, operation = path.partition(PREFIX)
    return side, operation


def _id(written: object) -> int:
    return int(written) if isinstance(written, str) and written.isdigit() else 0


def _e4(written: object) -> int:
    try:
        return int(Decimal(str(written)) * 10_000)
    except InvalidOperation as error:
        raise Failure(-1, "maxmoney") from error


def _check_loss(good: Good, quantity: int, limit_e4: int) -> None:
    if limit_e4 < good.unit_cost_e4 * quantity:
        raise Failure(LOSS, "存在亏本")


def _inputs(good: Good | None, attach: object) -> dict[str, str]:
    """Read what was filled in: one field as it is, several with their types."""
    if good is None or good.kind is not Kind.TOPUP:
        if attach is not None:
            raise Failure(WRONG_FIELD, "充值字段错误")
        return {}
    if not attach:
        raise Failure(NO_ACCOUNT, "充值帐号为空")
    keys = [each.key for each in good.asked]
    if len(keys) == 1 and isinstance(attach, str):
        return {keys[0]: attach}
    if not isinstance(attach, list) or [each.get("attachtype") for each in attach] != keys:
        raise Failure(WRONG_FIELD, "充值字段错误")
    return {each["attachtype"]: each["value"] for each in attach}
