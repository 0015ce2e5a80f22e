"""dujiao-next as a local server: its site-to-site API, with its traps.

What isn't documented and had to be chosen: that a product which isn't active is left out of lists
and answers product_unavailable; that a form which isn't filled in is a bad_request; that an order
whose delivery fails is paid back and told as refunded.
"""

import json
from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.suppliers.dujiao_next_wire import (
    WHY,
    Failure,
    amount,
    is_inside,
    request_of,
    signed,
    sku_of,
    status_of,
    stock_status,
)
from kashu.simulators.suppliers.faults import Fault, Faults
from kashu.simulators.suppliers.house import (
    Card,
    Good,
    House,
    Kind,
    NotMade,
    Order,
    State,
    Trick,
    Why,
)
from kashu.simulators.suppliers.simulator import SupplierSimulator

API_KEY: Final = "dj_made_up_key_0001"
API_SECRET: Final = "sk_made_up_0123456789abcdef"  # noqa: S105  (a simulator's)
BASE: Final = "/api/v1/upstream"
CAP: Final = 50  # products a page, whatever is asked
FRESH: Final = timedelta(seconds=60)
CALLS, WITHIN, BLOCKED = 60, timedelta(seconds=60), timedelta(seconds=30)
NUMBER_MAX: Final = 64
OTHER_NUMBER: Final = "SOMEBODYELSES000001"


