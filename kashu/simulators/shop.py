"""A simulated shop: what a platform knows of it, whatever protocol it speaks. In memory only."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count

FIRST_ID = 4_200_012_345_678_901_000  # beyond 2^53, as the real ones are


class OrderState(StrEnum):
    """Where an order stands."""

    UNPAID = "unpaid"
    PAID = "paid"
    HELD = "held"  # paid, and may not be delivered for now
    SHIPPED = "shipped"
    FINISHED = "finished"
    CLOSED = "closed"


class RefundState(StrEnum):
    """Where a refund stands."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"


@dataclass(slots=True)
class Item:
    """Something for sale: an item, or one variant of it."""

    item_id: str
    sku_id: str
    title: str
    properties: str
    merchant_code: str
    price_fen: int
    quantity: int
    on_sale: bool = True


@dataclass(slots=True)
class Bought:
    """A line of an order."""

    line_id: str
    item: Item
    quantity: int
    paid_fen: int


@dataclass(slots=True)
class Order:
    """An order, and what its buyer was given."""

    order_id: str
    buyer: str
    created_at: datetime
    changed_at: datetime
    lines: list[Bought]
    note: str = ""
    state: OrderState = OrderState.UNPAID
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    shipments: int = 0  # how often somebody marked it as shipped
    shown: list[str] = field(default_factory=list)  # what the buyer sees, in order
    memo: str = ""

    @property
    def paid_fen(self) -> int:
        """What the buyer paid."""
        return sum(line.paid_fen for line in self.lines)


@dataclass(slots=True)
class Refund:
    """A refund that a buyer asks for."""

    refund_id: str
    order: Order
    line: Bought | None  # None: of the whole order
    amount_fen: int
    created_at: datetime
    changed_at: datetime
    state: RefundState = RefundState.ASKED
    reason: str = "拍错了"


class Clock:
    """The platform's clock: it runs with ours, and can be set forward."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """Tell the time, UTC."""
        return self._now() + self._ahead

    def advance(self, by: timedelta) -> None:
        """Set it forward."""
        self._ahead += by


class Shop:
    """One seller's shop."""

    def __init__(self, shop_id: str, name: str, clock: Clock | None = None) -> None:
        self.shop_id = shop_id
        self.name = name
        self.now = clock or Clock()
        self.items: dict[tuple[str, str], Item] = {}
        self.orders: dict[str, Order] = {}
        self.refunds: dict[str, Refund] = {}
        self.watchers: list[Callable[[Order], None]] = []  # told of each change: pushes
        self._ids = count(FIRST_ID)

    def new_id(self) -> str:
        """Make an id as platforms do."""
        return str(next(self._ids))

    def offer(
        self,
        title: str,
        price_fen: int,
        *,
        properties: str = "",
        merchant_code: str = "",
        quantity: int = 0,
        item_id: str = "",
        variant: bool = True,
    ) -> Item:
        """Put something up for sale; `variant`: as one of an item's variants."""
        item_id = item_id or self.new_id()
        sku_id = self.new_id() if variant else ""
        item = Item(item_id, sku_id, title, properties, merchant_code, price_fen, quantity)
        self.items[item.item_id, item.sku_id] = item
        return item

    def sell(
        self, *wanted: tuple[Item, int], buyer: str = "t**1", note: str = "", paid: bool = True
    ) -> Order:
        """Let somebody buy; `wanted` is pairs of an item and how many."""
        now = self.now()
        order_id = self.new_id()
        only = len(wanted) == 1
        lines = [
            Bought(order_id if only else self.new_id(), item, quantity, item.price_fen * quantity)
            for item, quantity in wanted
        ]
        order = Order(order_id, buyer, now, now, lines, note)
        self.orders[order_id] = order
        if paid:
            self.pay(order)
        else:
            self._changed(order)
        return order

    def pay(self, order: Order) -> None:
        """The buyer pays."""
        order.state, order.paid_at = OrderState.PAID, self.now()
        self._changed(order)

    def set_state(self, order: Order, state: OrderState) -> None:
        """Whatever else happens to it."""
        order.state = state
        self._changed(order)

    def ship(self, order: Order) -> bool:
        """Mark as shipped; False where it was already, or may not be."""
        if order.state is not OrderState.PAID:
            return False
        order.state, order.shipped_at = OrderState.SHIPPED, self.now()
        order.shipments += 1
        self._changed(order)
        return True

    def show(self, order: Order, text: str) -> None:
        """Show the buyer something: a card, a message."""
        order.shown.append(text)
        self._changed(order)

    def ask_refund(
        self, order: Order, line: Bought | None = None, amount_fen: int | None = None
    ) -> Refund:
        """The buyer wants money back."""
        now = self.now()
        of = order.paid_fen if line is None else line.paid_fen
        refund = Refund(
            self.new_id(), order, line, of if amount_fen is None else amount_fen, now, now
        )
        self.refunds[refund.refund_id] = refund
        self._changed(order)
        return refund

    def settle_refund(self, refund: Refund, *, agree: bool) -> None:
        """The money goes back, or doesn't. With all of it, the order is closed."""
        refund.state = RefundState.DONE if agree else RefundState.REFUSED
        refund.changed_at = self.now()
        done = sum(
            each.amount_fen
            for each in self.refunds.values()
            if each.order is refund.order and each.state is RefundState.DONE
        )
        if done >= refund.order.paid_fen:
            refund.order.state = OrderState.CLOSED
        self._changed(refund.order)

    def refund_of(self, line: Bought, order: Order) -> Refund | None:
        """The last refund of a line, or of its whole order."""
        ours = [
            each
            for each in self.refunds.values()
            if each.order is order and (each.line is None or each.line is line)
        ]
        return ours[-1] if ours else None

    def changed_orders(self, begin: datetime, end: datetime) -> list[Order]:
        """Orders that changed in [begin, end), the latest first."""
        return _latest_first(
            order for order in self.orders.values() if begin <= order.changed_at < end
        )

    def changed_refunds(self, begin: datetime, end: datetime) -> list[Refund]:
        """Refunds that changed in [begin, end), the latest first."""
        found = [each for each in self.refunds.values() if begin <= each.changed_at < end]
        return sorted(found, key=lambda each: each.changed_at, reverse=True)

    def _changed(self, order: Order) -> None:
        order.changed_at = self.now()
        for watcher in self.watchers:
            watcher(order)


def _latest_first(orders: Iterable[Order]) -> list[Order]:
    return sorted(orders, key=lambda order: order.changed_at, reverse=True)
