"""Which: of many cards in a list, what became of each, and whose order it went to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from kashu.access.caller import Caller
from kashu.access.keyring import Keyrings
from kashu.access.permissions import Permission
from kashu.catalog.reads import Sku, skus_by_id
from kashu.core.db import Tx
from kashu.orders.find import OfLine, orders_of_lines
from kashu.stock.errors import CardQuestionsUsed
from kashu.stock.questions import (
    UNKNOWN_AN_HOUR,
    Where,
    note_question,
    unknown_so_far,
    used_up,
)
from kashu.stock.which_cards import WhichCard, which_cards


class Standing(StrEnum):
    """How a card stands, as whoever has a list of them asks."""

    UNKNOWN = "unknown"  # none that we ever had
    REPEATED = "repeated"  # the same as a row before
    AVAILABLE = "available"
    FROZEN = "frozen"  # in stock, and not given out
    RESERVED = "reserved"
    ALLOCATED = "allocated"
    REVEALED = "revealed"
    REDEEMED = "redeemed"
    QUARANTINED = "quarantined"
    VOID = "void"
    RETURNED = "returned"
    SOLD_ELSEWHERE = "sold_elsewhere"


@dataclass(frozen=True, slots=True)
class Which:
    """What became of a row of the list; the rows are counted from 1."""

    row: int
    standing: Standing
    tail: str
    card_id: UUID | None = None
    sku: Sku | None = None
    lot_id: UUID | None = None
    expires_on: date | None = None
    order: OfLine | None = None
    given_at: datetime | None = None
    seen_at: datetime | None = None


async def which(
    tx: Tx, caller: Caller, keyrings: Keyrings, values: Sequence[str]
) -> list[Which] | CardQuestionsUsed:
    """Say what became of each value, in the order given; orders only to who may see them.

    Nothing is opened: this is no reveal. The values are kept and logged nowhere; that somebody
    asked is on record. Where too many are unknown nothing is said: the refusal is to be raised once
    `tx` is committed, or asking so would cost nothing. Raises: CardQuestionsUsed.
    """
    tenant_id = caller.tenant_id
    before = await unknown_so_far(tx, caller)
    keyring = await keyrings.of(tx, tenant_id)
    found = await which_cards(tx, tenant_id, keyring, values)
    await note_question(
        tx, caller, Where.LIST, values=len(values), found=found.found, unknown=found.unknown
    )
    if before + found.unknown > UNKNOWN_AN_HOUR:
        return used_up(caller, before + found.unknown)
    return await _told(tx, caller, found.cards)


async def _told(tx: Tx, caller: Caller, found: Sequence[WhichCard | None]) -> list[Which]:
    tenant_id = caller.tenant_id
    cards = [each for each in found if each is not None]
    skus = await skus_by_id(tx, tenant_id, {each.sku_id for each in cards})
    orders: dict[UUID, OfLine] = {}
    if caller.may(Permission.ORDERS_READ):
        lines = {each.line_id for each in cards if each.line_id is not None}
        orders = await orders_of_lines(tx, tenant_id, lines)
    told, seen = [], set()
    for row, card in enumerate(found, start=1):
        if card is None:
            told.append(Which(row, Standing.UNKNOWN, ""))
            continue
        told.append(
            Which(
                row,
                Standing.REPEATED if card.card_id in seen else _standing(card),
                card.tail,
                card.card_id,
                skus[card.sku_id],
                card.lot_id,
                card.expires_on,
                orders.get(card.line_id) if card.line_id else None,
                card.allocated_at,
                card.revealed_at,
            )
        )
        seen.add(card.card_id)
    return told


def _standing(card: WhichCard) -> Standing:
    if card.sold_elsewhere:
        return Standing.SOLD_ELSEWHERE
    if card.frozen and card.state == Standing.AVAILABLE:
        return Standing.FROZEN
    return Standing(card.state)
