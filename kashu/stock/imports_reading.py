"""Reading: a file becomes chunks for COPY, in a thread, so that nobody else waits for it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from kashu.core.ids import new_ids
from kashu.core.secrets import Keyring
from kashu.core.sheets.read import read_sheet, read_text
from kashu.core.sheets.rows import Sheet
from kashu.stock.imports_errors import TooManyRows
from kashu.stock.imports_intake import Intake
from kashu.stock.imports_tally import Tally
from kashu.stock.receive_arrivals import arrival
from kashu.stock.recognise import (
    Candidate,
    Columns,
    Reject,
    detect_columns,
    identity,
    recognise,
)
from kashu.stock.secret import encode, mask

CHUNK_ROWS: Final = 5_000  # some 50 ms of work: short enough to be stopped between two
ROWS_MAX: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was opened as a table."""

    sheet: Sheet
    name: str
    sha256: bytes


def open_file(path: Path, name: str | None = None) -> Source:
    """Open a file, whatever it is called. Reads all of it once: call it in a thread.

    Raises what `read_sheet` raises.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    return Source(read_sheet(path, name=name), name or path.name, digest)


def open_pasted(text: str) -> Source:
    """Open pasted text. Raises what `read_text` raises."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return Source(read_text(text), "", digest)


class Reading:
    """One pass through a file. Made and driven in a thread; `tally` counts what it meets.

    With `sealing`, cards are sealed as they are read; a preview only needs their blind index.
    """

    def __init__(self, source: Source, intake: Intake, keyring: Keyring, *, sealing: bool) -> None:
        self.tally = Tally()
        self._keyring = keyring
        self._sku_id = intake.terms.sku_id
        self._sealing = sealing
        self._outcomes = outcomes_of(source, intake, detect_columns(source.sheet))
        self.ended = False

    def chunk(self) -> bytes:
        """Read on, and return the cards among the next rows as COPY wants them.

        Raises: TooManyRows, and what `sheet.rows()` raises.
        """
        met = list(islice(self._outcomes, CHUNK_ROWS))
        self.ended = len(met) < CHUNK_ROWS
        self.tally.read += len(met)
        if self.tally.read > ROWS_MAX:
            raise TooManyRows(most=ROWS_MAX)
        candidates = [outcome for outcome in met if not self._rejected(outcome)]
        return b"".join(self._arrivals(candidates))

    def _rejected(self, outcome: Candidate | Reject) -> bool:
        if isinstance(outcome, Candidate):
            for warning in outcome.warnings:
                self.tally.warn(outcome.row, warning.value)
            return False
        self.tally.reject(outcome.row, outcome.reason)
        return True

    def _arrivals(self, candidates: list[Candidate]) -> Iterator[bytes]:
        keyring, sku_id = self._keyring, self._sku_id
        sealed, tail = b"", ""
        for card, card_id in zip(candidates, new_ids(len(candidates)), strict=True):
            number, password, url = card.number, card.password, card.url
            blind_index = keyring.blind_index(identity(number, password, url))
            if self._sealing:
                sealed = keyring.seal(encode(number, password, url), kind=sku_id, owner=card_id)
                tail = mask(number, password, url)
            yield arrival(card.row, card_id, blind_index, card.expires_on, sealed=sealed, tail=tail)


def outcomes_of(source: Source, intake: Intake, columns: Columns) -> Iterator[Candidate | Reject]:
    """What each row turns out to be, in order; the same at each call."""
    return recognise(
        source.sheet,
        today=intake.today,
        expires_on_default=intake.expires_on,
        card_format=intake.sku.card_format,
        columns=columns,
    )


@asynccontextmanager
async def chunks_of(reading: Reading) -> AsyncIterator[AsyncIterator[bytes]]:
    """Read chunks in a thread, one ahead of who takes them; leave only when the thread is idle."""
    ahead: asyncio.Task[bytes] | None = None

    async def chunks() -> AsyncIterator[bytes]:
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


async def begin_reading(
    source: Source, intake: Intake, keyring: Keyring, *, sealing: bool
) -> Reading:
    """Look at a file's first rows, in a thread. Raises what `sheet.rows()` raises."""
    return await asyncio.to_thread(Reading, source, intake, keyring, sealing=sealing)
