"""The Asking protocol: platforms that call us with each paid order, and wait for an answer.

It stands beside Channel. The platform's word for an order is final both ways: "failed" makes it
refund the buyer at once, so a Result says so only for a named reason; cards leave only when all
are there. Whatever isn't known yet is OPEN, and is told later by `tell`.

A store of such a platform is linked like any other: `app.key` is the number that the platform gave
the seller, `app.secret` the key that requests are signed with, and `grant.access_token` the key
that cards are encrypted under, where there is one. Each store has addresses of its own; the last
part of the path says which call it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeAlias, runtime_checkable

from kashu.channels.channel import CardText, Link, PushReply, PushRequest, ShopOrder
from kashu.core.errors import KashuError


class Wants(StrEnum):
    """How the platform wants an order fulfilled."""

    CARDS = "cards"
    TOPUP = "topup"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is kept of an order so that it can be answered later, whoever asks or tells."""

    order_id: str
    wants: Wants
    quantity: int
    answer_to: str = ""  # where the result is told; empty: the platform's usual address


@dataclass(frozen=True, slots=True)
class Ask:
    """A paid order. It may come again: it has one effect, and gets the answer as things stand."""

    order: ShopOrder
    ticket: Ticket
    account: str = field(default="", repr=False)  # to be topped up: personal
    details: Mapping[str, str] = field(default_factory=dict, repr=False)  # area, server, system


@dataclass(frozen=True, slots=True)
class Question:
    """How does the order stand?"""

    order_id: str


Asked: TypeAlias = Ask | Question


class Progress(StrEnum):
    """How far an order has come with us, as the platform may know it."""

    UNKNOWN = "unknown"  # we have no such order: they ask again, and a person looks
    OPEN = "open"  # we work on it, or don't know ourselves
    DONE = "done"
    FAILED = "failed"  # for good: the platform refunds the buyer on this word


class Failure(StrEnum):
    """Why an order failed for good."""

    NO_SUCH_GOODS = "no_such_goods"
    NOT_SELLABLE = "not_sellable"
    OUT_OF_STOCK = "out_of_stock"
    PRICE_DIFFERS = "price_differs"
    BAD_ACCOUNT = "bad_account"
    SUPPLIER_REFUSED = "supplier_refused"


@dataclass(frozen=True, slots=True)
class GivenCard:
    """A card in clear, and until when it can be used."""

    card: CardText = field(repr=False)
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What we say of an order. One that would be wrong to say can't be made."""

    progress: Progress
    ticket: Ticket | None = None  # None: we have no such order
    our_number: str = ""
    cards: tuple[GivenCard, ...] = field(default=(), repr=False)
    failure: Failure | None = None

    def __post_init__(self) -> None:
        """Hold the promises that the platforms act on."""
        assert (self.ticket is None) == (self.progress is Progress.UNKNOWN)
        assert (self.failure is not None) == (self.progress is Progress.FAILED)
        wanted = 0
        if self.ticket is not None and self.progress is Progress.DONE:
            wanted = self.ticket.quantity if self.ticket.wants is Wants.CARDS else 0
        assert len(self.cards) == wanted, "all cards of a done order at once, or none"


@runtime_checkable
class Asking(Protocol):
    """An adapter of a platform that asks. Stateless, as a Channel."""

    name: str  # the ChannelKind of its stores
    calls: tuple[str, ...]  # the last parts of the addresses that are registered there
    card_key_bytes: int  # of the key that cards are encrypted under; 0: there is none

    def read(self, link: Link, request: PushRequest) -> Asked:
        """Check that a request is authentic, fresh and for this shop, and read it.

        Raises: PushNotAuthentic, ShopOrderWrong.
        """
        ...

    def answer(self, link: Link, asked: Asked, result: Result) -> PushReply:
        """Write the answer. Raises: NotShippable where this platform can't carry such a card."""
        ...

    def refuse(self, link: Link, request: PushRequest, error: KashuError) -> PushReply:
        """Write the answer to what `read` refused, or we can't take now: never "failed"."""
        ...

    async def tell(self, link: Link, result: Result) -> None:
        """Call the platform with a result that is DONE or FAILED; saying it again does no harm.

        Raises: Refused, Unavailable or Unclear, and NotShippable as `answer`.
        """
        ...
