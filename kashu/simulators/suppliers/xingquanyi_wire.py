"""How Xingquanyi writes and reads: MD5 of the key, names and values; goods, orders, notices."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from hashlib import md5
from typing import Any, Final
from urllib.parse import parse_qsl

from kashu.simulators.suppliers.house import Card, Good, Kind, Order, State, Why

BEIJING: Final = timezone(timedelta(hours=8))
EXPIRES: Final = "2029-12-31 00:00:00"
TYPES: Final = {Kind.TOPUP: 1, Kind.CARD: 2, Kind.LINK: 3}
STATES: Final = {
    State.UNDER_WAY: 100,
    State.SUCCEEDED: 200,
    State.REFUNDED: 200,
    State.FAILED: 500,
}
WHY: Final = {
    Why.NO_SUCH_GOOD: "商品不存在",
    Why.NOT_ON_SALE: "商品已下架",
    Why.LIMITS: "购买数量不合法",
    Why.SOLD_OUT: "商品库存不足",
    Why.NO_MONEY: "余额不足",
}


class Failure(Exception):
    """A refusal: its word and its text."""

    def __init__(self, code: str, message: str = "") -> None:
        self.code = code
        self.message = message
        super().__init__(f"{code} {message}")


def signed(params: Mapping[str, str], key: str) -> str:
    """Sign names and values behind the key; cards and tickets take no part."""
    text = key
    for name in sorted(params):
        if name not in {"sign", "cards", "tickets"}:
            text += name + params[name]
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def form_of(body: bytes, media_type: str) -> dict[str, str]:
    """Read a form without empty fields. Raises: Failure."""
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    if not media_type.startswith("application/x-www-form-urlencoded"):
        raise Failure("invalid_parameters", "Content-Type")
    if len(dict(pairs)) != len(pairs) or any(not value for _, value in pairs):
        raise Failure("invalid_parameters", "form")
    return dict(pairs)


def yuan(amount_e4: int) -> str:
    """Write an amount with four decimals."""
    return f"{Decimal(amount_e4) / 10_000:.4f}"


def good_told(good: Good, price_e4: int) -> dict[str, Any]:
    """Tell a product."""
    return {
        "id": good.good_id,
        "product_name": "星权益",
        "name": good.title,
        "price": yuan(price_e4),
        "valid_purchasing_quantity": f"{good.least}-{good.most or 10_000}",
        "type": TYPES[good.kind],
        "stock_state": 1 if good.stock is None or good.stock else 2,
        "supply_state": 1 if good.on_sale else 3,
        "hold_state": 1,
        "ban_start_at": "",
        "ban_end_at": "",
    }


def link_of(card: Card) -> str:
    """Where a ticket is."""
    return f"https://tickets.example/{card.password}.png"


def given(order: Order, *, placing: bool) -> dict[str, Any]:
    """Tell the cards or tickets of an order; the names differ with what was called."""
    if order.good.kind is Kind.TOPUP:
        return {}
    if order.good.kind is Kind.LINK:
        tickets = [
            {"no": card.number, "ticket": link_of(card), "expired_at": EXPIRES}
            for card in order.given
        ]
        return {"tickets": tickets}
    number, password = ("card_no", "card_password") if placing else ("no", "password")
    cards = [
        {number: card.number, password: card.password, "expired_at": EXPIRES}
        for card in order.given
    ]
    return {"cards": cards, "recharge_url": "https://redeem.example"}


def bought_told(order: Order) -> dict[str, Any]:
    """Tell an order to whoever placed it just now."""
    return {
        "order_id": str(order.order_id),
        "product_price": yuan(order.good.unit_cost_e4),
        "total_price": yuan(order.charged_e4),
        "state": STATES[order.state],
        **given(order, placing=True),
    }


def order_told(order: Order) -> dict[str, Any]:
    """Tell an order to whoever asks."""
    told: dict[str, Any] = {
        "id": order.order_id,
        "product_id": order.good.good_id,
        "product_name": "星权益",
        "product_type": TYPES[order.good.kind],
        "product_price": yuan(order.good.unit_cost_e4),
        "quantity": order.quantity,
        "total_price": yuan(order.charged_e4),
        "refunded_amount": yuan(order.refunded_e4),
        "buyer_customer_id": 10_000,
        "state": STATES[order.state],
        "created_at": local(order.made_at),
        "outer_order_id": order.number,
        **given(order, placing=False),
    }
    if order.good.kind is Kind.TOPUP:
        told["recharge_account"] = order.inputs.get("recharge_account", "")
        told["recharge_info"] = "充值成功" if order.state is State.SUCCEEDED else ""
    return told


def notice_told(order: Order, at: datetime) -> dict[str, str]:
    """Tell what a notice about an order holds, but who it is for."""
    cards = given(order, placing=True)
    return {
        "order_id": str(order.order_id),
        "outer_order_id": order.number,
        "product_id": str(order.good.good_id),
        "quantity": str(order.quantity),
        "state": str(STATES[order.state]),
        "state_info": "交易成功" if order.state is State.SUCCEEDED else "",
        "created_at": local(order.made_at),
        "timestamp": str(int(at.timestamp())),
        "cards": json.dumps(cards.get("cards", [])),
        "tickets": json.dumps(cards.get("tickets", [])),
    }


def local(at: datetime) -> str:
    """Write a moment in Beijing time."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
