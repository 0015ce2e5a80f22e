"""Import: a supplier's file becomes stock, all of its good rows or nothing.

The cards, their lots, the books and the import's end are one transaction. Beside it, in small
transactions of their own, the import's row says how far it is.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

import structlog

from kashu.access.keyring import Keyrings
from kashu.core.db import Database, Tx, one_at_a_time
from kashu.core.errors import KashuError
from kashu.core.secrets import Keyring
from kashu.stock.imports_errors import FileChanged, KeyReplaced
from kashu.stock.imports_intake import Intake
from kashu.stock.imports_notes import history_of
from kashu.stock.imports_reading import Reading, Source, begin_reading, chunks_of
from kashu.stock.imports_report import Outcome, outcome_of
from kashu.stock.imports_state import beat, begin, fail, finish
from kashu.stock.receive import NewLot, begin_receiving, foreseen
from kashu.stock.receive_arrivals import add_arrivals, no_arrivals

BEAT_EVERY_S: Final = 0.5

# Another import of the same SKU may be before us, and takes half a minute for a million cards.
_SETTINGS: Final = {"lock_timeout": "10min"}

_log = structlog.get_logger()


OnProgress: TypeAlias = Callable[[int], None]  # how many rows have been read


def _silent(_: int) -> None:
    """Nobody watches."""


async def preview(
    tx: Tx,
    tenant_id: int,
    intake: Intake,
    source: Source,
    *,
    keyrings: Keyrings,
    besides: UUID | None = None,
    on_progress: OnProgress = _silent,
) -> Outcome:
    """Tell what an import of the file would do. Writes nothing, takes no lock, seals nothing.

    `besides`: an import that is left out of account, to ask again about its own file.
    Raises what `read_sheet` raises where the file is damaged deep inside; TooManyRows.
    """
    began = time.monotonic()
    keyring = await keyrings.of(tx, tenant_id)
    history = await history_of(tx, tenant_id, intake, source.sha256)
    reading = await begin_reading(source, intake, keyring, sealing=False)
    await no_arrivals(tx)
    async with chunks_of(reading) as chunks:
        async for chunk in chunks:
            await add_arrivals(tx, chunk.rows)
            on_progress(reading.tally.read)
    sold_elsewhere = intake.terms.sold_elsewhere
    async for away in foreseen(
        tx, tenant_id, intake.sku.id, besides=besides, sold_elsewhere=sold_elsewhere
    ):
        reading.tally.turn_away(away.place, away.first_place, away.reason)
    took_s = time.monotonic() - began
    return outcome_of(source, intake, reading, history, import_id=None, lots=[], took_s=took_s)


async def import_file(
    database: Database,
    tenant_id: int,
    actor: str,
    intake: Intake,
    source: Source,
    *,
    keyrings: Keyrings,
    expect_sha256: bytes | None = None,
    on_progress: OnProgress = _silent,
) -> Outcome:
    """Import a file: its good rows become cards in one transaction, the others are reported.

    `expect_sha256`: what was previewed. Whatever stops it, nothing of the file is kept, and the
    import is marked failed; that of a killed program is by fail_silent_imports().
    Locks: imports of one SKU write one after another. Selling goes on: the SKU's level is held
    only for the last few statements before the commit.
    Raises: FileChanged, TooManyRows, ReceiptTooLarge, ImportLost, KeyReplaced, and what
    `read_sheet` raises.
    """
    if expect_sha256 is not None and expect_sha256 != source.sha256:
        raise FileChanged
    began = time.monotonic()
    async with database.transaction(tenant_id) as tx:
        keyring = await keyrings.of(tx, tenant_id)
        history = await history_of(tx, tenant_id, intake, source.sha256)
        import_id = await begin(tx, tenant_id, actor, intake, source)
    work = _Import(keyrings, tenant_id, actor, import_id, intake.of_import(import_id), on_progress)
    try:
        reading = await begin_reading(source, intake, keyring, sealing=True)
        async with (
            _beating(database, tenant_id, import_id, reading) as stop_beating,
            database.transaction(tenant_id, settings=_SETTINGS) as tx,
        ):
            made = await work.write(tx, reading, keyring)
            await stop_beating()
            await work.close(tx, reading, keyring)
    except BaseException as error:
        because = error.code if isinstance(error, KashuError) else type(error).__name__
        await asyncio.shield(_fail(database, tenant_id, actor, import_id, because))
        raise
    took_s = time.monotonic() - began
    return outcome_of(
        source, intake, reading, history, import_id=import_id, lots=made, took_s=took_s
    )


@dataclass(frozen=True, slots=True)
class _Import:
    """One import at work."""

    keyrings: Keyrings
    tenant_id: int
    actor: str
    import_id: UUID
    intake: Intake
    on_progress: OnProgress

    async def write(self, tx: Tx, reading: Reading, keyring: Keyring) -> list[NewLot]:
        """Everything that takes long; at its end, right before the books, it holds the SKU."""
        # Two files that share cards in another order would wait for each other's.
        await one_at_a_time(tx, f"import {self.tenant_id} {self.intake.sku.id}")
        receiving = await begin_receiving(tx, self.tenant_id, self.intake.terms, keyring.version)
        async with chunks_of(reading) as chunks:
            async for chunk in chunks:
                for away in await receiving.add(chunk):
                    reading.tally.turn_away(away.place, away.first_place, away.reason)
                self.on_progress(reading.tally.read)
        made = await receiving.close(self.actor, posted_on=self.intake.today)
        assert reading.tally.accepted == sum(lot.cards for lot in made), "a row is unaccounted for"
        return made

    async def close(self, tx: Tx, reading: Reading, keyring: Keyring) -> None:
        """Everything that comes right before the commit."""
        await finish(tx, self.tenant_id, self.actor, self.import_id, reading.tally)
        # A key that was rotated out while we sealed may be erased as soon as nothing that can be
        # seen is sealed under it, and ours can't be seen yet.
        fresh = await Keyrings(self.keyrings.masters).of(tx, self.tenant_id)
        if not fresh.has(keyring.version):
            raise KeyReplaced


@asynccontextmanager
async def _beating(
    database: Database, tenant_id: int, import_id: UUID, reading: Reading
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Keep saying how far it is, until told to stop: the end writes the same row."""

    async def beats() -> None:
        while True:
            await asyncio.sleep(BEAT_EVERY_S)
            try:
                async with database.transaction(tenant_id) as tx:
                    await beat(tx, tenant_id, import_id, reading.tally.read)
            except KashuError as error:  # a missed beat is no harm: there are 120 in a minute
                _log.info("import_beat_missed", import_id=str(import_id), code=error.code)

    async def stop() -> None:
        task.cancel()
        await asyncio.wait({task})

    task = asyncio.create_task(beats())
    try:
        yield stop
    finally:
        await stop()


async def _fail(
    database: Database, tenant_id: int, actor: str, import_id: UUID, because: str
) -> None:
    try:
        async with database.transaction(tenant_id) as tx:
            await fail(tx, tenant_id, actor, import_id, because)
    except KashuError as error:  # the sweep will do it
        _log.warning("import_fail_unwritten", import_id=str(import_id), code=error.code)
