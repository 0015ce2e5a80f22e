"""A supplier's house: goods, cards, our wallet and orders, whatever protocol it speaks."""

import random
import string
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Final

from kashu.simulators.shop import Clock

FIRST_ID: Final = 7_300_000_000_000_100  # nearly 2^53, as long as ids get that are JSON numbers
MUCH_E4: Final = 10**12
DIGITS: Final = 16


class Kind(StrEnum):
    """What is sold."""

    CARD = "card"
    TOPUP = "topup"
    LINK = "link"


class State(StrEnum):
    """Where an order stands."""

    UNDER_WAY = "under_way"
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # its money is back
    REFUNDED = "refunded"


class Fate(StrEnum):
    """What becomes of an order."""

    SUCCEED = "succeed"
    WAIT = "wait"  # it stays under way
    FAIL = "fail"
    REFUND = "refund"  # it succeeds, and later all its money is back
    FEWER = "fewer"  # one card fewer than ordered
    TWICE = "twice"  # its last card is its first once more
    SOLD_BEFORE = "sold_before"  # its first card is one that was sold before
    WRONG_FACE = "wrong_face"  # of ten times the value that was ordered


class Trick(StrEnum):
    """What the house does wrong until it is taken off."""

    CHARGES_TWICE = "charges_twice"  # a number that is there already makes a second order
    NOTICE_OF_ANOTHER = "notice_of_another"  # it tells of somebody else's order
    PRICE_1000 = "price_1000"  # prices are told a thousand times too high
    PRICE_ZERO = "price_zero"
    PRICE_NEGATIVE = "price_negative"


class Why(StrEnum):
    """Why an order isn't made."""

    NO_SUCH_GOOD = "no_such_good"
    NOT_ON_SALE = "not_on_sale"
    LIMITS = "limits"  # fewer or more at once than may be
    SOLD_OUT = "sold_out"
    NO_MONEY = "no_money"


class NotMade(Exception):
    """The house makes no order."""

    def __init__(self, why: Why) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Card:
    """A card in stock, or given."""

    number: str
    password: str

    @property
    def text(self) -> str:
        """Both in one, where that is how the supplier gives cards."""
        return f"{self.number} {self.password}".strip()


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that an order must be filled in with."""

    key: str
    title: str
    pattern: str = ""
    is_account: bool = False


@dataclass(slots=True)
class Good:
    """Something for sale."""

    good_id: int
    title: str
    kind: Kind
    unit_cost_e4: int
    cards: deque[Card]
    face_value_e4: int
    asked: tuple[Asked, ...] = ()
    on_sale: bool = True
    least: int = 1
    most: int | None = None
    group: str = "会员"

    @property
    def stock(self) -> int | None:
        """How many there are; None: it doesn't run out."""
        return None if self.kind is Kind.TOPUP else len(self.cards)


@dataclass(slots=True)
class Order:
    """An order, and what was taken and given for it."""

    order_id: int  # theirs
    number: str  # the customer's
    good: Good
    quantity: int
    charged_e4: int
    made_at: datetime
    fate: Fate
    inputs: Mapping[str, str] = field(default_factory=dict)
    notice_url: str = ""
    state: State = State.UNDER_WAY
    refunded_e4: int = 0
    cards: tuple[Card, ...] = ()  # taken when it is made, given when it succeeds
    face_value_e4: int = 0
    ended_at: datetime | None = None

    @property
    def given(self) -> tuple[Card, ...]:
        """The cards that its customer may see."""
        return self.cards if self.state in {State.SUCCEEDED, State.REFUNDED} else ()


