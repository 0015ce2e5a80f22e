"""Questions: whoever asks which values are our cards is on record, and can't guess for long."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, func, select

from kashu.access.caller import Caller
from kashu.core.clock import now
from kashu.core.db import Tx, one_at_a_time
from kashu.core.events import Event, events, record
from kashu.core.ids import first_id_at
from kashu.stock.errors import CardQuestionsUsed

UNKNOWN_AN_HOUR: Final = 1_000  # values that are no card of ours, by each person and each program
_KIND: Final = "card_question.asked"


class Where(StrEnum):
    """Where somebody asked."""

    LIST = "list"  # many at once
    SEARCH = "search"
    NOTE = "note"  # whether a text has one of our cards in it
    PILOT = "pilot"  # of the old way's sheet, most of whose cards may be others: they don't count


async def unknown_so_far(tx: Tx, caller: Caller) -> int:
    """Say how many values that weren't ours somebody asked about since the hour began.

    By the clock's hours, so that a refusal can name when the next begins. Locks: what this actor
    asks, one at a time: two requests wouldn't both fit. Raises: CardQuestionsUsed.
    """
    await one_at_a_time(tx, f"ask about cards {caller.tenant_id} {caller.actor}")
    counted = select(
        func.coalesce(func.sum(events.c.facts["unknown"].astext.cast(Integer)), 0)
    ).where(
        events.c.tenant_id == caller.tenant_id,
        events.c.subject_id == _subject(caller.actor),
        events.c.kind == _KIND,
        events.c.id >= first_id_at(_hour(now())),
    )
    used = int((await tx.execute(counted)).scalar_one())
    if used >= UNKNOWN_AN_HOUR:
        raise used_up(caller, used)
    return used


async def note_question(
    tx: Tx, caller: Caller, where: Where, *, values: int, found: int, unknown: int
) -> None:
    """Write down that somebody asked, and how much came of it; never about what.

    `unknown`: how many guesses that weren't right it may have been.
    """
    facts = {"where": where.value, "values": values, "found": found, "unknown": unknown}
    event = Event(_KIND, _subject(caller.actor), facts)
    await record(tx, caller.tenant_id, caller.actor, [event])


def used_up(caller: Caller, used: int) -> CardQuestionsUsed:
    """Refuse: `used` values were unknown this hour."""
    until = _hour(now()) + timedelta(hours=1)
    at = until.astimezone(ZoneInfo(caller.timezone)).strftime("%H:%M")
    return CardQuestionsUsed(used=used, quota=UNKNOWN_AN_HOUR, until=at)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _subject(actor: str) -> UUID:
    """Whose questions they are: so they are found together. Whoever has a Caller has an id."""
    return UUID(actor.partition(":")[2])
