"""The Channel protocol: what an adapter does for us on a platform, small enough to read at once.

An adapter is stateless: each call is handed a Link. It signs, calls, reads, and converts: times to
UTC, money to ten-thousandths, ids to text. Each call ends in its answer, or in Refused,
Unavailable or Unclear of kashu/channels/errors.py; what a platform says and its table doesn't
know is Unclear.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Generic, Protocol, TypeVar, runtime_checkable

from kashu.channels.errors import ShopOrderWrong
from kashu.core.clock import Clock
from kashu.core.http import Http
from kashu.core.secrets import Secret

Member = TypeVar("Member")


class Can(StrEnum):
    """What a platform lets its sellers' programs do. What an adapter lacks, nobody calls."""

    AUTHORIZE = "authorize"  # the seller signs in there and a code comes back
    REFRESH = "refresh"  # a token is renewed without the seller
    LIST_LISTINGS = "list_listings"
    COLLECT = "collect"  # orders by when they changed
    READ_ORDER = "read_order"
    SEND_CARD = "send_card"  # the platform itself shows the buyer the card
    SEND_MEMO = "send_memo"  # a note at the order
    SEND_CONFIRMS = "send_confirms"  # sending the card also marks the order as shipped
    SEND_MAY_CONFIRM = (
        "send_may_confirm"  # … or may, for all that is known: it is told all the same
    )
    CONFIRM = "confirm"  # mark as shipped, without logistics
    PUBLISH_STOCK = "publish_stock"
    PUBLISH_PRICE = "publish_price"
    LIST_REFUNDS = "list_refunds"
    ANSWER_REFUND = "answer_refund"
    PUSH = "push"  # it tells us over HTTP what happened
    STREAM = "stream"  # it tells us over a connection that we hold open: see streaming.py
    ASKED = "asked"  # it asks us for each order's cards, and waits for our answer


@dataclass(frozen=True, slots=True)
class App:
    """Our application at a platform."""

    key: str
    secret: Secret
    base_url: str = ""  # of a sandbox or simulator; empty: the platform's own
    options: Mapping[str, str] = field(default_factory=dict, repr=False)  # see the adapter


@dataclass(frozen=True, slots=True)
class Grant:
    """A seller's permission for our application."""

    shop_id: str  # the platform's own id of the shop
    shop_name: str
    access_token: Secret
    refresh_token: Secret | None = None
    expires_at: datetime | None = None  # None: until the seller takes it back
    refreshable_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """All that a call needs. `grant` is None only while authorizing."""

    app: App
    grant: Grant | None
    http: Http
    now: Clock


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far one collection of changes may reach."""

    window: timedelta  # from beginning to end of one question
    history: timedelta  # how long ago it may begin
    lag: timedelta  # what changed later than this ago may still be missing


@dataclass(frozen=True, slots=True)
class Window:
    """Changes from `begin` on, up to but not at `end`. UTC."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Page(Generic[Member]):
    """Some members of a list. `next` asks for more; None when there are none.

    An adapter whose platform must be paged backwards does so: whoever reads all pages misses none.
    A member that can't be is told apart, so that it doesn't hold up the others.
    """

    members: Sequence[Member]
    next: str | None = None
    wrong: Sequence[ShopOrderWrong] = ()


class ShopState(StrEnum):
    """Where an order stands on its platform."""

    UNPAID = "unpaid"
    PAID = "paid"  # to be delivered
    HELD = "held"  # paid, but the platform forbids to deliver for now
    SHIPPED = "shipped"  # told to the buyer; ours or somebody else's doing
    FINISHED = "finished"
    CLOSED = "closed"  # the money went back, or was never paid


class ShopRefundState(StrEnum):
    """Where a refund stands on its platform."""

    NONE = "none"
    ASKED = "asked"  # open: the buyer wants it, nobody has decided
    DONE = "done"  # the money is back
    REFUSED = "refused"  # refused or withdrawn


@dataclass(frozen=True, slots=True)
class ShopLine:
    """What was bought of one listing."""

    line_id: str  # the platform's own id of the line, or the order's where it has one line only
    item_id: str
    sku_id: str  # empty: the item has no variants
    quantity: int
    paid_e4: int  # what the buyer paid for this line, after discounts
    title: str = ""
    merchant_code: str = ""  # what the seller typed as its own code
    properties: str = ""  # the variant in words; may hold a top-up account
    refund: ShopRefundState = ShopRefundState.NONE
    state: ShopState | None = None  # where it differs from the order's
    # What of it went back, or is asked back; None: the platform doesn't say here.
    refunded_e4: int | None = None


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """An order as its platform tells it. Lines add up to `paid_e4`, or the adapter refuses it."""

    order_id: str
    state: ShopState
    changed_at: datetime
    paid_at: datetime | None
    paid_e4: int
    lines: tuple[ShopLine, ...]
    ship_by: datetime | None = None  # later costs a penalty
    buyer: str = ""  # how the platform names the buyer: masked or an open id
    note: str = field(default="", repr=False)  # what the buyer typed: personal, may hold an account
    complete: bool = True  # False: a list's short form; order() knows the rest
    kind: str = ""  # the platform's own word, where what may be done depends on it


