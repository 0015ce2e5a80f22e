"""Kinguin as a local server: keys for euros, a price limit for each line, traps included.

What isn't documented and had to be chosen: that a product which isn't sold answers 404 with the
kind Http, that a fresh order is "processing" even where its keys are there at once, and that an
order without `keyType` gets pictures. That the customer's own number is unique isn't enforced.
"""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import Good, House, NotMade, Order, State, Trick, Why
from kashu.simulators.suppliers.simulator import SupplierSimulator

API_KEY: Final = "made-up-kinguin-key-0123456789ab"
WEBHOOK_SECRET: Final = "made-up-event-secret"  # noqa: S105  (a simulator's)
PATH: Final = "/esa/api"
LIMIT, LIMIT_MAX = 25, 100
QTY_MAX: Final = 9
OTHER_NUMBER: Final = "SOMEBODYELSES000001"
LINES_MAX: Final = 10
STATUS: Final = {
    State.UNDER_WAY: "processing",
    State.SUCCEEDED: "completed",
    State.FAILED: "canceled",
    State.REFUNDED: "refunded",
}
STATUS_OF_KIND: Final = {
    "Authorization": 401,
    "OrderNotFound": 404,
    "ResourceLock": 409,
    "Error": 500,
    "HttpClient": 502,
}
KIND_OF: Final = {
    Why.NO_SUCH_GOOD: "ProductUnavailable",
    Why.NOT_ON_SALE: "ProductUnavailable",
    Why.LIMITS: "ConstraintViolation",
    Why.SOLD_OUT: "ProductUnavailable",
    Why.NO_MONEY: "InsufficientBalance",
}


class Failure(Exception):
    """An error with its kind."""

    def __init__(self, kind: str, status: int | None = None) -> None:
        self.kind = kind
        self.status = status or STATUS_OF_KIND.get(kind, 400)
        super().__init__(kind)


