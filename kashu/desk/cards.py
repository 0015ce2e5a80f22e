"""Cards found: by whatever somebody has of one, and whose order it went to. Always masked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.channels.find import find_by_buyer, find_shop_orders
from kashu.core.db import Tx
from kashu.core.prefixes import typed
from kashu.desk.by_value import look_by_value, settle
from kashu.orders.find import OfLine, find_orders, find_orders_of_buyer, orders_of_lines
from kashu.orders.reads import lines_of_orders
from kashu.stock.find import find_lots
from kashu.stock.reads import (
    FOUND_MAX,
    TAIL_MAX,
    TAIL_MIN,
    CardShown,
    cards_by_tail,
    cards_of_lines,
    cards_of_lot,
)

ORDERS_MAX: Final = 50  # of a buyer, or that begin so


class By(StrEnum):
    """By what a card was found."""

    VALUE = "value"  # all of it
    TAIL = "tail"  # its last characters
    ORDER = "order"  # its order's number, ours or the platform's, or how that begins
    BUYER = "buyer"  # a reference of its buyer, or the last four of it
    LOT = "lot"  # how its lot's id begins


@dataclass(frozen=True, slots=True)
class Found:
    """A card, by what it was found, and whose order it went to, for who may see orders."""

    card: CardShown
    by: By | None
    order: OfLine | None


async def find_cards(tx: Tx, caller: Caller, keyrings: Keyrings, written: str) -> list[Found]:
    """Find cards by what somebody typed or pasted, the likeliest meaning first; at most 200.

    All of a card's value goes through the blind index; it is kept nowhere, and nothing is opened.
    That somebody asked about a card is on record. Raises: CardQuestionsUsed.
    """
    plain = typed(written)
    if len(plain) < TAIL_MIN:
        return []
    looked = await look_by_value(tx, caller, keyrings, written)
    found: dict[UUID, tuple[CardShown, By]] = {}
    for by, cards in (
        (By.VALUE, looked.cards),
        *await _by_order(tx, caller, plain),
        (By.TAIL, await _by_tail(tx, caller.tenant_id, plain)),
        (By.LOT, await _by_lot(tx, caller.tenant_id, plain)),
    ):
        for card in cards:
            found.setdefault(card.id, (card, by))
    await settle(tx, caller, looked, found_otherwise=bool(found))
    kept = list(found.values())[:FOUND_MAX]
    orders = await orders_for(tx, caller, [card for card, _ in kept])
    return [
        Found(card, by, orders.get(card.line_id) if card.line_id else None) for card, by in kept
    ]


async def orders_for(tx: Tx, caller: Caller, cards: Iterable[CardShown]) -> dict[UUID, OfLine]:
    """Say whose orders some cards went to, by line; nothing to who may not see orders."""
    if not caller.may(Permission.ORDERS_READ):
        return {}
    return await orders_of_lines(
        tx, caller.tenant_id, {card.line_id for card in cards if card.line_id is not None}
    )


async def _by_tail(tx: Tx, tenant_id: int, plain: str) -> Sequence[CardShown]:
    if len(plain) > TAIL_MAX or not plain.isascii():
        return []
    return await cards_by_tail(tx, tenant_id, plain)


async def _by_order(tx: Tx, caller: Caller, plain: str) -> list[tuple[By, Sequence[CardShown]]]:
    """Find the cards of orders of that number, ours and the platforms', and of buyers."""
    if not caller.may(Permission.ORDERS_READ):
        return []
    tenant_id = caller.tenant_id
    ours = {each.id for each in await find_orders(tx, tenant_id, plain, limit=ORDERS_MAX)}
    theirs = await find_shop_orders(tx, tenant_id, plain, limit=ORDERS_MAX)
    of_buyer = {
        *(each.order_id for each in await find_by_buyer(tx, tenant_id, plain, limit=ORDERS_MAX)),
        *(each.id for each in await find_orders_of_buyer(tx, tenant_id, plain, limit=ORDERS_MAX)),
    }
    return [
        (
            By.ORDER,
            await cards_of_orders(tx, tenant_id, ours | {each.order_id for each in theirs}),
        ),
        (By.BUYER, await cards_of_orders(tx, tenant_id, of_buyer)),
    ]


async def cards_of_orders(
    tx: Tx, tenant_id: int, order_ids: Iterable[UUID | None]
) -> Sequence[CardShown]:
    """Show the cards that some orders hold."""
    wanted = [id_ for id_ in order_ids if id_ is not None]
    if not wanted:
        return []
    lines = await lines_of_orders(tx, tenant_id, wanted)
    return await cards_of_lines(
        tx, tenant_id, [line.line_id for of_order in lines.values() for line in of_order]
    )


async def _by_lot(tx: Tx, tenant_id: int, plain: str) -> Sequence[CardShown]:
    lots = await find_lots(tx, tenant_id, plain, limit=2)
    return await cards_of_lot(tx, tenant_id, lots[0].id) if len(lots) == 1 else []
