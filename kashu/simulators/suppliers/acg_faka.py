"""acg-faka as a local server: its shared store, with its traps.

What isn't known and had to be chosen: that an item whose sale has stopped answers so to every
question about it; the words for an unknown trade number; that a shop's price is told as PHP tells
floats.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.suppliers.acg_faka_wire import (
    Failure,
    ini,
    parameters_of,
    signature_of,
    yuan,
)
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import Good, House, Kind, NotMade, Order, State, Why
from kashu.simulators.suppliers.simulator import SupplierSimulator

APP_ID: Final = "1001"
APP_KEY: Final = "0F1E2D3C4B5A6978"
NUMBER_MAX: Final = 19
WAITING: Final = "正在发货中，请耐心等待…"
APOLOGY: Final = "很抱歉，有人在你付款之前抢走了商品，请联系客服。"
DONE: Final = "充值成功"
TAKEN: Final = "The request ID already exists"
PAGE: Final = "<!DOCTYPE html><html><body>SQLSTATE[22001]: Data too long</body></html>"
REFUSALS: Final = (
    TAKEN,
    "库存不足",
    "余额不足",
    "商品不存在",
    "当前商品已停售",
    "本商品单次最多购买1个",
    "商户ID不存在",
    "密钥错误",
)
WHY: Final = {
    Why.NO_SUCH_GOOD: "商品不存在",
    Why.NOT_ON_SALE: "当前商品已停售",
    Why.SOLD_OUT: "库存不足",
    Why.NO_MONEY: "余额不足",
}


class AcgFakaSimulator(SupplierSimulator):
    """One shop, and one member of it."""

    def __init__(
        self,
        house: House,
        faults: Faults | None = None,
        *,
        app_id: str = APP_ID,
        app_key: str = APP_KEY,
    ) -> None:
        super().__init__(house, faults)
        self.app_id = app_id
        self.app_key = app_key
        self.asked: list[tuple[str, Mapping[str, Any]]] = []  # paths and parameters let in
        self.by_hand: set[int] = set()  # goods that people deliver, besides all top-ups
        self.waiting: dict[int, str] = {}  # sellers' own sentences, by good
        self.variants: dict[int, dict[str, dict[str, Any]]] = {}  # config, by good
        self.hidden: set[int] = set()  # goods that aren't listed, and are sold all the same
        self.apologies = 0  # the next orders are paid for, and get no card
        self.told: dict[int, dict[str, object]] = {}  # fields told otherwise, by good: bad input
        self._methods: dict[str, Callable[[Mapping[str, Any]], object]] = {
            "authentication/connect": self._connect,
            "commodity/items": self._list,
            "commodity/item": self._one,
            "commodity/stock": self._stock,
            "commodity/valuation": self._valuation,
            "commodity/trade": self._trade,
            "commodity/query": self._query,
        }

    def code_of(self, good: Good) -> str:
        """By which a good is ordered."""
        return f"G{good.good_id}"

    def _places(self, scope: Scope, body: bytes) -> bool:
        del body
        path: str = scope["path"]
        return path == "/shared/commodity/trade"

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        try:
            asked = parameters_of(scope, body)
            self._let_in(asked)
            if len(str(asked.get("request_no", ""))) > NUMBER_MAX:
                await answer(send, PAGE.encode(), media_type="text/html")
                return
            path = scope["path"].removeprefix("/shared/")
            self.asked.append((path, asked))
            data = self._answer(path, asked, scope.get("kashu.fault"))
            told: dict[str, Any] = {"code": 200, "msg": "success", "data": data}
        except Failure as failure:
            told = {"code": 0, "msg": str(failure), "data": []}
        await answer(send, json.dumps(told).encode())

    def _let_in(self, asked: Mapping[str, Any]) -> None:
        if asked.get("app_id") != self.app_id:
            raise Failure("商户ID不存在")
        if asked.get("sign") != signature_of(asked, self.app_key):
            raise Failure("密钥错误")

    def _answer(self, path: str, asked: Mapping[str, Any], fault: Fault | None) -> object:
        if fault is Fault.UNKNOWN_CODE:
            raise Failure("量子涨落")
        method = self._methods.get(path)
        if method is None:
            raise Failure("404 Not Found")
        return method(asked)

    def _connect(self, _: Mapping[str, Any]) -> object:
        return {"shopName": "模拟店铺", "balance": yuan(self.house.balance_e4)}

    def _list(self, _: Mapping[str, Any]) -> object:
        return [{"id": 1, "name": "会员", "children": self._items()}]

    def _one(self, asked: Mapping[str, Any]) -> object:
        return self._item(self._good(asked.get("code")), listed=False)

    def _stock(self, asked: Mapping[str, Any]) -> object:
        good = self._good(asked.get("code"))
        return {"stock": "999" if good.stock is None else str(good.stock)}

    def _valuation(self, asked: Mapping[str, Any]) -> object:
        quantity = int(asked.get("num") or 0)  # without a number the price is nothing
        return {"price": f"{yuan(self._cost_e4(asked, 'code', quantity, told=True)):.2f}"}

    def _items(self) -> list[dict[str, Any]]:
        return [
            self._item(good, listed=True)
            for good in self.house.goods.values()
            if good.on_sale and good.good_id not in self.hidden
        ]

    def _good(self, code: object) -> Good:
        good = next(
            (good for good in self.house.goods.values() if self.code_of(good) == code), None
        )
        if good is None:
            raise Failure("商品不存在")
        if not good.on_sale:
            raise Failure("当前商品已停售")
        return good

    def _item(self, good: Good, *, listed: bool) -> dict[str, Any]:
        """As it is told: lists have widgets and variants as text."""
        price = yuan(self.house.told_price_e4(good))
        config = self.variants.get(good.good_id, {})
        widgets = [
            {
                "name": each.key,
                "cn": each.title,
                "type": "text",
                "regex": each.pattern or ".+",
                "error": f"{each.title}格式错误",
            }
            for each in good.asked
        ]
        return {
            "id": good.good_id,
            "code": self.code_of(good),
            "name": good.title,
            "price": price * 2,  # a guest's
            "user_price": price,
            "factory_price": price / 2,  # the seller's own: it leaks
            "stock": "999" if good.stock is None else str(good.stock),
            "status": 1,
            "api_status": 1,
            "delivery_way": int(self._is_by_hand(good)),
            "minimum": good.least,
            "maximum": good.most or 0,
            "contact_type": 0,
            "password_status": 0,
            "widget": json.dumps(widgets) if listed else widgets,
            "config": ini(config) if listed else config,
            **self.told.get(good.good_id, {}),
        }

    def _is_by_hand(self, good: Good) -> bool:
        return good.kind is Kind.TOPUP or good.good_id in self.by_hand

    def _cost_e4(
        self, asked: Mapping[str, Any], code: str, quantity: int, *, told: bool = False
    ) -> int:
        """What so many cost; a race or an option that the good lacks is passed over."""
        good = self._good(asked.get(code))
        config = self.variants.get(good.good_id, {})
        unit_e4 = self.house.told_price_e4(good) if told else good.unit_cost_e4
        race = config.get("category", {}).get(str(asked.get("race")))
        if race is not None:
            unit_e4 = round(float(race) * 10_000)
        chosen = asked.get("sku") or {}
        for name, options in config.get("sku", {}).items():
            unit_e4 += round(float(options.get(chosen.get(name), 0)) * 10_000)
        return unit_e4 * quantity

    def _trade(self, asked: Mapping[str, Any]) -> object:
        """Goods, fields, limits, stock; only then the number, and money last."""
        good = self._good(asked.get("shared_code"))
        refusal = self.house.refusal()
        if refusal is not None:
            raise Failure(refusal)
        for each in good.asked:
            if not asked.get(each.key):
                raise Failure(f"{each.title}格式错误")
        quantity = int(asked.get("num") or 0)
        cost_e4 = self._cost_e4(asked, "shared_code", quantity)
        number = str(asked.get("request_no", ""))
        try:
            self.house.check(good, quantity)
            if self.house.known(number) is not None:
                raise Failure(TAKEN)
            inputs = {each.key: asked[each.key] for each in good.asked}
            order = self.house.make(good, quantity, number, inputs, cost_e4=cost_e4)
        except NotMade as error:
            few = quantity < good.least
            limit = f"本商品最少购买{good.least}个" if few else f"本商品单次最多购买{good.most}个"
            raise Failure(WHY.get(error.why, limit)) from error
        if self.apologies:
            self.apologies -= 1
            order.cards = ()
        if not self._is_by_hand(good):
            self.house.settle_one(order)
        return {
            "tradeNo": str(order.order_id),
            "amount": yuan(order.charged_e4),
            "secret": self._secret(order),
            "leave_message": None,
            "url": "",
            "stock": good.stock,
        }

    def _query(self, asked: Mapping[str, Any]) -> object:
        number = str(asked.get("tradeNo", ""))
        order = self.house.of_id(int(number)) if number.isdigit() else None
        if order is None:
            raise Failure("订单不存在")
        return {"secret": self._secret(order), "widget": None, "status": 1}

    def _secret(self, order: Order) -> str:
        if order.state is State.UNDER_WAY:
            return self.waiting.get(order.good.good_id, WAITING)
        if order.good.kind is Kind.TOPUP:
            return DONE
        return "\n".join(card.text for card in order.given) or APOLOGY