@dataclass(frozen=True, slots=True)
class ShopRefund:
    """A refund as its platform tells it."""

    refund_id: str
    order_id: str
    line_id: str  # empty: of the whole order
    state: ShopRefundState
    amount_e4: int | None  # None: the platform doesn't say how much; a person does
    changed_at: datetime
    version: str = ""  # what the platform wants back with an answer
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Something for sale on a platform: an item, or one variant of it."""

    item_id: str
    sku_id: str
    title: str
    properties: str
    merchant_code: str
    price_e4: int | None
    quantity: int | None
    on_sale: bool


@dataclass(frozen=True, slots=True)
class CardText:
    """A card in clear, for its buyer."""

    number: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Parcel:
    """Cards for the buyer of one line."""

    order_id: str
    line_id: str
    cards: tuple[CardText, ...] = field(repr=False)
    token: str = ""  # what the platform gave us to answer with, where it did
    kind: str = ""  # of the order, as order() told it; empty: whoever needs it asks
    is_note: bool = False  # words for the buyer instead of cards, each in `number`: by SEND_MEMO


@dataclass(frozen=True, slots=True)
class StockLevel:
    """How many of a listing may be bought."""

    item_id: str
    sku_id: str
    quantity: int


class Signal(StrEnum):
    """What a push is about."""

    ORDER = "order"  # read it: a push is never believed for more than its order's number
    REFUND = "refund"
    GRANT_LOST = "grant_lost"
    OTHER = "other"  # authentic, and none of our business


@dataclass(frozen=True, slots=True)
class Push:
    """A message from a platform whose signature is right."""

    signal: Signal
    shop_id: str
    event_id: str  # repeats carry it again; empty where the platform has none
    order_id: str = ""
    refund_id: str = ""
    at: datetime | None = None
    token: str = field(default="", repr=False)  # to be sent back with the order's cards


@dataclass(frozen=True, slots=True)
class PushRequest:
    """An HTTP request that claims to come from a platform. Header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PushReply:
    """What a platform wants to hear."""

    body: bytes
    media_type: str = "application/json"
    status: int = 200


NO_OTHER_LIMITS: Final[Mapping[str, float]] = MappingProxyType({})


@runtime_checkable
class Channel(Protocol):
    """An adapter of one platform. See Can for which of these it has."""

    name: str  # the ChannelKind of its stores
    can: frozenset[Can]
    bounds: Bounds
    calls_per_s: float  # of one application, where the platform states it; we wait, never drop
    shop_calls_per_s: float  # of one of its shops, where that is stated; math.inf: it isn't
    # The same of calls that have a limit of their own; whoever makes one asks link.http.turn(name).
    shop_calls_named_per_s: Mapping[str, float]
    secret_options: frozenset[str]  # the names of those App.options that nobody may see

    def authorize_url(self, app: App, *, redirect: str, state: str) -> str:
        """Say where the seller permits us to act for the shop."""
        ...

    async def authorize(self, link: Link, *, code: str, redirect: str) -> Grant:
        """Turn the code that came back into a grant."""
        ...

    async def refresh(self, link: Link) -> Grant:
        """Renew the grant. The old one may be void from now on."""
        ...

    async def listings(self, link: Link, page: str | None = None) -> Page[Listing]:
        """What is for sale, with variants."""
        ...

    async def orders(self, link: Link, window: Window, page: str | None = None) -> Page[ShopOrder]:
        """Orders that changed in a window no longer than `bounds.window`.

        One that can't be read is given incomplete, so that it doesn't hold up the others: order()
        tells what is wrong with it.
        """
        ...

    async def order(self, link: Link, order_id: str) -> ShopOrder:
        """One order, complete, as it stands now. Raises also: NoSuchShopOrder."""
        ...

    async def send(self, link: Link, parcel: Parcel) -> None:
        """Give the buyer the cards by the platform's own means."""
        ...

    async def confirm(self, link: Link, order_id: str, line_ids: Sequence[str]) -> None:
        """Mark as shipped, without logistics. Raises also: AlreadyShipped."""
        ...

    async def publish_stock(self, link: Link, levels: Sequence[StockLevel]) -> None:
        """Set what may be bought: absolute numbers, up to 20 listings."""
        ...

    async def publish_price(self, link: Link, item_id: str, sku_id: str, price_e4: int) -> None:
        """Set a listing's price."""
        ...

    async def refunds(
        self, link: Link, window: Window, page: str | None = None
    ) -> Page[ShopRefund]:
        """Refunds that changed in a window no longer than `bounds.window`."""
        ...

    async def answer_refund(
        self, link: Link, refund: ShopRefund, *, agree: bool, reason: str = ""
    ) -> None:
        """Agree to a refund, or refuse it with a reason."""
        ...

    def read_push(self, app: App, request: PushRequest) -> tuple[Push, ...]:
        """Check that a push is authentic and fresh, and read it. Raises: PushNotAuthentic."""
        ...

    def reply(self, pushes: Sequence[Push]) -> PushReply:
        """Say that pushes were taken."""
        ...
