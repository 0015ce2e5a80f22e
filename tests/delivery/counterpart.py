"""A channel for tests: a simulated shop without a protocol between, and faults to order."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from kashu.channels.channel import (
    NO_OTHER_LIMITS,
    App,
    Bounds,
    Can,
    Grant,
    Link,
    Listing,
    Page,
    Parcel,
    Push,
    PushReply,
    PushRequest,
    ShopLine,
    ShopOrder,
    ShopRefund,
    ShopRefundState,
    ShopState,
    StockLevel,
    Window,
)
from kashu.channels.errors import AlreadyShipped, NoSuchShopOrder, ShopOrderWrong
from kashu.core.money import FEN
from kashu.core.secrets import Secret
from kashu.simulators.shop import Bought, Order, Refund, Shop

ALL = frozenset(Can) - {
    Can.SEND_CONFIRMS,
    Can.SEND_MAY_CONFIRM,
    Can.ASKED,
    Can.AUTHORIZE,
    Can.PUSH,
    Can.STREAM,
}


class ShopChannel:
    """Implements Channel on a Shop. `before` and `after` hold errors for the calls to come."""

    name = "taobao"
    bounds = Bounds(timedelta(days=1), timedelta(days=90), timedelta(0))
    calls_per_s = 10_000.0
    shop_calls_per_s = 10_000.0
    shop_calls_named_per_s = NO_OTHER_LIMITS
    secret_options: frozenset[str] = frozenset()

    def __init__(self, shop: Shop, can: frozenset[Can] = ALL) -> None:
        self.shop = shop
        self.can = can
        self.before: dict[str, deque[Exception]] = {}
        self.after: dict[str, deque[Exception]] = {}
        self.calls: list[str] = []
        self.page_size = 2
        self.tells_amounts = True  # of refunds, with an order's lines
        self.unreadable: set[str] = set()  # numbers of orders that it tells wrongly
        self.lists_short_forms = False
        self.answering = asyncio.Event()  # cleared: whoever asks for orders waits
        self.answering.set()
        self.confirming = asyncio.Event()  # cleared: whoever confirms waits …
        self.confirming.set()
        self.asked_to_confirm = asyncio.Event()  # … and this is set once somebody does

    def break_before(self, call: str, *errors: Exception) -> None:
        """The next calls of that name fail, and nothing is done."""
        self.before.setdefault(call, deque()).extend(errors)

    def break_after(self, call: str, *errors: Exception) -> None:
        """The next calls of that name are done, and fail nonetheless."""
        self.after.setdefault(call, deque()).extend(errors)

    def _meet(self, call: str, faults: dict[str, deque[Exception]]) -> None:
        if faults.get(call):
            raise faults[call].popleft()

    def authorize_url(self, app: App, *, redirect: str, state: str) -> str:
        raise AssertionError("not among what it can")

    async def authorize(self, link: Link, *, code: str, redirect: str) -> Grant:
        raise AssertionError("not among what it can")

    async def refresh(self, link: Link) -> Grant:
        self.calls.append("refresh")
        self._meet("refresh", self.before)
        return Grant(self.shop.shop_id, self.shop.name, Secret("renewed"), Secret("again"))

    async def listings(self, link: Link, page: str | None = None) -> Page[Listing]:
        return Page(
            [
                Listing(
                    item.item_id,
                    item.sku_id,
                    item.title,
                    item.properties,
                    item.merchant_code,
                    item.price_fen * FEN,
                    item.quantity,
                    item.on_sale,
                )
                for item in self.shop.items.values()
            ]
        )

    async def orders(self, link: Link, window: Window, page: str | None = None) -> Page[ShopOrder]:
        self.calls.append("orders")
        await self.answering.wait()
        self._meet("orders", self.before)
        found = self.shop.changed_orders(window.begin, window.end + timedelta(microseconds=1))
        last = (len(found) - 1) // self.page_size
        at = last if page is None else int(page)  # backwards, as some platforms want it
        shown = found[at * self.page_size : (at + 1) * self.page_size]
        wrong = [order.order_id for order in shown if order.order_id in self.unreadable]
        good = [self._told(order) for order in shown if order.order_id not in wrong]
        if self.lists_short_forms:
            good = [replace(each, lines=(), paid_e4=0, complete=False) for each in good]
        following = str(at - 1) if at > 0 else None
        return Page(good, following, tuple(self._wrong(number) for number in wrong))

    async def order(self, link: Link, order_id: str) -> ShopOrder:
        self.calls.append("order")
        self._meet("order", self.before)
        if order_id in self.unreadable:
            raise self._wrong(order_id)
        if order_id not in self.shop.orders:
            raise NoSuchShopOrder(channel=self.name, order=order_id)
        return self._told(self.shop.orders[order_id])

    async def send(self, link: Link, parcel: Parcel) -> None:
        self.calls.append("send")
        self._meet("send", self.before)
        order = self.shop.orders[parcel.order_id]
        for card in parcel.cards:
            self.shop.show(order, f"{parcel.line_id} {card.number}")
        if {Can.SEND_CONFIRMS, Can.SEND_MAY_CONFIRM} & self.can:
            self.shop.ship(order)
        self._meet("send", self.after)

    async def confirm(self, link: Link, order_id: str, line_ids: Sequence[str]) -> None:
        self.calls.append("confirm")
        self.asked_to_confirm.set()
        await self.confirming.wait()
        self._meet("confirm", self.before)
        if not self.shop.ship(self.shop.orders[order_id]):
            raise AlreadyShipped(channel=self.name, order=order_id)
        self._meet("confirm", self.after)

    async def publish_stock(self, link: Link, levels: Sequence[StockLevel]) -> None:
        self._meet("publish_stock", self.before)
        for level in levels:
            self.shop.items[level.item_id, level.sku_id].quantity = level.quantity

    async def publish_price(self, link: Link, item_id: str, sku_id: str, price_e4: int) -> None:
        self.shop.items[item_id, sku_id].price_fen = price_e4 // FEN

    async def refunds(
        self, link: Link, window: Window, page: str | None = None
    ) -> Page[ShopRefund]:
        self._meet("refunds", self.before)
        found = self.shop.changed_refunds(window.begin, window.end + timedelta(microseconds=1))
        wrong = [each.order.order_id for each in found if each.order.order_id in self.unreadable]
        good = [_refund(each) for each in found if each.order.order_id not in wrong]
        return Page(good, None, tuple(self._wrong(number) for number in wrong))

    async def answer_refund(
        self, link: Link, refund: ShopRefund, *, agree: bool, reason: str = ""
    ) -> None:
        self.shop.settle_refund(self.shop.refunds[refund.refund_id], agree=agree)

    def read_push(self, app: App, request: PushRequest) -> tuple[Push, ...]:
        raise AssertionError("not among what it can")

    def reply(self, pushes: Sequence[Push]) -> PushReply:
        raise AssertionError("not among what it can")

    def _wrong(self, number: str) -> ShopOrderWrong:
        return ShopOrderWrong(channel=self.name, order=number, what="its state")

    def _told(self, order: Order) -> ShopOrder:
        return ShopOrder(
            order.order_id,
            ShopState(order.state.value),
            order.changed_at,
            order.paid_at,
            order.paid_fen * FEN,
            tuple(self._line(order, line) for line in order.lines),
            buyer=order.buyer,
            note=order.note,
        )

    def _line(self, order: Order, line: Bought) -> ShopLine:
        refund = self.shop.refund_of(line, order)
        return ShopLine(
            line.line_id,
            line.item.item_id,
            line.item.sku_id,
            line.quantity,
            line.paid_fen * FEN,
            title=line.item.title,
            properties=line.item.properties,
            refund=ShopRefundState.NONE if refund is None else ShopRefundState(refund.state.value),
            refunded_e4=refund.amount_fen * FEN if refund and self.tells_amounts else None,
        )


def _refund(refund: Refund) -> ShopRefund:
    return ShopRefund(
        refund.refund_id,
        refund.order.order_id,
        "" if refund.line is None else refund.line.line_id,
        ShopRefundState(refund.state.value),
        refund.amount_fen * FEN,
        refund.changed_at,
    )
