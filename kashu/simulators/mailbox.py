"""A platform's message service behind its wire: letters about orders, told again until taken.

Faults at will: letters told twice, out of order; lines that are cut; nobody there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Final

from kashu.simulators.shop import Order, OrderState, Refund, RefundState, Shop

LOOK_EVERY_S: Final = 0.02  # for letters that are due
FIRST_NUMBER: Final = 9_007_199_254_740_993  # beyond 2^53, as the real ones are


class News(StrEnum):
    """What happened to an order."""

    CREATED = "created"
    PAID = "paid"
    SHIPPED = "shipped"
    FINISHED = "finished"
    CLOSED = "closed"
    REVIEWED = "reviewed"  # it may not be delivered, or may again
    REFUND_ASKED = "refund_asked"
    REFUND_DONE = "refund_done"
    REFUND_REFUSED = "refund_refused"


OF_STATE: Final = {
    OrderState.UNPAID: News.CREATED,
    OrderState.PAID: News.PAID,
    OrderState.HELD: News.REVIEWED,
    OrderState.SHIPPED: News.SHIPPED,
    OrderState.FINISHED: News.FINISHED,
    OrderState.CLOSED: News.CLOSED,
}
OF_REFUND: Final = {
    RefundState.ASKED: News.REFUND_ASKED,
    RefundState.DONE: News.REFUND_DONE,
    RefundState.REFUSED: News.REFUND_REFUSED,
}


@dataclass(slots=True)
class Letter:
    """One message, until it is taken."""

    number: int  # as it was told last
    shop: Shop
    news: News
    order: Order
    refund: Refund | None
    written_at: datetime
    due_at: datetime
    tellings: int = 0


@dataclass(slots=True)
class MailFaults:
    """What goes wrong with letters, while it is set."""

    twice: bool = False  # each is told twice at once
    backwards: bool = False  # the latest first
    cut_after: int | None = None  # once so many were told, the line is cut; then it is unset
    away: bool = False  # nobody lets anybody in


class LineCut(Exception):
    """The line goes dead."""


@dataclass(slots=True)
class _Known:
    state: OrderState | None = None
    refunds: dict[str, RefundState] = field(default_factory=dict)


class Mailbox:
    """Letters of the shops that were admitted, for one application."""

    def __init__(
        self,
        shops: Iterable[Shop],
        now: Callable[[], datetime],
        *,
        again_after: timedelta,
        renumbers: bool = False,
    ) -> None:
        """`again_after`: how long none is told again; `renumbers`: then with another number."""
        self.admitted: set[str] = set()  # shops that permitted messages
        self.faults = MailFaults()
        self.again_after = again_after
        self.told: list[tuple[int, str]] = []  # every telling: its number, and the order's
        self.taken: list[str] = []  # the orders of letters that were taken
        self.lines = 0  # that are open
        self._now, self._renumbers = now, renumbers
        self._letters: dict[int, Letter] = {}
        self._known: dict[str, _Known] = {}
        self._numbers = count(FIRST_NUMBER)
        self._cuts = 0
        for shop in shops:
            shop.watchers.append(self._watch(shop))

    @property
    def waiting(self) -> int:
        """How many letters weren't taken yet."""
        return len(self._letters)

    def cut(self) -> None:
        """Cut every line that is open."""
        self._cuts += 1

    def forget_tellings(self) -> None:
        """Have all that wasn't taken told again at once."""
        for letter in self._letters.values():
            letter.due_at = self._now()

    def take(self, number: int) -> bool:
        """Let a letter be done with; False where there is none of this number."""
        letter = self._letters.pop(number, None)
        if letter is not None:
            self.taken.append(letter.order.order_id)
        return letter is not None

    def due(self, most: int = 1_000) -> list[Letter]:
        """Tell what is due, and not again for a while."""
        now = self._now()
        found = [letter for letter in self._letters.values() if letter.due_at <= now]
        if self.faults.backwards:
            found.reverse()
        found = found[:most]
        for letter in found:
            letter.due_at = now + self.again_after
            letter.tellings += 1
            if self._renumbers and letter.tellings > 1:
                del self._letters[letter.number]
                letter.number = next(self._numbers)
                self._letters[letter.number] = letter
        if self.faults.twice:
            found = [letter for letter in found for _ in range(2)]
        self.told += [(letter.number, letter.order.order_id) for letter in found]
        return found

    async def tell(self, say: Callable[[Letter], Awaitable[None]]) -> None:
        """Say on a line whatever is due, as long as it lasts. Raises: LineCut."""
        cuts = self._cuts
        while True:
            for letter in self.due():
                if self.faults.cut_after == 0:
                    self.faults.cut_after = None
                    raise LineCut
                if self.faults.cut_after is not None:
                    self.faults.cut_after -= 1
                await say(letter)
            if self._cuts != cuts:
                raise LineCut
            await asyncio.sleep(LOOK_EVERY_S)

    def _watch(self, shop: Shop) -> Callable[[Order], None]:
        def changed(order: Order) -> None:
            known = self._known.setdefault(order.order_id, _Known())
            for refund in shop.refunds.values():
                if refund.order is order and known.refunds.get(refund.refund_id) != refund.state:
                    known.refunds[refund.refund_id] = refund.state
                    self._write(shop, OF_REFUND[refund.state], order, refund)
            if order.state != known.state:
                was_held = known.state is OrderState.HELD and order.state is OrderState.PAID
                known.state = order.state
                self._write(shop, News.REVIEWED if was_held else OF_STATE[order.state], order)

        return changed

    def _write(self, shop: Shop, news: News, order: Order, refund: Refund | None = None) -> None:
        if shop.shop_id in self.admitted:
            number, now = next(self._numbers), self._now()
            self._letters[number] = Letter(number, shop, news, order, refund, now, now)
