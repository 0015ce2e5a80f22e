"""Reloadly's gift cards as a local server: tokens, denominations, cards that come late.

What isn't documented and had to be chosen: the codes of its errors, that a product which isn't
sold answers 404 and one that is sold out is INACTIVE, and that a repeated identifier makes a second
order. Pages are counted from 0 as in recorded answers; `first_page` 1 counts them from 1.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs

from kashu.simulators.faults import Receive, Scope, Send, read_body
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import Good, House, NotMade, Order, State, Trick, Why
from kashu.simulators.suppliers.simulator import SupplierSimulator

CLIENT_ID: Final = "made-up-client-0001"
CLIENT_SECRET: Final = "made-up-client-secret-0123456789"  # noqa: S105  (a simulator's)
WEBHOOK_SECRET: Final = "whsec_made_up_0001"  # noqa: S105  (likewise)
ACCEPT: Final = b"application/com.reloadly.giftcards-v1+json"
TOKEN_LIVES: Final = timedelta(hours=24)
SIZE_MAX: Final = 200
TIME: Final = "%Y-%m-%d %H:%M:%S"
STATUS: Final = {
    State.UNDER_WAY: "PROCESSING",
    State.SUCCEEDED: "SUCCESSFUL",
    State.FAILED: "FAILED",
    State.REFUNDED: "REFUNDED",
}
CODE_OF: Final = {
    Why.NO_SUCH_GOOD: (404, "PRODUCT_NOT_FOUND"),
    Why.NOT_ON_SALE: (400, "PRODUCT_NOT_AVAILABLE"),
    Why.LIMITS: (400, "INVALID_QUANTITY"),
    Why.SOLD_OUT: (400, "PRODUCT_NOT_AVAILABLE"),
    Why.NO_MONEY: (400, "INSUFFICIENT_BALANCE"),
}


class Failure(Exception):
    """An error with its status and code."""

    def __init__(self, status: int, code: str) -> None:
        self.status, self.code = status, code
        super().__init__(code)


class ReloadlySimulator(SupplierSimulator):
    """One account, its token server included."""

    def __init__(self, house: House, faults: Faults | None = None) -> None:
        super().__init__(house, faults)
        self.asked: list[tuple[str, str, bytes]] = []
        self.tokens: dict[str, datetime] = {}  # and when they end
        self.first_page = 0
        self.held_back = 0  # how many of an order's cards lag behind its success
        self.token_outage = False

    def notice(
        self,
        order: Order,
        *,
        secret: str = WEBHOOK_SECRET,
        at: timedelta = timedelta(),
        within: str = "data",
    ) -> tuple[dict[str, str], bytes]:
        """Write what is posted of an order: headers and body. `within`: where its facts stand."""
        strange = Trick.NOTICE_OF_ANOTHER in self.house.tricks
        facts: dict[str, Any] = {
            "transactionId": order.order_id,
            "customIdentifier": "SOMEBODYELSES000001" if strange else order.number,
            "status": STATUS[order.state],
        }
        told = {"type": "giftcard_transaction.status", "liveMode": False}
        body = json.dumps({**told, **({within: facts} if within else facts)}).encode()
        stamp = str(int((self.now() + at).timestamp() * 1000))
        text = body + b":" + stamp.encode()
        signature = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
        headers = {"x-reloadly-signature": signature, "x-reloadly-request-timestamp": stamp}
        return headers, body

    def _places(self, scope: Scope, body: bytes) -> bool:
        del body
        return (scope["method"], scope["path"]) == ("POST", "/orders")

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, fault = await read_body(receive), scope.get("kashu.fault")
        query = {name: each[0] for name, each in parse_qs(scope["query_string"].decode()).items()}
        more: list[tuple[bytes, bytes]] = []
        try:
            told, status = self._let_through(scope, query, body, fault), 200
        except Failure as failure:
            status = failure.status
            told = {
                "timeStamp": self.now().strftime(TIME),
                "message": failure.code.replace("_", " ").capitalize(),
                "path": scope["path"],
                "errorCode": failure.code,
                "infoLink": None,
                "details": [],
            }
            if status == 429:  # noqa: PLR2004
                more = [(b"retry-after", b"7")]
        if fault is Fault.UNKNOWN_STATE:
            for each in told.get("content", [told]) if isinstance(told, dict) else []:
                if "transactionId" in each:
                    each["status"] = "HIBERNATING"
        content = json.dumps(told).encode()
        headers = [(b"content-type", b"application/json"), *more]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content, "more_body": False})

    def _let_through(
        self, scope: Scope, query: Mapping[str, str], body: bytes, fault: Fault | None
    ) -> Any:  # noqa: ANN401  (whatever is answered)
        headers = dict(scope["headers"])
        if (scope["method"], scope["path"]) == ("POST", "/oauth/token"):
            return self._token(headers, body)
        bearer = headers.get(b"authorization", b"").decode().removeprefix("Bearer ")
        if self.tokens.get(bearer, self.now()) <= self.now():
            raise Failure(401, "INVALID_TOKEN")
        if headers.get(b"accept") != ACCEPT:
            raise Failure(406, "NOT_ACCEPTABLE")
        self.asked.append((scope["method"], scope["path"], body))
        if fault is Fault.THROTTLED:
            raise Failure(429, "TOO_MANY_REQUESTS")
        if fault is Fault.UNKNOWN_CODE:
            raise Failure(409, "QUANTUM_FLUX")
        return self._answer(scope["method"], scope["path"], query, body)

    def _token(self, headers: Mapping[bytes, bytes], body: bytes) -> dict[str, Any]:
        if self.token_outage:
            raise Failure(503, "OUT_OF_ORDER")
        asked = json.loads(body)
        expected = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "grant_type": "client_credentials",
            "audience": f"http://{headers[b'host'].decode()}",
        }
        if asked != expected:
            raise Failure(401, "ACCESS_DENIED")
        token = secrets.token_urlsafe(24)
        self.tokens[token] = self.now() + TOKEN_LIVES
        lives = int(TOKEN_LIVES.total_seconds())
        return {"access_token": token, "expires_in": lives, "token_type": "Bearer"}

    def _answer(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Any:  # noqa: ANN401
        found: Any
        match method, path.strip("/").split("/"):
            case "GET", ["accounts", "balance"]:
                found = {"balance": dollars(self.house.balance_e4), "currencyCode": "USD"}
            case "GET", ["products"]:
                goods = [good for good in self.house.goods.values() if good.on_sale]
                found = self._page([self._product(good) for good in goods], query)
            case "GET", ["products", number]:
                found = self._product(self._good(number))
            case "POST", ["orders"]:
                found = self._told(self._make(body))
            case "GET", ["orders", "transactions", number, "cards"]:
                found = self._cards(self._order(number))
            case "GET", ["reports", "transactions"]:
                found = self._page([self._told(order) for order in self._found(query)], query)
            case "GET", ["reports", "transactions", number]:
                found = self._told(self._order(number))
            case _:
                raise Failure(404, "NOT_FOUND")
        return found

    def _good(self, number: str) -> Good:
        good = self.house.goods.get(int(number)) if number.isdigit() else None
        if good is None or not good.on_sale:
            raise Failure(404, "PRODUCT_NOT_FOUND")
        return good

    def _product(self, good: Good) -> dict[str, Any]:
        face, cost = dollars(good.face_value_e4), dollars(self.house.told_price_e4(good))
        return {
            "productId": good.good_id,
            "productName": good.title,
            "global": False,
            "status": "ACTIVE" if good.cards else "INACTIVE",
            "senderFee": 0.0,
            "senderFeePercentage": 0.0,
            "discountPercentage": 0.0,
            "denominationType": "FIXED",
            "recipientCurrencyCode": "EUR",
            "minRecipientDenomination": None,
            "maxRecipientDenomination": None,
            "senderCurrencyCode": "USD",
            "fixedRecipientDenominations": [face],
            "fixedSenderDenominations": [cost],
            "fixedRecipientToSenderDenominationsMap": {f"{face}": cost},
            "brand": {"brandId": 3, "brandName": good.group},
            "country": {"isoName": "AT", "name": "Austria"},
        }

    def _make(self, body: bytes) -> Order:
        asked = json.loads(body)
        quantity, face = asked.get("quantity"), asked.get("unitPrice")
        numbers = (int, float)
        if not isinstance(quantity, int) or not isinstance(face, numbers) or quantity < 1:
            raise Failure(400, "INVALID_REQUEST")
        if not asked.get("senderName") or not isinstance(asked.get("productId"), int):
            raise Failure(400, "INVALID_REQUEST")
        refusal = self.house.refusal()
        if refusal is not None:
            status, _, code = refusal.partition(" ")
            raise Failure(int(status), code)
        good = self.house.goods.get(asked["productId"])
        if good is not None and round(face * 10_000) != good.face_value_e4:
            raise Failure(400, "INVALID_UNIT_PRICE")
        try:
            return self.house.make(good, quantity, str(asked.get("customIdentifier", "")))
        except NotMade as error:
            raise Failure(*CODE_OF[error.why]) from error

    def _found(self, query: Mapping[str, str]) -> list[Order]:
        begin, end = query.get("startDate", ""), query.get("endDate", "9")
        return [
            order
            for order in self.house.orders
            if query.get("customIdentifier", order.number) == order.number
            and begin <= order.made_at.strftime(TIME) <= end
        ]

    def _order(self, number: str) -> Order:
        order = self.house.of_id(int(number)) if number.isdigit() else None
        if order is None:
            raise Failure(404, "TRANSACTION_NOT_FOUND")
        return order

    def _told(self, order: Order) -> dict[str, Any]:
        face = dollars(order.face_value_e4)
        return {
            "transactionId": order.order_id,
            "amount": dollars(order.charged_e4),
            "discount": 0.0,
            "currencyCode": "USD",
            "fee": 0.0,
            "smsFee": 0.0,
            "recipientEmail": None,
            "customIdentifier": order.number,
            "status": STATUS[order.state],
            "product": {
                "productId": order.good.good_id,
                "productName": order.good.title,
                "countryCode": "AT",
                "quantity": order.quantity,
                "unitPrice": face,
                "totalPrice": face * order.quantity,
                "currencyCode": "EUR",
            },
            "transactionCreatedTime": order.made_at.strftime(TIME),
        }

    def _cards(self, order: Order) -> list[dict[str, Any]]:
        given = order.given[: len(order.given) - self.held_back]
        return [{"cardNumber": card.number, "pinCode": card.password} for card in given]

    def _page(self, rows: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
        size, asked = query.get("size", "50"), query.get("page", str(self.first_page))
        if not size.isdigit() or not 1 <= int(size) <= SIZE_MAX or not asked.isdigit():
            raise Failure(400, "INVALID_PAGE")
        number = max(int(asked) - self.first_page, 0)
        content = rows[number * int(size) : (number + 1) * int(size)]
        pages = -(-len(rows) // int(size))
        return {
            "content": content,
            "totalElements": len(rows),
            "totalPages": pages,
            "number": number,
            "size": int(size),
            "last": number + 1 >= pages,
        }


def dollars(amount_e4: int) -> float:
    """Write an amount as it is told: a number."""
    return amount_e4 / 10_000
