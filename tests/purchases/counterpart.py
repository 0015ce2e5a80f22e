"""A supplier for tests: a simulated house without a protocol between, and faults to order.

It keeps a ledger of its own: what it was asked to do, what it did, and what it took for it.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from kashu.core.http import NotReached
from kashu.simulators.suppliers.house import Good, House, Kind, NotMade, Order, State, Why
from kashu.suppliers.errors import (
    BalanceShort,
    NoSuchPurchase,
    NoticeNotAuthentic,
    NumberTaken,
    OrderRefused,
    ProductGone,
    SoldOut,
    SupplierUnclear,
)
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import (
    AccountCheck,
    Balance,
    BoughtCard,
    Can,
    Charge,
    Guard,
    Input,
    Link,
    Login,
    Notice,
    NoticeReply,
    NoticeRequest,
    OrderState,
    Page,
    Product,
    Repeats,
    Rules,
    Signal,
    Standing,
)
from kashu.suppliers.upstream import Order as Ours

RULES = Rules(
    frozenset(Goods),
    Repeats.REFUSED,
    guard=Guard.TOTAL,
    ask_after=timedelta(seconds=1),
    settles_after=timedelta(minutes=30),
)
FRESH = timedelta(minutes=5)


class Fault(StrEnum):
    """What goes wrong with a call."""

    LOST_BEFORE = "lost_before"  # the request never came to anything, and nobody says so
    LOST_AFTER = "lost_after"  # it was done, and the answer is lost
    NOT_REACHED = "not_reached"
    TAKEN = "taken"  # a number that is there already, they say, after having taken it
    STRANGE_CODE = "strange_code"  # done, with a code that isn't in the table
    STRANGE_WORD = "strange_word"  # done, with a state that isn't in the table
    BUG = "bug"  # the adapter falls over, after it was done


class Counterpart:
    """Implements Upstream on a House."""

    name = "counterpart"
    secret_options: frozenset[str] = frozenset()

    def __init__(
        self, house: House, *, rules: Rules = RULES, can: frozenset[Can] = frozenset(Can)
    ) -> None:
        self.house = house
        self.rules = rules
        self.can = can
        self.faults: deque[Fault | None] = deque()  # of the next orders, one each
        self.ask_faults: deque[Fault | None] = deque()
        self.fault_of: Callable[[Ours], Fault | None] = lambda _: None
        self.placed: Counter[str] = Counter()  # how often each number came to be ordered
        self.asked: Counter[str] = Counter()
        self.strange: set[str] = set()  # numbers that it tells of in words nobody knows
        self.told: Callable[[Standing], Standing] = lambda standing: standing
        self.instant = True  # what is ordered is there at once
        self.before_answer: Callable[[], None] = lambda: None
        self.inputs_error: Exception | None = None  # instead of telling what an order asks for
        self.no_accounts: set[str] = set()  # that can't be topped up
        self.hang: asyncio.Event | None = None  # answers wait for it

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        return Page([self._product(good) for good in self.house.goods.values()])

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        good = self.house.goods.get(int(ref))
        if good is None:
            raise ProductGone(supplier=self.name, said="404")
        return self._product(good)

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        if self.inputs_error is not None:
            raise self.inputs_error
        asked = self.house.goods[int(ref)].asked
        return [Input(each.key, each.title, is_account=each.is_account) for each in asked]

    async def place(self, link: Link, order: Ours) -> Standing:
        fault = self.faults.popleft() if self.faults else self.fault_of(order)
        await asyncio.sleep(0)
        if fault is Fault.NOT_REACHED:
            raise NotReached(host=self.name)
        self.placed[order.number] += 1
        if fault is Fault.LOST_BEFORE:
            raise SupplierUnclear(supplier=self.name, said="timeout")
        assert self.placed[order.number] == 1, "an order is never sent twice"
        word = self.house.refusal()
        if word is not None:
            raise OrderRefused(supplier=self.name, said=word)
        good = self.house.goods.get(int(order.ref))
        if good is not None and good.unit_cost_e4 * order.quantity > order.total_max_e4:
            raise OrderRefused(supplier=self.name, said="price")
        try:
            made = self.house.make(
                good, order.quantity, order.number, order.inputs, order.notice_url
            )
        except NotMade as no:
            raise _refused(no.why) from no
        if self.instant:
            self.house.settle_one(made)
        self.before_answer()
        if self.hang is not None:
            await self.hang.wait()
        self._meet(fault, made)
        return self._standing(made)

    async def ask(self, link: Link, order: Ours, their_number: str = "") -> Standing:
        self.asked[order.number] += 1
        fault = self.ask_faults.popleft() if self.ask_faults else None
        if fault is Fault.NOT_REACHED:
            raise NotReached(host=self.name)
        if fault is not None:
            raise SupplierUnclear(supplier=self.name, said="timeout")
        made = self.house.of_number(order.number)
        if made is None:
            raise NoSuchPurchase(supplier=self.name, number=order.number)
        return self._standing(made)

    async def cancel(self, link: Link, order: Ours, their_number: str, reason: str) -> None:
        raise AssertionError

    async def balance(self, link: Link) -> Balance:
        return Balance(self.house.balance_e4)

    async def statement(
        self, link: Link, begin: datetime, end: datetime, page: str | None = None
    ) -> Page[Charge]:
        raise AssertionError

    async def check_account(self, link: Link, ref: str, account: str) -> AccountCheck:
        return AccountCheck(ok=account not in self.no_accounts, said=f"{account} is unknown")

    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> Notice:
        """The body is: signature, seconds since 1970, our number, their number, what is said."""
        signature, sent, number, theirs, said = request.body.decode().split("|")
        if signature != login.secret.clear:
            raise NoticeNotAuthentic(why="signature")
        then = datetime.fromtimestamp(int(sent), at.tzinfo)
        if abs(at - then) > FRESH:
            raise NoticeNotAuthentic(why="old")
        return Notice(Signal.ORDER, number, theirs, said=said, at=then)

    def reply(self, notice: Notice | None) -> NoticeReply:
        return NoticeReply(b"ok") if notice else NoticeReply(b"fail", status=400)

    def _meet(self, fault: Fault | None, made: Order) -> None:
        if fault is Fault.LOST_AFTER:
            raise SupplierUnclear(supplier=self.name, said="timeout")
        if fault is Fault.TAKEN:
            raise NumberTaken(supplier=self.name, number=made.number, said="-16")
        if fault is Fault.STRANGE_CODE:
            raise SupplierUnclear(supplier=self.name, said="9f")
        if fault is Fault.BUG:
            raise KeyError("state")
        if fault is Fault.STRANGE_WORD:
            self.strange.add(made.number)

    def _standing(self, made: Order) -> Standing:
        if made.number in self.strange:
            return Standing(
                OrderState.PROCESSING, made.number, str(made.order_id), "archived", known=False
            )
        states = {
            State.UNDER_WAY: OrderState.PROCESSING,
            State.SUCCEEDED: OrderState.SUCCEEDED,
            State.FAILED: OrderState.FAILED,
            State.REFUNDED: OrderState.REFUNDED,
        }
        cards = None
        if made.state is State.SUCCEEDED and made.good.kind is not Kind.TOPUP:
            face = made.face_value_e4
            cards = tuple(
                BoughtCard(card.number, card.password, face_value_e4=face) for card in made.given
            )
        return self.told(
            Standing(
                states[made.state],
                made.number,
                str(made.order_id),
                made.state.value,
                quantity=made.quantity,
                charged_e4=made.charged_e4,
                refunded_e4=made.refunded_e4,
                cards=cards,
                ref=str(made.good.good_id),
                receipt="done" if made.good.kind is Kind.TOPUP else "",
                ended_at=made.ended_at,
            )
        )

    def _product(self, good: Good) -> Product:
        return Product(
            str(good.good_id),
            good.title,
            Goods(good.kind.value),
            self.house.told_price_e4(good),
            in_stock=good.stock != 0,
            on_sale=good.on_sale,
            stock=good.stock,
        )

    @property
    def taken_e4(self) -> int:
        """What it keeps of our money."""
        return sum(order.charged_e4 - order.refunded_e4 for order in self.house.orders)


def _refused(why: Why) -> Exception:
    kinds = {
        Why.NO_SUCH_GOOD: ProductGone,
        Why.NOT_ON_SALE: ProductGone,
        Why.SOLD_OUT: SoldOut,
        Why.NO_MONEY: BalanceShort,
        Why.LIMITS: OrderRefused,
    }
    return kinds[why](supplier="counterpart", said=why.value)


def ruled(**changes: object) -> Rules:
    """The rules, but for some."""
    return replace(RULES, **changes)  # type: ignore[arg-type]
