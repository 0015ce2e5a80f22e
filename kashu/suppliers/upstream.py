"""The Supplier protocol: what an adapter does for us at an upstream, small enough to read at once.

An adapter is stateless: each call is handed a Link. It signs, calls, reads, and converts: times to
UTC, money to ten-thousandths, ids to text. It keeps nothing, repeats nothing, never sleeps. Each
call ends in its answer, or in Refused, Unavailable or Unclear of kashu/suppliers/errors.py; what
a supplier says and its table doesn't know is Unclear.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Generic, Protocol, TypeVar, runtime_checkable

from kashu.core.clock import Clock
from kashu.core.http import DEADLINE_S, Http
from kashu.core.secrets import Secret
from kashu.suppliers.kinds import Goods

NUMBER_MAX: Final = 19  # ASCII letters and digits: the tightest limit of all suppliers

Member = TypeVar("Member")


class Can(StrEnum):
    """What a supplier lets its customers' programs do. What an adapter lacks, nobody calls."""

    LIST_PRODUCTS = "list_products"
    READ_PRODUCT = "read_product"  # one product, as our account sees it now
    READ_INPUTS = "read_inputs"  # what must be filled in to buy one
    BALANCE = "balance"
    PLACE = "place"
    ASK = "ask"  # how an order stands, by our number
    ASK_THEIRS = "ask_theirs"  # … by theirs only: the answer to place() must have come
    CANCEL = "cancel"  # ask for an order to be ended, its money to come back
    STATEMENT = "statement"  # what was charged in a time
    CHECK_ACCOUNT = "check_account"  # whether an account can be topped up
    NOTICE = "notice"  # it tells us over HTTP how an order went
    NOTICE_PRODUCTS = "notice_products"  # … and that a product changed


class Repeats(StrEnum):
    """What becomes of a second order with the same number of ours."""

    SAME = "same"  # the order that is there is told
    REFUSED = "refused"
    REFUSED_UNLESS_FAILED = "refused_unless_failed"  # after a failure it is a new order
    UNKNOWN = "unknown"  # perhaps a second order: never sent again


class Guard(StrEnum):
    """The price limit that an order carries, so that a rise can't cost us more."""

    NONE = "none"  # read the price right before ordering
    UNIT = "unit"
    TOTAL = "total"


class NoticeBy(StrEnum):
    """Where a supplier learns our notice address."""

    ORDER = "order"  # each order carries it
    CONSOLE = "console"  # somebody enters it there
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Rules:
    """How a supplier's system behaves, as far as it is known. Routing and asking follow it."""

    goods: frozenset[Goods]
    repeats: Repeats
    guard: Guard = Guard.NONE
    notice_by: NoticeBy = NoticeBy.NONE
    ask_after: timedelta = timedelta(seconds=1)  # no sooner after ordering
    # "No such order" means nothing before; after it, said twice, nothing was created.
    settles_after: timedelta = timedelta(hours=2)
    asked_within: timedelta | None = None  # orders older than this can't be asked for
    calls_per_s: float = math.inf  # of one account
    # … of one operation, by how the path of its address ends.
    paths_per_s: Mapping[str, float] = field(default_factory=dict, hash=False)
    one_at_a_time: bool = False  # a second order while one is under way would blur the first
    place_deadline_s: float = DEADLINE_S
    most_at_once: int | None = None  # of one order, whatever the product says
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class Login:
    """Our account at a supplier."""

    account: str  # who we are there: an app key, a user id, a merchant number
    secret: Secret
    base_url: str  # of this supplier; empty: the adapter's own, where it has one
    options: Mapping[str, str] = field(default_factory=dict, repr=False)  # see the adapter


@dataclass(frozen=True, slots=True)
class Link:
    """All that a call needs."""

    login: Login
    http: Http
    now: Clock


@dataclass(frozen=True, slots=True)
class Page(Generic[Member]):
    """Some members of a list. `next` asks for more; None when there are none.

    `wrong`: how many of this page can't be read, so that they don't hold up the others.
    """

    members: Sequence[Member]
    next: str | None = None
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class Product:
    """What a supplier sells, as our account sees it. Texts are theirs: never trusted."""

    ref: str  # what place() wants back, with the variant where there is one
    title: str
    goods: Goods
    unit_cost_e4: int | None  # what one costs us; None: it isn't told here
    in_stock: bool
    on_sale: bool
    stock: int | None = None  # None: not told in numbers
    face_value_e4: int | None = None
    least: int = 1
    most: int | None = None
    currency: str = "CNY"
    group: str = ""  # their category, in words


