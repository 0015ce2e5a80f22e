"""Julangyun 聚浪云 as a local server: signatures, sealed cards, its codes.

Names of fields in answers, how goods are typed and which of 1201 to 1203 means what aren't
documented and had to be chosen, as docs/reference/suppliers/julangyun.md says.
"""

import base64
import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import Good, House, Kind, NotMade, Order, State, Trick, Why
from kashu.simulators.suppliers.simulator import SupplierSimulator

USER: Final = "U10001"
TOKEN: Final = "3ac1f0d2b4e5968778695a4b3c2d1e0f"  # noqa: S105  (made up)
TOLERANCE: Final = timedelta(minutes=10)
SIZE_MAX: Final = 50
STATES: Final = {
    State.UNDER_WAY: 20,
    State.SUCCEEDED: 30,
    State.FAILED: 40,
    State.REFUNDED: 30,  # the state stays, the sum tells
}
CODES: Final = {
    Why.NO_SUCH_GOOD: 1201,
    Why.NOT_ON_SALE: 1202,
    Why.LIMITS: 400,
    Why.SOLD_OUT: 1203,
    Why.NO_MONEY: 1104,
}


class Failure(Exception):
    """An error with its code."""

    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(str(code))


class JulangyunSimulator(SupplierSimulator):
    """One merchant's account."""

    def __init__(
        self,
        house: House,
        faults: Faults | None = None,
        *,
        user: str = USER,
        token: str = TOKEN,
    ) -> None:
        super().__init__(house, faults)
        self.user, self.token = user, token
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def notice(self, order: Order, *, at: timedelta = timedelta()) -> tuple[dict[str, str], bytes]:
        """Write what is posted to an order's address: headers and body. `at`: how far from now."""
        strange = Trick.NOTICE_OF_ANOTHER in self.house.tricks
        body = {
            "accessOrderNo": "SOMEBODYELSES000001" if strange else order.number,
            "orderNo": their_number(order),
            "orderStatus": STATES[order.state],
            "refundAmount": yuan(order.refunded_e4) if order.refunded_e4 else "",
        }
        stamp = str(int((self.now() + at).timestamp() * 1000))
        texts = {name: str(value) for name, value in body.items()}
        signature = self._signed({"userCode": self.user, "timestamp": stamp, **texts})
        headers = {"usercode": self.user, "timestamp": stamp, "sign": signature}
        return headers, json.dumps(body).encode()

    def _signed(self, params: dict[str, str]) -> str:
        text = ""
        for name in sorted(params):
            if params[name] != "":
                text += f"{name}{params[name]}"
        return hashlib.md5((text + self.token).encode()).hexdigest()  # noqa: S324  (theirs)

    def _places(self, scope: Scope, body: bytes) -> bool:
        del body
        return bool(scope["path"] == "/api/recharge/order/submit")

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, fault = await read_body(receive), scope.get("kashu.fault")
        told: dict[str, Any]
        try:
            asked = self._let_in(scope, body)
            self.asked.append((scope["path"], asked))
            found = self._answer(scope["method"], scope["path"], asked, fault)
            told = {"code": 200, "message": "成功", "data": found}
            if fault is Fault.UNKNOWN_STATE and "orderStatus" in found:
                found["orderStatus"] = 77
        except Failure as failure:
            told = {"code": failure.code, "message": "失败", "data": None}
        await answer(send, json.dumps(told, ensure_ascii=False).encode())

    def _let_in(self, scope: Scope, body: bytes) -> dict[str, Any]:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        user, stamp = headers.get("usercode", ""), headers.get("timestamp", "")
        asked: dict[str, Any] = {}
        if scope["method"] == "POST":
            try:
                asked = json.loads(body)
            except ValueError as error:
                raise Failure(400) from error
        texts = {name: str(value) for name, value in asked.items()}
        if "" in texts.values():  # they aren't to be sent
            raise Failure(400)
        signature = self._signed({"userCode": user, "timestamp": stamp, **texts})
        if user != self.user:
            raise Failure(1004)
        if headers.get("sign") != signature:
            raise Failure(1001)
        moment = int(stamp) / 1000 if stamp.isdigit() else 0.0
        if abs(self.now().timestamp() - moment) > TOLERANCE.total_seconds():
            raise Failure(1003)
        return asked

    def _answer(
        self, method: str, path: str, asked: dict[str, Any], fault: Fault | None
    ) -> dict[str, Any]:
        if fault is Fault.UNKNOWN_CODE:
            raise Failure(1999)
        match method, path.removeprefix("/api/recharge/"):
            case "POST", "goods/list":
                return self._list(asked)
            case "POST", "goods/detail":
                return self._goods(self._good(asked.get("goodsCode", "")))
            case "POST", "order/submit":
                return self._told(self._make(asked))
            case "POST", "order/detail":
                return self._told(self._order(asked))
            case "POST", "order/cancel":
                if not self.house.cancel(self._order(asked)):
                    raise Failure(400)
                return {}
            case "GET", "user/amount/detail":
                return {"amount": yuan(self.house.balance_e4)}
            case _:
                raise Failure(400)

    def _list(self, asked: dict[str, Any]) -> dict[str, Any]:
        number, size = asked.get("pageNum"), asked.get("pageSize")
        if not isinstance(number, int) or not isinstance(size, int) or not 1 <= size <= SIZE_MAX:
            raise Failure(400)
        goods = [good for good in self.house.goods.values() if good.on_sale]
        page = goods[(number - 1) * size : number * size]
        return {"total": len(goods), "list": [self._goods(good) for good in page]}

    def _good(self, code: str) -> Good:
        found = next((each for each in self.house.goods.values() if goods_code(each) == code), None)
        if found is None:
            raise Failure(1201)
        return found

    def _goods(self, good: Good) -> dict[str, Any]:
        return {
            "goodsCode": goods_code(good),
            "goodsName": good.title,
            "goodsType": 2 if good.kind is Kind.TOPUP else 1,
            "price": yuan(self.house.told_price_e4(good)),
            "status": 1 if good.on_sale else 0,
            "stock": good.stock,
        }

    def _make(self, asked: dict[str, Any]) -> Order:
        number, quantity = asked.get("accessOrderNo", ""), asked.get("orderNum")
        if not number or not isinstance(quantity, int):
            raise Failure(400)
        if self.house.known(number) is not None:
            raise Failure(1302)
        refusal = self.house.refusal()
        if refusal is not None:
            raise Failure(int(refusal))
        good = self._good(asked.get("goodsCode", ""))
        account = asked.get("rechargeAccount", "")
        if good.kind is Kind.TOPUP and not account:
            raise Failure(400)
        limit = asked.get("accessPrice")
        if limit is not None and good.on_sale and float(limit) < good.unit_cost_e4 / 10_000:
            raise Failure(1304)
        inputs = {"rechargeAccount": account}
        try:
            return self.house.make(good, quantity, number, inputs, asked.get("callbackUrl", ""))
        except NotMade as error:
            raise Failure(CODES[error.why]) from error

    def _order(self, asked: dict[str, Any]) -> Order:
        order = self.house.of_number(asked.get("accessOrderNo", ""))
        if order is None:
            raise Failure(1301)
        return order

    def _told(self, order: Order) -> dict[str, Any]:
        told: dict[str, Any] = {
            "accessOrderNo": order.number,
            "orderNo": their_number(order),
            "goodsCode": goods_code(order.good),
            "orderNum": order.quantity,
            "orderStatus": STATES[order.state],
            "orderAmount": yuan(order.charged_e4),
            "refundAmount": yuan(order.refunded_e4) if order.refunded_e4 else None,
            "rechargeAccount": order.inputs.get("rechargeAccount"),
        }
        if order.given:
            cards = [{"cardNo": card.number, "cardPwd": card.password} for card in order.given]
            told["cards"] = sealed(self.token, json.dumps(cards, ensure_ascii=False))
        return told


def goods_code(good: Good) -> str:
    """How a product is named."""
    return f"G{good.good_id}"


def their_number(order: Order) -> str:
    """How an order is named."""
    return f"JL{order.order_id}"


def yuan(amount_e4: int) -> str:
    """Write an amount with four decimals."""
    return f"{amount_e4 // 10_000}.{amount_e4 % 10_000:04d}"


def sealed(token: str, text: str) -> str:
    """Encrypt as its sample does: a vector, then AES-256-CBC under the token's MD5 as text."""
    key = hashlib.md5(token.encode()).hexdigest().encode()  # noqa: S324  (theirs)
    vector, plain = secrets.token_bytes(16), text.encode()
    pad = 16 - len(plain) % 16
    making = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return base64.b64encode(vector + making.update(plain + bytes([pad]) * pad)).decode()