class DujiaoNextSimulator(SupplierSimulator):
    """One site, and one key to it."""

    def __init__(
        self,
        house: House,
        faults: Faults | None = None,
        *,
        api_key: str = API_KEY,
        api_secret: str = API_SECRET,
        calls: int | None = CALLS,
        private_callbacks: bool = False,
    ) -> None:
        """`calls`: how many a minute may be made; `private_callbacks`: also to this machine."""
        super().__init__(house, faults)
        self.api_key = api_key
        self.api_secret = api_secret
        self.calls = calls
        self.private_callbacks = private_callbacks
        self.asked: list[tuple[str, str, bytes]] = []  # method, path and body of what was let in
        self.told: dict[str, object] = {}  # fields of orders told otherwise: bad input
        self._called: deque[Any] = deque()
        self._blocked_until = self.now()

    def notice(self, order: Order, *, at: timedelta = timedelta()) -> tuple[dict[str, str], bytes]:
        """Write what is posted to an order's address: headers and body. `at`: how far from now."""
        moment = int((self.now() + at).timestamp())
        strange = Trick.NOTICE_OF_ANOTHER in self.house.tricks
        done = order.state is State.SUCCEEDED
        body: dict[str, Any] = {
            "event": "order.fulfilled" if done else "order.status_changed",
            "order_id": order.order_id + strange,
            "order_no": f"DJ{order.order_id}",
            "downstream_order_no": OTHER_NUMBER if strange else order.number,
            "status": status_of(order),
            "timestamp": moment,
        }
        if order.given:
            body["fulfillment"] = self._fulfillment(order)
        content = json.dumps(body, ensure_ascii=False).encode()
        signature = signed(self.api_secret, "POST", f"{BASE}/callback", str(moment), content)
        headers = {
            "dujiao-next-api-key": self.api_key,
            "dujiao-next-timestamp": str(moment),
            "dujiao-next-signature": signature,
            "content-type": "application/json",
        }
        return headers, content

    def _places(self, scope: Scope, body: bytes) -> bool:
        del body
        return (scope["method"], scope["path"]) == ("POST", f"{BASE}/orders")

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        fault = scope.get("kashu.fault")
        try:
            self._let_in(scope, body)
            if fault is Fault.THROTTLED or self._is_too_often():
                told: dict[str, Any] = {"status_code": 429, "msg": "请求过于频繁", "data": None}
                await answer(send, json.dumps(told, ensure_ascii=False).encode())
                return
            path = scope["path"].removeprefix(BASE)
            self.asked.append((scope["method"], path, body))
            query = parse_qs(scope["query_string"].decode())
            told = {"ok": True, **self._answer(scope["method"], path, query, body, fault)}
            status = 200
        except Failure as failure:
            told = {"ok": False, "error_code": failure.code, "error_message": failure.code}
            told |= failure.more
            status = failure.status
        if fault is Fault.UNKNOWN_STATE and "status" in told:
            told["status"] = "hibernating"
        await answer(send, json.dumps(told, ensure_ascii=False).encode(), status=status)

    def _let_in(self, scope: Scope, body: bytes) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        key, stamp, signature = (
            headers.get(f"dujiao-next-{name}", "") for name in ("api-key", "timestamp", "signature")
        )
        if not (key and stamp and signature):
            raise Failure("missing_auth_headers")
        if not stamp.isdigit():
            raise Failure("invalid_timestamp")
        if abs(self.now().timestamp() - int(stamp)) > FRESH.total_seconds():
            raise Failure("timestamp_expired")
        if key != self.api_key:
            raise Failure("invalid_api_key")
        expected = signed(self.api_secret, scope["method"], scope["path"], stamp, body)
        if signature != expected:
            raise Failure("invalid_signature")

    def _is_too_often(self) -> bool:
        now = self.now()
        if self.calls is None or now < self._blocked_until:
            return self.calls is not None
        self._called.append(now)
        while self._called[0] <= now - WITHIN:
            self._called.popleft()
        if len(self._called) <= self.calls:
            return False
        self._blocked_until = now + BLOCKED
        self._called.clear()
        return True

    def _answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, list[str]],
        body: bytes,
        fault: Fault | None,
    ) -> dict[str, Any]:
        if fault is Fault.UNKNOWN_CODE:
            raise Failure("quantum_flux", 400)
        parts = path.strip("/").split("/")
        match method, parts:
            case "POST", ["ping"]:
                return self._ping()
            case "GET", ["products"]:
                return self._products(query)
            case "GET", ["products", number]:
                return {"product": self._product(self._good(number))}
            case "POST", ["orders"]:
                return self._order(body)
            case "GET", ["orders", number]:
                return self._detail(self._order_of(number))
            case "POST", ["orders", number, "cancel"]:
                self._order_of(number)
                raise Failure("cancel_not_allowed", 409)  # the wallet has paid at once
            case _:
                raise Failure("not_found", 404)

    def _ping(self) -> dict[str, Any]:
        return {
            "site_name": "模拟上游",
            "protocol_version": "1.0",
            "user_id": 7,
            "balance": amount(self.house.balance_e4),
            "currency": "CNY",
            "member_level": None,
        }

    def _products(self, query: Mapping[str, list[str]]) -> dict[str, Any]:
        page = max(1, int(query.get("page", ["1"])[0]))
        size = int(query.get("page_size", ["20"])[0])
        size = size if 1 <= size <= CAP else CAP
        goods = [good for good in self.house.goods.values() if good.on_sale]
        items = [self._product(good) for good in goods[(page - 1) * size : page * size]]
        return {"items": items, "total": len(goods), "page": page, "page_size": size}

    def _good(self, number: str) -> Good:
        good = self.house.goods.get(int(number)) if number.isdigit() else None
        if good is None:
            raise Failure("product_not_found", 404)
        if not good.on_sale:
            raise Failure("product_unavailable", 404)
        return good

    def _product(self, good: Good) -> dict[str, Any]:
        price = amount(self.house.told_price_e4(good))
        form = [
            {
                "key": each.key,
                "type": "text",
                "required": True,
                "label": {"zh-CN": each.title, "en-US": each.key},
                "regex": each.pattern,
            }
            for each in good.asked
        ]
        return {
            "id": good.good_id,
            "slug": f"good-{good.good_id}",
            "title": {"zh-CN": good.title, "en-US": good.title},
            "price_amount": price,
            "fulfillment_type": "manual" if good.kind is Kind.TOPUP else "auto",
            "manual_form_schema": {"fields": form},
            "is_active": good.on_sale,
            "category_id": 3,
            "skus": [
                {
                    "id": sku_of(good),
                    "sku_code": "DEFAULT",
                    "spec_values": {},
                    "price_amount": price,
                    "stock_quantity": -1 if good.stock is None else good.stock,
                    "stock_status": stock_status(good),
                    "is_active": good.on_sale,
                }
            ],
            "created_at": "2026-01-01T00:00:00+08:00",
        }

    def _order(self, body: bytes) -> dict[str, Any]:
        asked = request_of(body)
        self._check_callback(asked.get("callback_url", ""))
        number = str(asked.get("downstream_order_no", "")).strip()
        known = self.house.known(number) if number else None
        if known is not None:  # looked up before all else: neither stock nor money matters
            return self._placed(known)
        good = next(
            (good for good in self.house.goods.values() if sku_of(good) == asked["sku_id"]), None
        )
        quantity = asked["quantity"]
        refusal = self.house.refusal()
        if refusal == "payment_failed" and good is not None:
            raise self._unpaid(good, quantity, number)
        if refusal is not None:
            raise Failure(refusal)
        inputs = asked.get("manual_form_data") or {}
        if good is not None and any(not inputs.get(each.key) for each in good.asked):
            raise Failure("bad_request")
        try:
            kept = number if len(number) <= NUMBER_MAX else ""  # the order goes through without it
            order = self.house.make(good, quantity, kept, inputs, asked.get("callback_url", ""))
        except NotMade as error:
            if error.why is Why.NO_MONEY and good is not None:
                raise self._unpaid(good, quantity, number) from error
            raise Failure(WHY[error.why]) from error
        return self._placed(order)

    def _unpaid(self, good: Good, quantity: int, number: str) -> Failure:
        """The order is there, cancelled, and keeps its number."""
        order = self.house.void(good, quantity, number)
        more = {"order_id": order.order_id, "order_no": f"DJ{order.order_id}", "status": "canceled"}
        return Failure("payment_failed", more=more)

    def _check_callback(self, url: str) -> None:
        if not url:
            return
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Failure("invalid_callback_url")
        if not self.private_callbacks and is_inside(parts.hostname):
            raise Failure("invalid_callback_url")

    def _order_of(self, number: str) -> Order:
        if not number.isdigit():
            raise Failure("bad_request")
        order = self.house.of_id(int(number))
        if order is None:
            raise Failure("order_not_found", 404)
        return order

    def _placed(self, order: Order) -> dict[str, Any]:
        cost_e4 = order.charged_e4 or order.good.unit_cost_e4 * order.quantity
        told = {
            "order_id": order.order_id,
            "order_no": f"DJ{order.order_id}",
            "status": status_of(order),
            "amount": amount(cost_e4),
            "currency": "CNY",
        }
        return told | self.told

    def _detail(self, order: Order) -> dict[str, Any]:
        told: dict[str, Any] = {
            **self._placed(order),
            "refunded_amount": amount(order.refunded_e4),
            "refund_records": [],
            "items": [
                {
                    "product_id": order.good.good_id,
                    "sku_id": sku_of(order.good),
                    "title": {"zh-CN": order.good.title},
                    "quantity": order.quantity,
                    "unit_price": amount(order.good.unit_cost_e4),
                    "total_price": amount(order.charged_e4),
                    "fulfillment_type": "manual" if order.good.kind is Kind.TOPUP else "auto",
                }
            ],
        }
        if order.state in {State.SUCCEEDED, State.REFUNDED}:
            told["fulfillment"] = self._fulfillment(order)
        return told | self.told

    def _fulfillment(self, order: Order) -> dict[str, Any]:
        by_hand = order.good.kind is Kind.TOPUP
        given: tuple[Card, ...] = order.given
        return {
            "type": "manual" if by_hand else "auto",
            "status": "delivered",
            "payload": "充值成功" if by_hand else "\n".join(card.text for card in given),
            "delivery_data": {},
            "delivered_at": order.ended_at.isoformat() if order.ended_at else None,
        }