class KinguinSimulator(SupplierSimulator):
    """One store."""

    def __init__(self, house: House, faults: Faults | None = None) -> None:
        super().__init__(house, faults)
        self.api_key = API_KEY
        self.asked: list[tuple[str, str, bytes]] = []
        self.pictures = 0  # how many of an order's keys are pictures, whatever was asked

    def notice(
        self, order: Order, event: str = "order.status", secret: str = WEBHOOK_SECRET
    ) -> tuple[dict[str, str], bytes]:
        """Write what is posted of an order, or of its product: headers and body."""
        strange = Trick.NOTICE_OF_ANOTHER in self.house.tricks
        body: dict[str, Any] = {
            "orderId": their_number(order),
            "orderExternalId": OTHER_NUMBER if strange else order.number,
            "status": STATUS[order.state],
            "updatedAt": self.now().isoformat(),
        }
        if event == "product.update":
            body = {"kinguinId": 7, "productId": product_id(order.good), "qty": 1, "textQty": 1}
        headers = {"x-event-name": event, "x-event-secret": secret}
        return headers, json.dumps(body).encode()

    def _places(self, scope: Scope, body: bytes) -> bool:
        del body
        return (scope["method"], scope["path"]) == ("POST", f"{PATH}/v2/order")

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, fault = await read_body(receive), scope.get("kashu.fault")
        query = {name: each[0] for name, each in parse_qs(scope["query_string"].decode()).items()}
        path = scope["path"].removeprefix(PATH)
        try:
            self._let_in(scope)
            self.asked.append((scope["method"], path, body))
            status, told = self._answer(scope["method"], path, query, body, fault)
        except Failure as failure:
            status = failure.status
            told = {
                "kind": failure.kind,
                "status": status,
                "title": "Bad Request",
                "detail": "made up",
                "path": scope["path"],
                "method": scope["method"],
                "trace": "082a4cee9b",
                "timestamp": self.now().isoformat(),
            }
        if fault is Fault.UNKNOWN_STATE:
            for each in told.get("results", [told]) if isinstance(told, dict) else []:
                if "status" in each:
                    each["status"] = "hibernating"
        await answer(send, json.dumps(told).encode(), status=status)

    def _let_in(self, scope: Scope) -> None:
        headers = dict(scope["headers"])
        if not hmac.compare_digest(headers.get(b"x-api-key", b""), self.api_key.encode()):
            raise Failure("Authorization")
        if scope["method"] == "POST" and headers.get(b"content-type") != b"application/json":
            raise Failure("Http", 415)
        if not scope["path"].startswith(PATH):
            raise Failure("Http", 404)

    def _answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: bytes,
        fault: Fault | None,
    ) -> tuple[int, Any]:
        if fault is Fault.UNKNOWN_CODE:
            raise Failure("QuantumFlux")
        found: tuple[int, Any]
        match method, path.strip("/").split("/"):
            case "GET", ["v1", "products"]:
                goods = [good for good in self.house.goods.values() if good.on_sale]
                found = 200, _page([self._product(good) for good in goods], query)
            case "GET", ["v2", "products", ref]:
                found = 200, self._product(self._good(ref))
            case "POST", ["v2", "order"]:
                found = 201, self._told(self._make(body))
            case "GET", ["v1", "order"]:
                found = 200, _page([self._told(each) for each in self._found(query)], query)
            case "GET", ["v1", "order", number]:
                found = 200, self._told(self._order(number))
            case "GET", ["v2", "order", number, "keys"]:
                keys = self._keys(self._order(number))
                start, size = _bounds(query)
                found = 200, keys[start : start + size]
            case "GET", ["v1", "balance"]:
                found = 200, {"balance": euros(self.house.balance_e4)}
            case _:
                raise Failure("Http", 404)
        return found

    def _good(self, ref: str) -> Good:
        good = next((good for good in self.house.goods.values() if product_id(good) == ref), None)
        if good is None or not good.on_sale:
            raise Failure("Http", 404)
        return good

    def _product(self, good: Good) -> dict[str, Any]:
        price, stock = euros(self.house.told_price_e4(good)), len(good.cards)
        offer = {
            "offerId": f"off{good.good_id}",
            "price": price,
            "qty": stock,
            "textQty": stock,
            "availableQty": stock,
            "availableTextQty": stock,
            "merchantName": "made up",
            "wholesale": {"enabled": False},
        }
        return {
            "kinguinId": good.good_id % 100_000,
            "productId": product_id(good),
            "name": good.title,
            "platform": "Steam",
            "price": price,
            "qty": stock,
            "textQty": stock,
            "totalQty": stock,
            "isPreorder": False,
            "offers": [offer],
            "updatedAt": self.now().isoformat(),
        }

    def _make(self, body: bytes) -> Order:
        try:
            asked = json.loads(body)
        except ValueError as error:
            raise Failure("Http") from error
        lines = asked.get("products")
        if not isinstance(lines, list) or not 1 <= len(lines) <= LINES_MAX:
            raise Failure("ConstraintViolation")
        line = lines[0]
        quantity, price = line.get("qty"), line.get("price")
        if not isinstance(quantity, int) or not 1 <= quantity <= QTY_MAX:
            raise Failure("ConstraintViolation")
        if not isinstance(price, int | float) or isinstance(price, bool) or price <= 0:
            raise Failure("ConstraintViolation")
        if line.get("keyType") not in {None, "text"} or not isinstance(line["productId"], str):
            raise Failure("ConstraintViolation")
        refusal = self.house.refusal()
        if refusal is not None:
            raise Failure(refusal)
        goods = self.house.goods.values()
        good = next((each for each in goods if product_id(each) == line["productId"]), None)
        if good is not None and euros(good.unit_cost_e4) > price:
            raise Failure("ProductUnavailable")
        try:
            order = self.house.make(good, quantity, str(asked.get("orderExternalId", "")))
        except NotMade as error:
            raise Failure(KIND_OF[error.why]) from error
        if line.get("keyType") is None:
            order.inputs = {"pictures": "all"}
        return order

    def _found(self, query: Mapping[str, str]) -> list[Order]:
        begin, end = (_moment(query.get(f"createdAt{side}")) for side in ("From", "To"))
        return [
            order
            for order in self.house.orders
            if query.get("orderExternalId", order.number) == order.number
            and query.get("status", STATUS[order.state]) == STATUS[order.state]
            and (begin is None or order.made_at >= begin)
            and (end is None or order.made_at <= end)
        ]

    def _order(self, number: str) -> Order:
        found = next((each for each in self.house.orders if their_number(each) == number), None)
        if found is None:
            raise Failure("OrderNotFound")
        return found

    def _told(self, order: Order) -> dict[str, Any]:
        strange = Trick.NOTICE_OF_ANOTHER in self.house.tricks
        price = euros(order.good.unit_cost_e4)
        line = {
            "productId": product_id(order.good),
            "kinguinId": order.good.good_id % 100_000,
            "qty": order.quantity,
            "name": order.good.title,
            "price": price,
            "requestPrice": price,
            "keyType": "text",
        }
        return {
            "orderId": their_number(order),
            "orderExternalId": "SOMEBODYELSES000001" if strange else order.number,
            "status": STATUS[order.state],
            "totalPrice": euros(order.charged_e4),
            "requestTotalPrice": euros(order.charged_e4),
            "paymentPrice": euros(order.charged_e4),
            "totalQty": order.quantity,
            "isPreorder": False,
            "createdAt": order.made_at.isoformat(timespec="seconds"),
            "products": [line],
        }

    def _keys(self, order: Order) -> list[dict[str, Any]]:
        pictures = len(order.given) if order.inputs.get("pictures") else self.pictures
        return [
            {
                "serial": base64.b64encode(card.text.encode()).decode()
                if at < pictures
                else card.text,
                "type": "image/png" if at < pictures else "text/plain",
                "name": order.good.title,
                "productId": product_id(order.good),
                "offerId": f"off{order.good.good_id}",
            }
            for at, card in enumerate(order.given)
        ]


def product_id(good: Good) -> str:
    """How a product is named: hexadecimal."""
    return f"5c9b{good.good_id:020x}"


def their_number(order: Order) -> str:
    """How an order is named."""
    return f"PH{order.order_id:X}"


def euros(amount_e4: int) -> float:
    """Write an amount as it is told: a float."""
    return amount_e4 / 10_000


def _bounds(query: Mapping[str, str]) -> tuple[int, int]:
    page, size = query.get("page", "1"), query.get("limit", str(LIMIT))
    if not page.isdigit() or not size.isdigit() or not 1 <= int(size) <= LIMIT_MAX:
        raise Failure("ConstraintViolation")
    return (max(int(page), 1) - 1) * int(size), int(size)


def _page(rows: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    start, size = _bounds(query)
    return {"results": rows[start : start + size], "item_count": len(rows)}


def _moment(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        return datetime.fromisoformat(written)
    except ValueError as error:
        raise Failure("ConstraintViolation") from error