class House:
    """One supplier, with one customer: us."""

    def __init__(
        self, clock: Clock | None = None, *, seed: int = 1, balance_e4: int = MUCH_E4
    ) -> None:
        self.now = clock or Clock()
        self.goods: dict[int, Good] = {}
        self.orders: list[Order] = []
        self.balance_e4 = balance_e4
        self.tricks: set[Trick] = set()
        self.fates: deque[Fate] = deque()  # of the next orders, one each
        self.fate_rates: dict[Fate, float] = {}
        self.refusals: deque[str] = deque()  # words to refuse the next orders with
        self.takes: timedelta | None = None  # after which orders end; None: settle() ends them
        self.watchers: list[Callable[[Order], None]] = []  # told when an order changes
        self._ids = count(FIRST_ID, 7)
        self._chance = random.Random(seed)  # noqa: S311  (cards of nobody's)
        self._sold: list[Card] = []

    def new_id(self) -> int:
        """Make a number of theirs."""
        return next(self._ids)

    def offer(
        self,
        title: str,
        unit_cost_e4: int,
        *,
        kind: Kind = Kind.CARD,
        stock: int = 20,
        cards: Sequence[Card] = (),
        asked: Sequence[Asked] = (),
        face_value_e4: int = 0,
        most: int | None = None,
    ) -> Good:
        """Put something up for sale; without `cards`, with so many of the house's own making."""
        there = deque(cards or (self.new_card() for _ in range(stock)))
        good = Good(
            self.new_id(),
            title,
            kind,
            unit_cost_e4,
            there,
            face_value_e4 or unit_cost_e4,
            tuple(asked),
            most=most,
        )
        self.goods[good.good_id] = good
        return good

    def new_card(self) -> Card:
        """Make a card."""
        digits = "".join(self._chance.choices(string.digits, k=DIGITS))
        word = "".join(self._chance.choices(string.ascii_uppercase + string.digits, k=DIGITS))
        return Card(f"0{digits}", word)

    def told_price_e4(self, good: Good) -> int:
        """What is told of a price; what is charged is always the true one."""
        if Trick.PRICE_ZERO in self.tricks:
            return 0
        if Trick.PRICE_NEGATIVE in self.tricks:
            return -good.unit_cost_e4
        return good.unit_cost_e4 * (1000 if Trick.PRICE_1000 in self.tricks else 1)

    def refusal(self) -> str | None:
        """The word that the order being made is to be refused with, if any."""
        return self.refusals.popleft() if self.refusals else None

    def known(self, number: str) -> Order | None:
        """Find the order that has a customer's number already."""
        if Trick.CHARGES_TWICE in self.tricks:
            return None
        return self.of_number(number)

    def of_number(self, number: str) -> Order | None:
        """Find the last order with a customer's number."""
        found = [order for order in self.orders if order.number == number]
        return found[-1] if found else None

    def of_id(self, order_id: int) -> Order | None:
        """Find an order by its own number."""
        return next((order for order in self.orders if order.order_id == order_id), None)

    def check(self, good: Good | None, quantity: int) -> Good:
        """Say whether so many can be had, but for money. Raises: NotMade."""
        if good is None:
            raise NotMade(Why.NO_SUCH_GOOD)
        if not good.on_sale:
            raise NotMade(Why.NOT_ON_SALE)
        if quantity < good.least or (good.most is not None and quantity > good.most):
            raise NotMade(Why.LIMITS)
        if good.stock is not None and good.stock < quantity:
            raise NotMade(Why.SOLD_OUT)
        return good

    def make(
        self,
        good: Good | None,
        quantity: int,
        number: str,
        inputs: Mapping[str, str] | None = None,
        notice_url: str = "",
        *,
        cost_e4: int | None = None,
    ) -> Order:
        """Make an order and charge for it; `cost_e4`: in all, if not by its good's price.

        Raises: NotMade.
        """
        good = self.check(good, quantity)
        cost_e4 = good.unit_cost_e4 * quantity if cost_e4 is None else cost_e4
        if cost_e4 > self.balance_e4:
            raise NotMade(Why.NO_MONEY)
        self.balance_e4 -= cost_e4
        order = Order(
            self.new_id(),
            number,
            good,
            quantity,
            cost_e4,
            self.now(),
            self._fate(),
            dict(inputs or {}),
            notice_url,
            face_value_e4=good.face_value_e4,
        )
        if good.stock is not None:
            order.cards = self._cards(order, [good.cards.popleft() for _ in range(quantity)])
        self.orders.append(order)
        return order

    def void(self, good: Good, quantity: int, number: str) -> Order:
        """Make an order that has failed at once, uncharged, whose number is used up."""
        now = self.now()
        order = Order(self.new_id(), number, good, quantity, 0, now, Fate.FAIL)
        order.state, order.ended_at = State.FAILED, now
        self.orders.append(order)
        return order

    def tick(self) -> None:
        """Bring what is due to its end, where orders take a known time."""
        if self.takes is None:
            return
        for order in self.orders:
            if self.now() - order.made_at >= self.takes:
                self.settle_one(order)

    def settle(self) -> None:
        """Bring every order one step towards the end that it is to have."""
        for order in self.orders:
            self.settle_one(order)

    def settle_one(self, order: Order) -> None:
        """Bring an order one step towards its end: what is to be paid back succeeds first."""
        if order.state is State.SUCCEEDED and order.fate is Fate.REFUND:
            self.pay_back(order, State.REFUNDED)
        elif order.state is State.UNDER_WAY and order.fate is Fate.FAIL:
            self.pay_back(order, State.FAILED)
        elif order.state is State.UNDER_WAY and order.fate is not Fate.WAIT:
            self._end(order, State.SUCCEEDED)

    def pay_back(self, order: Order, state: State) -> None:
        """End an order with its money back."""
        self.balance_e4 += order.charged_e4 - order.refunded_e4
        order.refunded_e4 = order.charged_e4
        self._end(order, state)

    def cancel(self, order: Order) -> bool:
        """End an order that is under way; False where it is too late."""
        if order.state is not State.UNDER_WAY:
            return False
        self.pay_back(order, State.FAILED)
        return True

    def _end(self, order: Order, state: State) -> None:
        order.state, order.ended_at = state, self.now()
        for watcher in self.watchers:
            watcher(order)

    def _fate(self) -> Fate:
        if self.fates:
            return self.fates.popleft()
        for fate, rate in self.fate_rates.items():
            if self._chance.random() < rate:
                return fate
        return Fate.SUCCEED

    def _cards(self, order: Order, taken: list[Card]) -> tuple[Card, ...]:
        if order.fate is Fate.FEWER:
            taken.pop()
        elif order.fate is Fate.TWICE:
            taken[-1] = taken[0]
        elif order.fate is Fate.SOLD_BEFORE and self._sold:
            taken[0] = self._sold[0]
        elif order.fate is Fate.WRONG_FACE:
            order.face_value_e4 *= 10
        self._sold += taken
        return tuple(taken)
