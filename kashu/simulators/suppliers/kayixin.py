"""A Kayixin shop as a local server: signed raw bodies, cards in clear, and sealed in notices.

What isn't documented and had to be chosen: the code of a failure (1001) and its words; that times
may be five minutes apart; that a number of ours that is there already is refused; that the count
of an order is what all its pieces give.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import Good, House, Kind, NotMade, Order, Trick
from kashu.simulators.suppliers.kayixin_wire import (
    UNKNOWN,
    VERSION,
    WHY,
    Failure,
    card_told,
    good_told,
    order_told,
    sealed,
    signed,
    theirs,
    written,
    yuan,
)
from kashu.simulators.suppliers.simulator import SupplierSimulator

APP_ID: Final = "10020"
APP_SECRET: Final = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"  # noqa: S105  (a simulator's)
APART: Final = timedelta(minutes=5)
PAGE: Final = 20
CREATE: Final = "/api/v3/order/create"
CREATE_FIELDS: Final = frozenset(
    {"goodsId", "count", "notifyUrl", "outerNumber", "safePrice", "sku", "attach"}
)
UNKNOWN_STATUS: Final = 66
OTHER_NUMBER: Final = "SOMEBODYELSES000001"


class KayixinSimulator(SupplierSimulator):
    """One shop, and one customer of it."""

    def __init__(
        self,
        house: House,
        faults: Faults | None = None,
        *,
        app_id: str = APP_ID,
        app_secret: str = APP_SECRET,
    ) -> None:
        super().__init__(house, faults)
        self.app_id = app_id
        self.app_secret = app_secret
        self.at_once = False  # whether the answer to an order has its cards, where they are there
        self.multiples: dict[int, int] = {}  # how many one piece gives, by product
        self.skus: dict[int, str] = {}  # the only variant of a product that has variants
        self.asked: list[tuple[str, Mapping[str, Any]]] = []  # paths, and what was let in
        self.told: dict[str, object] = {}  # fields of orders told otherwise: bad input
        self._paths: dict[str, Callable[[Mapping[str, Any]], object]] = {
            "/api/v3/user/getAccount": lambda _: {"balance": yuan(self.house.balance_e4)},
            "/api/v3/goods/getList": self._list,
            "/api/v3/goods/getDetail": self._detail,
            CREATE: self._create,
            "/api/v3/order/refunds": self._refunds,
        }

    def notice(self, order: Order, *, at: timedelta = timedelta()) -> tuple[dict[str, str], bytes]:
        """Write what is posted to an order's address: headers and body. `at`: how far from now."""
        fields = order_told(order, None, order.quantity)
        if Trick.NOTICE_OF_ANOTHER in self.house.tricks:
            fields["outerNumber"] = OTHER_NUMBER
        cards = [card_told(card, number) for number, card in enumerate(order.given, 1)]
        fields["cards"] = sealed(written(cards), self.app_secret) if cards else ""
        del fields["count"]
        return self._posted(written(fields), at)

    def goods_notice(self, good: Good) -> tuple[dict[str, str], bytes]:
        """Write what is posted when a product changed."""
        fields = {"goodsId": good.good_id, "money": yuan(good.unit_cost_e4), "status": 1}
        return self._posted(written(fields), timedelta())

    def _posted(self, body: bytes, at: timedelta) -> tuple[dict[str, str], bytes]:
        time = str(int((self.now() + at).timestamp()))
        headers = {
            "x-app-id": self.app_id,
            "x-version": VERSION,
            "x-timestamp": time,
            "x-signature": signed(self.app_id, self.app_secret, time, body),
            "content-type": "application/json",
        }
        return headers, body

    def _places(self, scope: Scope, body: bytes) -> bool:
        del body
        return bool(scope["path"] == CREATE)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        try:
            params = self._let_in(scope, body)
            data = self._answer(scope["path"], params, scope.get("kashu.fault"))
            told: dict[str, Any] = {"code": 1000, "msg": "success", "data": data}
        except Failure as failure:
            told = {"code": failure.code, "msg": failure.message}
        await answer(send, written(told))

    def _let_in(self, scope: Scope, body: bytes) -> Mapping[str, Any]:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        app, version, time, sign = (
            headers.get(f"x-{name}", "") for name in ("app-id", "version", "timestamp", "signature")
        )
        if scope["method"] != "POST" or version != VERSION:
            raise Failure("请求方式错误")
        if app != self.app_id:
            raise Failure("客户编号不存在")
        if not time.isdigit() or signed(app, self.app_secret, time, body) != sign:
            raise Failure("签名错误")
        if abs(self.now().timestamp() - int(time)) > APART.total_seconds():
            raise Failure("时间戳已过期")
        try:
            params = json.loads(body)
        except ValueError as error:
            raise Failure("参数格式错误") from error
        if not isinstance(params, dict):
            raise Failure("参数格式错误")
        return params

    def _answer(self, path: str, params: Mapping[str, Any], fault: Fault | None) -> object:
        self.asked.append((path, params))
        if fault is Fault.UNKNOWN_CODE:
            raise Failure("余额与库存变动中", UNKNOWN)
        if path == "/api/v3/order/getDetail":
            order = self._order_of(params)
            status = UNKNOWN_STATUS if fault is Fault.UNKNOWN_STATE else None
            return order_told(order, status, order.quantity) | self.told
        if path not in self._paths:
            raise Failure("接口不存在")
        return self._paths[path](params)

    def _told(self, good: Good, *, detail: bool) -> dict[str, Any]:
        price_e4 = self.house.told_price_e4(good)
        multiple = self.multiples.get(good.good_id, 1)
        return good_told(good, price_e4, multiple, self.skus.get(good.good_id, ""), detail=detail)

    def _list(self, params: Mapping[str, Any]) -> object:
        page = int(params.get("page") or 1)
        goods = list(self.house.goods.values())
        items = [self._told(good, detail=False) for good in goods[(page - 1) * PAGE : page * PAGE]]
        return {"allCount": len(goods), "allPage": -(-len(goods) // PAGE), "items": items}

    def _good(self, number: object) -> Good:
        good = self.house.goods.get(number) if type(number) is int else None
        if good is None:
            raise Failure("商品不存在")
        return good

    def _detail(self, params: Mapping[str, Any]) -> object:
        return self._told(self._good(params.get("goodsId")), detail=True)

    def _create(self, params: Mapping[str, Any]) -> object:
        if set(params) != CREATE_FIELDS or type(params["count"]) is not int:
            raise Failure("参数不完整")
        number, limit, attach = params["outerNumber"], params["safePrice"], params["attach"]
        if not isinstance(number, str) or isinstance(limit, str) or not isinstance(attach, list):
            raise Failure("参数格式错误")
        if self.house.known(number) is not None:
            raise Failure("采购单号重复")
        if refusal := self.house.refusal():
            code, _, message = refusal.partition(" ")
            raise Failure(message, int(code))
        good = self._good(params["goodsId"])
        if params["sku"] != self.skus.get(good.good_id, ""):
            raise Failure("规格编码错误")
        pieces = params["count"] * self.multiples.get(good.good_id, 1)
        if good.unit_cost_e4 * pieces > round(limit * 10_000):
            raise Failure("订单总成本高于安全价格")
        inputs = {str(each["name"]): str(each["value"]) for each in attach}
        wanted = {each.key for each in good.asked}
        if good.kind is Kind.TOPUP and any(not inputs.get(key) for key in wanted):
            raise Failure("充值信息不完整")
        try:
            order = self.house.make(good, pieces, number, inputs, params["notifyUrl"])
        except NotMade as error:
            raise Failure(WHY[error.why]) from error
        if self.at_once:
            self.house.settle_one(order)
        given = enumerate(order.given, 1)
        return {"orderNumber": theirs(order), "cards": [card_told(card, n) for n, card in given]}

    def _order_of(self, params: Mapping[str, Any]) -> Order:
        outer, own = params.get("outerNumber"), params.get("orderNumber")
        for order in self.house.orders:
            if (outer and order.number == outer) or (own and theirs(order) == own):
                return order
        raise Failure("订单不存在")

    def _refunds(self, params: Mapping[str, Any]) -> object:
        order = self._order_of(params)
        if not self.house.cancel(order):
            raise Failure("当前订单不支持退款")
        return {"status": 4}
