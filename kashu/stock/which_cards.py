"""Which cards: what became of many values that somebody has in a list. Nothing of them is kept."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from kashu.core.db import Tx, plan_for_any_tenant
from kashu.core.secrets import Keyring
from kashu.core.sql import Statement
from kashu.stock.reads import cards_by_id
from kashu.stock.recognise import normalise

AT_ONCE: Final = 1_000
PARTS_MAX: Final = 4  # of a line
# What people put between a number and its password.
_BETWEEN: Final = re.compile(r"-{2,}|[\s,;|，；]+")
# What a chat writes before one of them: 卡号：…, Password: …
_LABEL: Final = re.compile(r"^[A-Za-z\u4e00-\u9fff]{1,12}[:\uff1a](?!//)")


@dataclass(frozen=True, slots=True)
class _Known:
    blind_index: bytes
    id: UUID


_which = Statement(__file__, "which_cards.sql", _Known)


@dataclass(frozen=True, slots=True)
class WhichCard:
    """What became of a card. `line_id`: whose it is, where it has one."""

    card_id: UUID
    sku_id: UUID
    lot_id: UUID
    state: str
    tail: str
    sold_elsewhere: bool
    frozen: bool
    expires_on: date | None
    line_id: UUID | None
    allocated_at: datetime | None
    revealed_at: datetime | None


@dataclass(frozen=True, slots=True)
class WhichCards:
    """Of each value which card it is; None: none that we ever had.

    `unknown`: how many guesses at a card it may have been that weren't right.
    """

    cards: list[WhichCard | None]
    unknown: int

    @property
    def found(self) -> int:
        """How many values are cards."""
        return sum(card is not None for card in self.cards)


async def which_cards(
    tx: Tx, tenant_id: int, keyring: Keyring, values: Sequence[str]
) -> WhichCards:
    """Say of each value which card it is and what became of it.

    A value may be a whole line with number and password. Through the blind index, in each SKU that
    was ever stocked; nothing is opened, and the values are kept nowhere.
    """
    await plan_for_any_tenant(tx)
    wanted = [list(_readings(value)) for value in values]
    indexes = [[keyring.blind_index(each) for each in readings] for readings in wanted]
    asked = list(dict.fromkeys(index for of_value in indexes for index in of_value))
    known: dict[bytes, UUID] = {}
    for begin in range(0, len(asked), AT_ONCE):
        found = await _which(tx, tenant=tenant_id, indexes=asked[begin : begin + AT_ONCE])
        known |= {row.blind_index: row.id for row in found}
    ids = list(dict.fromkeys(known.values()))
    shown: dict[UUID, WhichCard] = {}
    for begin in range(0, len(ids), AT_ONCE):
        for card in await cards_by_id(tx, tenant_id, ids[begin : begin + AT_ONCE]):
            shown[card.id] = WhichCard(
                card.id,
                card.sku_id,
                card.lot_id,
                card.state,
                card.tail,
                card.sold_elsewhere,
                card.frozen,
                card.expires_on,
                card.line_id,
                card.allocated_at,
                card.revealed_at,
            )
    at = [
        next((place for place, index in enumerate(of_value) if index in known), None)
        for of_value in indexes
    ]
    return WhichCards(
        [
            None if place is None else shown[known[of_value[place]]]
            for place, of_value in zip(at, indexes, strict=True)
        ],
        sum(_guesses(len(of_value), place) for place, of_value in zip(at, indexes, strict=True)),
    )


def _guesses(readings: int, place: int | None) -> int:
    """How many guesses weren't right: parts before the one that is a card, or all that there are.

    A line isn't another guess beside its parts.
    """
    if place is None:
        return max(readings - 1, 1)
    return max(place - 1, 0)


def _readings(value: str) -> Iterator[str]:
    """What a value could be: all of it, or a part of a line with a number and a password.

    Of a few parts: whoever pastes a list into one line isn't asking about a card.
    """
    whole = normalise(value)
    yield whole
    for part in _BETWEEN.split(value)[:PARTS_MAX]:
        plain = normalise(_LABEL.sub("", part))
        if plain and plain != whole:
            yield plain
