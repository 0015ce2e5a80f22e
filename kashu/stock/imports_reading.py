"""Reading: a file becomes chunks for COPY, in a thread, so that nobody else waits for it."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final, TypeGuard
from uuid import UUID

from kashu.core.ids import new_id, new_ids
from kashu.core.secrets import Keyring
from kashu.core.sheets.read import read_sheet, read_text
from kashu.core.sheets.rows import Sheet
from kashu.stock.imports_errors import TooManyRows
from kashu.stock.imports_intake import Intake
from kashu.stock.imports_tally import Tally
from kashu.stock.receive_arrivals import Chunk, arrival
from kashu.stock.recognise import (
    Candidate,
    Columns,
    Reject,
    detect_columns,
    identity,
    recognise,
)
from kashu.stock.recognise_cells import NEVER
from kashu.stock.secret import encode, mask

CHUNK_ROWS: Final = 20_000  # some 0.2 s of work, and 5 MB
BREATH_ROWS: Final = 250  # some 2 ms of work
# Long enough for the thread that serves requests to take the interpreter: sleep(0) is too short.
BREATH_S: Final = 0.000_05
ROWS_MAX: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was opened as a table."""

    sheet: Sheet
    name: str
    sha256: bytes


def open_file(path: Path, name: str | None = None, worksheet: str | None = None) -> Source:
    """Open a file, whatever it is called. Reads all of it once: call it in a thread.

    Of a workbook `worksheet` is read, or else the first visible one with something in it.

    Raises what `read_sheet` raises.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    sheet = read_sheet(path, name=name, worksheet=worksheet)
    return Source(sheet, name or path.name, digest)


def open_pasted(text: str) -> Source:
    """Open pasted text. Raises what `read_text` raises."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return Source(read_text(text), "", digest)


class Reading:
    """One pass through a file. Made and driven in a thread; `tally` counts what it meets.

    With `sealing`, cards are sealed as they are read; a preview only needs their blind index.
    `columns` says what was recognised where.
    """

    def __init__(self, source: Source, intake: Intake, keyring: Keyring, *, sealing: bool) -> None:
        self.tally = Tally()
        self.ended = False
        self._keyring = keyring
        self._sku_id = intake.terms.sku_id
        self._sealing = sealing
        self._lots: dict[date | None, bytes] = {}
        self.columns = detect_columns(source.sheet)
        self._outcomes = outcomes_of(source, intake, self.columns)

    def chunk(self) -> Chunk:
        """Read on, and return the cards among the next rows.

        Raises: TooManyRows, and what `sheet.rows()` raises.
        """
        read = 0
        rows: list[bytes] = []
        known_lots = len(self._lots)
        while not self.ended and read < CHUNK_ROWS:
            met = list(islice(self._outcomes, BREATH_ROWS))
            self.ended = len(met) < BREATH_ROWS
            read += len(met)
            cards = [outcome for outcome in met if self._is_card(outcome)]
            ids = new_ids(len(cards))  # few at a time: other threads want ids too
            rows += map(self._arrival, cards, ids)
            time.sleep(BREATH_S)
        self.tally.read += read
        if self.tally.read > ROWS_MAX:
            raise TooManyRows(most=ROWS_MAX)
        new_lots = [(UUID(bytes=lot_id), day) for day, lot_id in self._lots.items()][known_lots:]
        return Chunk(len(rows), b"".join(rows), new_lots)

    def _is_card(self, outcome: Candidate | Reject) -> TypeGuard[Candidate]:
        if isinstance(outcome, Reject):
            self.tally.reject(outcome.row, outcome.reason)
            return False
        for warning in outcome.warnings:
            self.tally.warn(outcome.row, warning.value)
        return True

    def _arrival(self, card: Candidate, card_id: UUID) -> bytes:
        number, password, url = card.number, card.password, card.url
        sealed, tail = b"", ""
        if self._sealing:
            text = encode(number, password, url)
            sealed = self._keyring.seal(text, kind=self._sku_id, owner=card_id)
            tail = mask(number, password, url)
        return arrival(
            card.row,
            card_id.bytes,
            self._lots.get(card.expires_on) or self._lot(card.expires_on),
            blind_index=self._keyring.blind_index(identity(number, password, url)),
            sealed=sealed,
            tail=tail,
        )

    def _lot(self, expires_on: date | None) -> bytes:
        made = self._lots[expires_on] = new_id().bytes
        return made


def outcomes_of(source: Source, intake: Intake, columns: Columns) -> Iterator[Candidate | Reject]:
    """What each row turns out to be, in order; the same at each call."""
    return recognise(
        source.sheet,
        today=NEVER.min if intake.terms.sold_elsewhere else intake.today,
        expires_on_default=intake.expires_on,
        card_format=intake.card_format,
        columns=columns,
    )


async def begin_reading(
    source: Source, intake: Intake, keyring: Keyring, *, sealing: bool
) -> Reading:
    """Look at a file's first rows, in a thread. Raises what `sheet.rows()` raises."""
    return await asyncio.to_thread(Reading, source, intake, keyring, sealing=sealing)


@asynccontextmanager
async def chunks_of(reading: Reading) -> AsyncIterator[AsyncIterator[Chunk]]:
    """Read chunks in a thread, one ahead of who takes them; leave only when the thread is idle."""
    ahead: asyncio.Task[Chunk] | None = None

    async def chunks() -> AsyncIterator[Chunk]:
        nonlocal ahead
        ahead = asyncio.create_task(asyncio.to_thread(reading.chunk))
        while True:
            chunk = await asyncio.shield(ahead)
            more = not reading.ended
            if more:
                ahead = asyncio.create_task(asyncio.to_thread(reading.chunk))
            yield chunk
            if not more:
                return

    try:
        yield chunks()
    finally:
        if ahead is not None:  # a thread can't be stopped: the file stays open until it is done
            await asyncio.wait({ahead})
            if not ahead.cancelled():
                ahead.exception()  # it was told, or nobody wants to know any more
