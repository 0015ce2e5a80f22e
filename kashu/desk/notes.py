"""Notes: what people wrote about a matter, kept with its subject. Never a card of ours."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import insert, or_, select

from kashu.access.caller import Caller
from kashu.core.db import Tx
from kashu.core.ids import new_ids
from kashu.core.matters import Matter
from kashu.core.secrets import Keyring
from kashu.desk.errors import NoteHasCard
from kashu.desk.queue import Row
from kashu.desk.tables import notes
from kashu.stock.known_cards import known_cards
from kashu.stock.questions import Where, note_question, unknown_so_far

TEXT_MAX: Final = 1_000  # characters
_TOKENS_MAX: Final = 100  # what could be a card, in one note
# What could be a card's number, password or link: long enough, without blanks.
_LEAST: Final = 4
_token = re.compile(r"[\x21-\x7e]{4,}").findall
_PARTS: Final = re.compile(r"-{3,}|[,;:|/=]")


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it stands."""

    id: UUID
    kind: Matter
    subject_id: UUID
    order_id: UUID | None
    text: str
    actor: str
    at: datetime


async def check_text(tx: Tx, caller: Caller, text: str, keyring: Keyring) -> None:
    """Refuse a text that has one of our cards in it, whatever became of that.

    Found by the blind index: nothing is stored or told of what was looked for. What has a digit in
    it counts as a question about a card, or notes would do for guessing.
    Raises: NoteHasCard, CardQuestionsUsed.
    """
    tokens = dict.fromkeys(
        part
        for token in _token(text)
        for part in (token, *_PARTS.split(token))
        if len(part) >= _LEAST
    )
    asked = list(tokens)[:_TOKENS_MAX]
    guesses = sum(any(char.isdigit() for char in each) for each in asked)
    if guesses:
        await unknown_so_far(tx, caller)
    known = await known_cards(tx, caller.tenant_id, keyring, asked)
    if any(card is not None for card in known):
        raise NoteHasCard
    if guesses:
        await note_question(tx, caller, Where.NOTE, values=guesses, found=0, unknown=guesses)


async def note(
    tx: Tx, tenant_id: int, actor: str, rows: Sequence[Row], text: str, *, at: datetime
) -> list[Note]:
    """Write a text about each of some matters; who calls has checked it."""
    made = [
        Note(id_, row.kind, row.id, row.order_id, text, actor, at)
        for id_, row in zip(new_ids(len(rows)), rows, strict=True)
    ]
    if made:
        await tx.execute(
            insert(notes),
            [
                {
                    "tenant_id": tenant_id,
                    "id": each.id,
                    "kind": each.kind.value,
                    "subject_id": each.subject_id,
                    "order_id": each.order_id,
                    "text": each.text,
                    "actor": each.actor,
                    "at": each.at,
                }
                for each in made
            ],
        )
    return made


async def notes_about(
    tx: Tx,
    tenant_id: int,
    *,
    subject_ids: Collection[UUID] = (),
    order_ids: Collection[UUID] = (),
    limit: int = 1_000,
) -> list[Note]:
    """Read what was noted about some subjects, and about some of our orders, the latest first.

    Of none in particular: what was noted about any.
    """
    asked = select(*(notes.c[name] for name in Note.__dataclass_fields__))
    asked = asked.where(notes.c.tenant_id == tenant_id)
    if subject_ids or order_ids:
        of_order = notes.c.order_id.in_(set(order_ids))
        asked = asked.where(or_(notes.c.subject_id.in_(set(subject_ids)), of_order))
    # An id rises with time: the key serves it.
    rows = await tx.execute(asked.order_by(notes.c.id.desc()).limit(limit))
    return [Note(row[0], Matter(row[1]), *row[2:]) for row in rows]
