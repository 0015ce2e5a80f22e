"""What a request for orders is answered: kept without secrets, filled in when it leaves."""

from collections.abc import Iterable, Mapping
from uuid import UUID

import msgspec

from kashu.orders.order import LineOutcome, OrderOutcome
from kashu.stock.secret import CardSecret


class CardAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A card in clear, for its buyer. Only the parts that it has."""

    card_id: UUID
    number: str = ""
    password: str = ""
    url: str = ""

    def __repr__(self) -> str:
        """Hide it."""
        return f"CardAnswer({self.card_id}, •••)"


class LineAnswer(msgspec.Struct, frozen=True):
    """How far a line has come. delivered + waiting + refused + refunded = quantity."""

    line_id: UUID
    number: int
    sku: str
    quantity: int
    delivered: int
    waiting: int
    refused: int
    refunded: int
    cards: tuple[CardAnswer, ...] = ()


class OrderAnswer(msgspec.Struct, frozen=True):
    """What came of an order. `new` is false when it was there before: then no cards are repeated.

    `state`: filled, partly_filled, short, refused or refunded. `differs`: it was there with other
    lines or prices than those sent now; what is told is what is there.
    """

    order_id: UUID
    external_id: str
    new: bool
    state: str
    lines: tuple[LineAnswer, ...]
    differs: bool = False


class OrdersAnswer(msgspec.Struct, frozen=True):
    """One answer for each order of the request, in its order."""

    orders: tuple[OrderAnswer, ...]


def state_of(lines: Iterable[LineOutcome]) -> str:
    """Say in a word what became of an order."""
    lines = tuple(lines)
    delivered = any(line.delivered for line in lines)
    if any(line.waiting for line in lines):
        return "partly_filled" if delivered else "short"
    if any(line.refused for line in lines):
        return "partly_filled" if delivered else "refused"
    return "filled" if delivered else "refunded"


def answer_of(
    outcome: OrderOutcome,
    external_id: str,
    skus: Iterable[tuple[str, int]],
    cards: Mapping[UUID, Iterable[UUID]],
    *,
    differs: bool = False,
) -> OrderAnswer:
    """Put an outcome in the words of the wire; of cards only their ids.

    `skus`: the code and quantity of each line. `cards`: the ids of those that leave, by line.
    """
    lines = tuple(
        LineAnswer(
            line.line_id,
            number,
            sku,
            quantity,
            line.delivered,
            line.waiting,
            line.refused,
            line.refunded,
            tuple(CardAnswer(card_id) for card_id in cards.get(line.line_id, ())),
        )
        for number, (line, (sku, quantity)) in enumerate(
            zip(outcome.lines, skus, strict=True), start=1
        )
    )
    return OrderAnswer(
        outcome.order_id, external_id, outcome.new, state_of(outcome.lines), lines, differs
    )


def fill_in(answer: OrdersAnswer, secrets: Mapping[UUID, CardSecret]) -> OrdersAnswer:
    """Put the secrets of cards where their ids stand."""
    if not secrets:
        return answer

    def card(each: CardAnswer) -> CardAnswer:
        secret = secrets[each.card_id]
        return CardAnswer(each.card_id, secret.number, secret.password, secret.url)

    return OrdersAnswer(
        tuple(
            msgspec.structs.replace(
                order,
                lines=tuple(
                    msgspec.structs.replace(line, cards=tuple(card(each) for each in line.cards))
                    if line.cards
                    else line
                    for line in order.lines
                ),
            )
            for order in answer.orders
        )
    )


def cards_in(answer: OrdersAnswer) -> list[UUID]:
    """The ids of all cards of an answer."""
    return [card.card_id for order in answer.orders for line in order.lines for card in line.cards]
