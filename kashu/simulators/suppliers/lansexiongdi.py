"""1688sup as a local server: signed forms, codes of four digits, top-ups one at a time.

What isn't documented and had to be chosen: that times may be five minutes apart; that a product
which isn't sold isn't listed.
"""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import md5
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, urlencode

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import House, NotMade, Order, State, Trick, Why
from kashu.simulators.suppliers.simulator import SupplierSimulator

MERCHANT_ID: Final = "10023"
KEY: Final = "made0up1lansexiongdi2key3made0up"
APART_S: Final = 300
ORDER: Final = "/recharge/order"
ACCOUNTS: Final = {"1": r"1[3-9]\d{9}", "2": r"[1-9]\d{4,9}", "0": r".+"}
STATUS: Final = {State.UNDER_WAY: "02", State.SUCCEEDED: "01", State.FAILED: "03"}
WHY: Final = {
    Why.NO_SUCH_GOOD: "1006",
    Why.NOT_ON_SALE: "1006",
    Why.LIMITS: "1001",
    Why.SOLD_OUT: "1006",
    Why.NO_MONEY: "1008",
}
UNKNOWN_CODE, UNKNOWN_STATUS = "1077", "09"
OTHER_NUMBER: Final = "SOMEBODYELSES000001"

Params: TypeAlias = Mapping[str, str]


class Failure(Exception):
    """A refusal."""

    def __init__(self, code: str, message: str = "") -> None:
        self.code = code
        self.message = message or f"错误{code}"
        super().__init__(code)


def signed(params: Params, key: str) -> str:
    """Sign what isn't empty; the version and the extended parameters take no part."""
    text = ""
    for name in sorted(params):
        if params[name] and name not in {"sign", "version", "extendParameter"}:
            text += f"{name}={params[name]}&"
    return md5(f"{text}key={key}".encode(), usedforsecurity=False).hexdigest().upper()


class LansexiongdiSimulator(SupplierSimulator):
    """One platform, and one merchant of it."""

    def __init__(
        self,
        house: House,
        faults: Faults | None = None,
        *,
        merchant_id: str = MERCHANT_ID,
        key: str = KEY,
    ) -> None:
        super().__init__(house, faults)
        self.merchant_id = merchant_id
        self.key = key
        self.asked: list[tuple[str, Params]] = []  # paths, and what was let in
        self.told: dict[str, Any] = {}  # fields of orders told otherwise: bad input
        self._paths: dict[str, Callable[[Params], dict[str, Any]]] = {
            ORDER: self._order,
            "/recharge/query": self._query,
            "/recharge/info": lambda _: {"balance": _yuan(self.house.balance_e4)},
            "/recharge/product": self._products,
        }

    def notice(self, order: Order) -> bytes:
        """Write what is posted to an order's address; nothing tells when."""
        strange = Trick.NOTICE_OF_ANOTHER in self.house.tricks
        fields = {
            "merchantId": self.merchant_id,
            "outTradeNo": OTHER_NUMBER if strange else order.number,
            "rechargeAccount": order.inputs.get("rechargeAccount", ""),
            "status": STATUS[order.state],
        }
        return urlencode(fields | {"sign": signed(fields, self.key)}).encode()

    def _places(self, scope: Scope, body: bytes) -> bool:
        del body
        return bool(scope["path"] == ORDER)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        path, fault = scope["path"], scope.get("kashu.fault")
        if path not in self._paths or scope["method"] != "POST":
            await answer(send, b"<html>404</html>", status=404, media_type="text/html")
            return
        try:
            told = self._answer(path, self._let_in(scope, body), fault)
        except Failure as failure:
            told = {"code": failure.code, "message": failure.message}
        await answer(send, json.dumps(told, ensure_ascii=False).encode())

    def _answer(self, path: str, params: Params, fault: Fault | None) -> dict[str, Any]:
        if fault is Fault.THROTTLED:
            raise Failure("1099", "请求限制频率,请稍后再试")
        if fault is Fault.UNKNOWN_CODE:
            raise Failure(UNKNOWN_CODE, "Insufficient Balance")
        self.asked.append((path, params))
        good = "2000" if path == ORDER else "0000"
        told = {"code": good, "message": "ok", **self._paths[path](params)}
        if fault is Fault.UNKNOWN_STATE and "status" in told:
            told["status"] = UNKNOWN_STATUS
        return told

    def _let_in(self, scope: Scope, body: bytes) -> Params:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        params = dict(pairs)
        if len(params) != len(pairs) or not headers.get("content-type", "").startswith(
            "application/x-www-form-urlencoded"
        ):
            raise Failure("1001", "Missing parameters")
        if params.get("version") != "1.0" or not params.get("timeStamp", "").isdigit():
            raise Failure("1001", "Missing parameters")
        if params.get("merchantId") != self.merchant_id:
            raise Failure("1002", "Invalid merchant")
        if params.get("sign") != signed(params, self.key):
            raise Failure("1003", "Invalid signature")
        if abs(self.now().timestamp() - int(params["timeStamp"])) > APART_S:
            raise Failure("1004", "Request expiration")
        return params

    def _order(self, params: Params) -> dict[str, Any]:
        number = params.get("outTradeNo", "")
        if not 2 <= len(number) <= 64 or not params.get("notifyUrl"):  # noqa: PLR2004
            raise Failure("1001", "Missing parameters")
        if params.get("number") != "1":
            raise Failure("1001", "Missing parameters")
        if self.house.known(number) is not None:
            raise Failure("1005", "Order repeat")
        if refusal := self.house.refusal():
            raise Failure(*refusal.split(" ", 1))
        kind, account = params.get("accountType", ""), params.get("rechargeAccount", "")
        if kind not in ACCOUNTS or not re.fullmatch(ACCOUNTS[kind], account):
            raise Failure("1011", "Account format matching")
        more = json.loads(params.get("extendParameter", "{}"))
        good = self.house.goods.get(_id(params.get("productId", "")))
        inputs = {"rechargeAccount": account, **more}
        if good is not None and set(inputs) != {each.key for each in good.asked}:
            raise Failure("1001", "Missing parameters")
        try:
            self.house.make(good, 1, number, inputs, params["notifyUrl"])
        except NotMade as error:
            raise Failure(WHY[error.why], error.why.value) from error
        return {}

    def _query(self, params: Params) -> dict[str, Any]:
        order = self.house.of_number(params.get("outTradeNo", ""))
        if order is None:
            raise Failure("1012", "no order")
        told = {"status": STATUS[order.state], "message": "", "outTradeNo": order.number}
        return told | self.told

    def _products(self, params: Params) -> dict[str, Any]:
        del params
        return {
            "products": [
                {
                    "product_id": str(good.good_id),
                    "channel_price": _yuan(self.house.told_price_e4(good)),
                    "item_name": good.title,
                    "original_price": _yuan(good.face_value_e4),
                }
                for good in self.house.goods.values()
                if good.on_sale
            ]
        }


def _yuan(amount_e4: int) -> str:
    return f"{Decimal(amount_e4) / 10_000:.4f}"


def _id(written: str) -> int:
    return int(written) if written.isdigit() else 0
