"""HTTP of cards as a clerk asks about them: found by whatever there is, and one card's story."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal, TypeAlias
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.core.db import Database, Tx
from kashu.desk.cards import By, Found, cards_of_orders, find_cards, orders_for
from kashu.orders.find import OfLine, orders_of_lines
from kashu.stock.api_cards import card_out, facts_for, named_by, one_of
from kashu.stock.errors import UnknownCards
from kashu.stock.names import Names, names
from kashu.stock.reads import HISTORY_MAX, Happened, card_history, cards_by_id, cards_of_lot
from kashu.stock.shapes import CardOut

WRITTEN_MAX: Final = 2_000  # characters: a link that is a card may be that long
PAGE: Final = 50  # of a lot's cards

CardStateAsked: TypeAlias = Literal[
    "available",
    "reserved",
    "allocated",
    "revealed",
    "redeemed",
    "quarantined",
    "void",
    "returned",
]


class CardsAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of `q`, `lot_id` and `order_id`. What is typed may be a card: it is never in a URL."""

    q: Annotated[str, msgspec.Meta(min_length=1, max_length=WRITTEN_MAX)] | None = None
    lot_id: UUID | None = None
    order_id: UUID | None = None
    in_state: CardStateAsked | None = msgspec.field(default=None, name="state")  # of a lot's cards
    after: UUID | None = None  # of a lot's cards: from behind this one

    def __repr__(self) -> str:
        """Hide it: it may be a card."""
        return "CardsAsked(•••)"


class OrderOfCard(msgspec.Struct, frozen=True):
    """The order that a card went to, by its source's name."""

    id: UUID
    external_id: str


class FoundCard(msgspec.Struct, frozen=True):
    """A card, masked; by what it was found, and whose order it went to."""

    card: CardOut
    by: By | None
    order: OrderOfCard | None


class CardsFound(msgspec.Struct, frozen=True):
    """Some cards, at most 200. `next_after` where a lot has more of them."""

    cards: list[FoundCard]
    next_after: UUID | None


class StoryStep(msgspec.Struct, frozen=True):
    """One thing that happened to a card: who did it, why, for which order."""

    at: datetime
    kind: str
    by: str | None
    reason: str | None
    order: OrderOfCard | None
    lot_id: UUID | None
    facts: dict[str, Any]


class CardStory(msgspec.Struct, frozen=True):
    """A card and all that happened to it, oldest first; all of it where it is `whole`.

    What a buyer's complaint turns on: who brought it in which file and when, when it was given,
    how often somebody saw it before that and when somebody first did.
    """

    card: CardOut
    order: OrderOfCard | None
    steps: list[StoryStep]
    whole: bool
    received_at: datetime
    received_by: str | None
    file_name: str | None
    given_at: datetime | None
    seen: int
    seen_before_given: int
    first_seen_at: datetime | None


@post(
    "/v1/stock/cards/find",
    operation_id="findCards",
    guards=[requires(Permission.STOCK_READ)],
    status_code=200,
)
async def post_find(
    data: JSONBody[CardsAsked],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    keyrings: NamedDependency[Keyrings],
) -> CardsFound:
    """Find cards by what there is of them: whole value, last four, order, buyer or lot; masked.

    Nothing is opened, and no reveal is recorded. What was typed is kept and logged nowhere.
    """
    one_of(q=data.q, lot_id=data.lot_id, order_id=data.order_id)
    more = None
    async with database.transaction(caller.tenant_id) as tx:
        if data.q is not None:
            found = await find_cards(tx, caller, keyrings, data.q)
        else:
            found, more = await _of(tx, caller, data)
        called = await names(tx, caller, named_by([each.card for each in found]))
    return CardsFound([_found(caller, each, called) for each in found], more)


async def _of(tx: Tx, caller: Caller, data: CardsAsked) -> tuple[list[Found], UUID | None]:
    """Show the cards of a lot, a page, or of an order."""
    tenant_id, more = caller.tenant_id, None
    if data.lot_id is not None:
        cards = await cards_of_lot(
            tx, tenant_id, data.lot_id, state=data.in_state, after=data.after, limit=PAGE + 1
        )
        if len(cards) > PAGE:
            cards = cards[:PAGE]
            more = cards[-1].id
    else:
        caller.require(Permission.ORDERS_READ)
        cards = list(await cards_of_orders(tx, tenant_id, [data.order_id]))
    orders = await orders_for(tx, caller, cards)
    return [
        Found(card, None, orders.get(card.line_id) if card.line_id else None) for card in cards
    ], more


@get(
    "/v1/stock/cards/{card_id:uuid}",
    operation_id="readCard",
    guards=[requires(Permission.STOCK_READ)],
    responses=problems(404),
)
async def get_card(
    card_id: FromPath[UUID], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> CardStory:
    """Read one card, masked, and how it came, who got it and who saw it."""
    tenant_id = caller.tenant_id
    async with database.transaction(tenant_id) as tx:
        shown = await cards_by_id(tx, tenant_id, [card_id])
        if not shown:
            raise UnknownCards(count=1)
        [card] = shown
        told = await card_history(tx, tenant_id, card_id)
        orders: dict[UUID, OfLine] = {}
        if caller.may(Permission.ORDERS_READ):
            lines = {step.line_id for step in told if step.line_id is not None}
            orders = await orders_of_lines(tx, tenant_id, lines)
        called = await names(tx, caller, named_by(shown), [step.actor for step in told])
    came, *_ = told
    seen = [step.at for step in told if step.kind == "revealed"]
    given = [step.at for step in told if step.kind == "allocated"]
    return CardStory(
        card=card_out(caller, card, called),
        order=_order(orders, card.line_id),
        steps=[_step(caller, step, orders, called) for step in told],
        whole=len(told) < HISTORY_MAX,
        received_at=came.at,
        received_by=called.by(came.actor),
        file_name=came.reason,
        given_at=max(given, default=None),
        seen=len(seen),
        seen_before_given=sum(at < max(given) for at in seen) if given else len(seen),
        first_seen_at=min(seen, default=None),
    )


def _order(orders: dict[UUID, OfLine], line_id: UUID | None) -> OrderOfCard | None:
    found = orders.get(line_id) if line_id is not None else None
    return None if found is None else OrderOfCard(found.order_id, found.external_id)


def _step(caller: Caller, step: Happened, orders: dict[UUID, OfLine], called: Names) -> StoryStep:
    return StoryStep(
        step.at,
        step.kind,
        called.by(step.actor),
        step.reason,
        _order(orders, step.line_id),
        step.lot_id,
        facts_for(caller, step.facts),
    )


def _found(caller: Caller, each: Found, called: Names) -> FoundCard:
    order = None if each.order is None else OrderOfCard(each.order.order_id, each.order.external_id)
    return FoundCard(card_out(caller, each.card, called), each.by, order)


routes: Final[Sequence[Any]] = (post_find, get_card)