class InputKind(StrEnum):
    """What may be typed."""

    TEXT = "text"
    PASSWORD = "password"  # noqa: S105  (a kind of field)
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Input:
    """Something that must be filled in to buy a product: mostly the account to top up."""

    key: str  # as it stands in Order.inputs
    title: str
    kind: InputKind = InputKind.TEXT
    required: bool = True
    is_account: bool = False  # the account that is topped up
    pattern: str = ""  # a regular expression of theirs; advice for a form, never compiled by us
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What we order, and how much it may cost. Written down before it leaves, never changed."""

    number: str  # ours: at most NUMBER_MAX letters and digits
    ref: str
    goods: Goods
    quantity: int
    unit_cost_e4: int  # what we were told that one costs
    total_max_e4: int  # where there is a guard, it is refused above this
    ordered_at: datetime
    inputs: Mapping[str, str] = field(default_factory=dict, repr=False)  # by Input.key
    notice_url: str = field(default="", repr=False)  # where the supplier tells us; unguessable


class OrderState(StrEnum):
    """Where an order stands at its supplier."""

    PROCESSING = "processing"  # also every word that isn't in the table
    SUCCEEDED = "succeeded"
    FAILED = "failed"  # ended without success; the money isn't taken, or is back
    REFUNDED = "refunded"  # it had been paid, and all or part of the money is back


@dataclass(frozen=True, slots=True)
class BoughtCard:
    """A card in clear, as its supplier gave it."""

    number: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    expires_on: date | None = None  # the last day it works
    face_value_e4: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How an order stands at its supplier, as it says."""

    state: OrderState
    number: str  # ours, as they tell it; empty: they don't
    their_number: str  # empty: not told
    said: str  # their own word or code
    known: bool = True  # False: the word isn't in the table. It counts as processing; people look
    quantity: int | None = None
    charged_e4: int | None = None  # in all, for what was ordered
    refunded_e4: int = 0
    # None while they aren't to be had yet, though it succeeded: it is asked again.
    cards: tuple[BoughtCard, ...] | None = field(default=None, repr=False)
    ref: str = ""  # of the product, as they tell it
    account: str = field(default="", repr=False)  # that was topped up, as they tell it
    receipt: str = ""  # what the buyer of a top-up may be shown
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """Our money with a supplier, as it says."""

    amount_e4: int
    credit_e4: int = 0  # how far below zero it may go
    currency: str = "CNY"
    frozen_e4: int = 0


@dataclass(frozen=True, slots=True)
class Charge:
    """One row of a supplier's statement."""

    number: str  # ours; empty: not told
    their_number: str
    amount_e4: int  # what it took; less than 0: it gave back
    quantity: int | None
    ordered_at: datetime | None
    completed_at: datetime | None
    said: str = ""
    title: str = ""
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class AccountCheck:
    """Whether an account can be topped up."""

    ok: bool
    said: str = ""
    name: str = field(default="", repr=False)  # the account's own, masked, for people to compare


class Signal(StrEnum):
    """What a notice is about. It is never believed for more than whose it is: we ask."""

    ORDER = "order"
    PRODUCT = "product"
    OTHER = "other"  # authentic, and none of our business


@dataclass(frozen=True, slots=True)
class Notice:
    """A message from a supplier whose signature is right."""

    signal: Signal
    number: str = ""  # ours
    their_number: str = ""
    ref: str = ""  # of a product
    said: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NoticeRequest:
    """An HTTP request that claims to come from a supplier. Header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoticeReply:
    """What a supplier wants to hear."""

    body: bytes
    media_type: str = "text/plain"
    status: int = 200


@runtime_checkable
class Upstream(Protocol):
    """An adapter of one protocol that suppliers speak. See Can for which of these it has."""

    name: str  # of the protocol
    can: frozenset[Can]
    rules: Rules
    secret_options: frozenset[str]  # the names of those Login.options that nobody may see

    async def products(self, link: Link, page: str | None = None) -> Page[Product]:
        """What is sold to us."""
        ...

    async def product(self, link: Link, ref: str, quantity: int = 1) -> Product:
        """One product, with what one of `quantity` costs us now. Raises also: ProductGone."""
        ...

    async def inputs(self, link: Link, ref: str) -> Sequence[Input]:
        """What must be filled in to buy a product. Raises also: ProductGone."""
        ...

    async def place(self, link: Link, order: Order) -> Standing:
        """Order, once. Raises also: what kashu/suppliers/errors.py says of orders.

        Refused: nothing was created there. Whatever isn't known to mean that is Unclear.
        """
        ...

    async def ask(self, link: Link, order: Order, their_number: str = "") -> Standing:
        """How an order stands, with its cards where they are there. Never creates a second one.

        Where only sending the order again tells, it is sent again, with the same number: see
        Rules.repeats. Raises also: NoSuchPurchase (which alone proves nothing), AnswerLost.
        """
        ...

    async def cancel(self, link: Link, order: Order, their_number: str, reason: str) -> None:
        """Ask for an order to be ended. That it was is learnt by asking."""
        ...

    async def balance(self, link: Link) -> Balance:
        """Our money there."""
        ...

    async def statement(
        self, link: Link, begin: datetime, end: datetime, page: str | None = None
    ) -> Page[Charge]:
        """What was charged from `begin` up to but not at `end`."""
        ...

    async def check_account(self, link: Link, ref: str, account: str) -> AccountCheck:
        """Whether an account can be topped up with a product."""
        ...

    def read_notice(self, login: Login, request: NoticeRequest, at: datetime) -> Notice:
        """Check that a notice is authentic and fresh, and read it. Raises: NoticeNotAuthentic."""
        ...

    def reply(self, notice: Notice | None) -> NoticeReply:
        """Say that a notice was taken; None: that it wasn't."""
        ...
