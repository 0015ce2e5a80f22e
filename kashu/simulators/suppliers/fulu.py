"""Fulu as a local server: one address, sorted characters, JSON in JSON, encrypted cards.

What isn't documented and had to be chosen: which code says that a product isn't sold (3001), that
fewer or more are wanted than may be (3002), that there are too few (3003) or too little money
(3006); that a request that isn't one answers 1000, and an unknown method 1007.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.fulu_wire import (
    CLOCK,
    MISSING,
    NO_APP,
    NO_METHOD,
    NO_ORDER,
    NOT_SOLD,
    TAKEN,
    UNKNOWN,
    WHY,
    Failure,
    check_sign,
    compact,
    good_told,
    moment_of,
    notice_of_order,
    notice_sent,
    order_told,
    request_of,
    signed,
    template_id,
    template_told,
    yuan,
)
from kashu.simulators.suppliers.house import Fate, Good, House, Kind, NotMade, Order, Trick
from kashu.simulators.suppliers.simulator import SupplierSimulator

APP_KEY: Final = "madeup+app/key=0001"
APP_SECRET: Final = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"  # noqa: S105  (a simulator's)
PATH: Final = "/api/getway"
APART: Final = timedelta(minutes=10)
ADDS: Final = ("fulu.order.card.add", "fulu.order.direct.add")
NUMBER_MAX: Final = 50
FAILING: Final = frozenset({"999999", "13971553804"})  # accounts of the vendor's sandbox
LONGEST: Final = {"charge_account": 50, "charge_type": 20, "charge_ip": 20, "contact_tel": 15}
OTHER_NUMBER: Final = "SOMEBODYELSES000001"


class FuluSimulator(SupplierSimulator):
    """The gateway, for one merchant."""

    def __init__(
        self,
        house: House,
        faults: Faults | None = None,
        *,
        app_key: str = APP_KEY,
        app_secret: str = APP_SECRET,
    ) -> None:
        super().__init__(house, faults)
        self.app_key = app_key
        self.app_secret = app_secret
        self.asked: list[tuple[str, Mapping[str, Any]]] = []  # methods, and what was let in
        self.told: dict[str, object] = {}  # fields of orders told otherwise: bad input
        self._methods: dict[str, Callable[[Mapping[str, Any]], object]] = {
            "fulu.user.info.get": self._user,
            "fulu.goods.list.get": self._list,
            "fulu.goods.info.get": self._info,
            "fulu.goods.template.get": self._template,
        }

    def notice(
        self, order: Order, shape: str = "json", *, escaped: bool = False
    ) -> tuple[str, str, dict[str, str], bytes]:
        """Write what is sent to the address in the console: method, query, headers, body."""
        strange = Trick.NOTICE_OF_ANOTHER in self.house.tricks
        fields = notice_of_order(order, OTHER_NUMBER if strange else order.number)
        return notice_sent(fields, self.app_secret, shape, escaped=escaped)

    def _places(self, scope: Scope, body: bytes) -> bool:
        return scope["path"] == PATH and any(method.encode() in body for method in ADDS)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        if (scope["method"], scope["path"]) != ("POST", PATH):
            await answer(send, b"not found", status=404, media_type="text/plain")
            return
        headers = dict(scope["headers"])
        try:
            result = compact(self._answer(body, headers, scope.get("kashu.fault")))
            told: dict[str, Any] = {"code": 0, "message": "接口调用成功", "result": result}
            told["sign"] = signed(self.app_secret, result)
        except Failure as failure:
            told = {"code": failure.code, "message": failure.message, "result": "", "sign": ""}
        await answer(send, compact(told).encode())

    def _answer(self, body: bytes, headers: Mapping[bytes, bytes], fault: Fault | None) -> object:
        told = request_of(body, headers.get(b"content-type", b"").decode())
        if told["app_key"] != self.app_key:
            raise Failure(NO_APP)
        check_sign(told, self.app_secret)
        if abs(moment_of(told["timestamp"]) - self.now()) > APART:
            raise Failure(CLOCK)
        asked = json.loads(told["biz_content"])
        method = told["method"]
        self.asked.append((method, asked))
        if fault is Fault.UNKNOWN_CODE:
            raise Failure(UNKNOWN)
        state = "hibernating" if fault is Fault.UNKNOWN_STATE else None
        if method in ADDS:
            order = self._add(method, asked)
            return order_told(order, self.app_secret, cards=False, state=state) | self.told
        if method == "fulu.order.info.get":
            found = self.house.of_number(str(asked.get("customer_order_no")))
            if found is None:
                raise Failure(NO_ORDER)
            return order_told(found, self.app_secret, cards=True, state=state) | self.told
        if method not in self._methods:
            raise Failure(NO_METHOD)
        return self._methods[method](asked)

    def _add(self, method: str, asked: Mapping[str, Any]) -> Order:
        number, quantity, good_id = (
            asked.get(name) for name in ("customer_order_no", "buy_num", "product_id")
        )
        if not isinstance(number, str) or not 0 < len(number) <= NUMBER_MAX:
            raise Failure(MISSING)
        if type(quantity) is not int or type(good_id) is not int:
            raise Failure(MISSING)
        if self.house.known(number) is not None:
            raise Failure(TAKEN)
        if refusal := self.house.refusal():
            raise Failure(int(refusal))
        good = self.house.goods.get(good_id)
        fits = good is None or (good.kind is Kind.TOPUP) == (method == ADDS[1])
        inputs = {name: told for name, told in asked.items() if isinstance(told, str)}
        if not fits or (good is not None and not self._is_filled_in(good, inputs)):
            raise Failure(MISSING)
        try:
            order = self.house.make(good, quantity, number, inputs)
        except NotMade as error:
            raise Failure(WHY[error.why]) from error
        if inputs.get("charge_account") in FAILING:
            order.fate = Fate.FAIL
        return order

    def _is_filled_in(self, good: Good, inputs: Mapping[str, str]) -> bool:
        wanted = {each.key for each in good.asked}
        if good.kind is Kind.TOPUP:
            wanted.add("charge_account")
        short = all(len(inputs.get(name, "")) <= longest for name, longest in LONGEST.items())
        return short and all(inputs.get(name) for name in wanted)

    def _user(self, _: Mapping[str, Any]) -> object:
        return {"name": "模拟商户", "balance": yuan(self.house.balance_e4), "is_open": 1}

    def _list(self, _: Mapping[str, Any]) -> object:
        goods = [good for good in self.house.goods.values() if good.on_sale]
        return [good_told(good, self.house.told_price_e4(good)) for good in goods]

    def _info(self, asked: Mapping[str, Any]) -> object:
        number = str(asked.get("product_id"))
        good = self.house.goods.get(int(number)) if number.isdigit() else None
        if good is None:
            raise Failure(NOT_SOLD)
        return good_told(good, self.house.told_price_e4(good))

    def _template(self, asked: Mapping[str, Any]) -> object:
        wanted = asked.get("template_id")
        goods = self.house.goods.values()
        good = next((each for each in goods if template_id(each) == wanted and wanted), None)
        if good is None:
            raise Failure(NOT_SOLD)
        return template_told(good)
