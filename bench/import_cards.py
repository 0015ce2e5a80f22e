"""Import: a file of cards parsed, checked, deduplicated, sealed, booked and committed.

Ours: import_file() of a CSV with numbers, passwords and expiries, with the books and the events.
Reference: raw binary COPY of the very rows ours wrote, sealed already, into the same empty table
with the same indexes and constraints, by the superuser, whom no row-level security checks.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import psycopg

from bench.ground import ACTOR, Ground, Shop, make_ground, make_shop
from bench.report import Result, line_of
from kashu.core.clock import day_of, now
from kashu.stock.imports import import_file
from kashu.stock.imports_intake import find_intake
from kashu.stock.imports_reading import open_file

BAR: Final = 0.25
BLOCK_BYTES: Final = 1 << 16
LAG_LOOKS_EVERY_S: Final = 0.001

# Cards of the file, repeats.
SIZES: Final = {"tiny": (5_000, 1), "small": (200_000, 3), "full": (1_000_000, 3)}


async def run(scale: str) -> dict[str, object]:
    """Import and copy in turn, each time into an empty table after a checkpoint."""
    count, repeats = SIZES[scale]
    ours, reference, lags = [], [], []
    exact = True
    with make_ground() as ground:
        async with make_shop(ground, skus=1) as shop:
            file, rows = ground.folder / "cards.csv", ground.folder / "rows.bin"
            for repeat in range(repeats):
                write_file(file, count, seed=repeat)
                _empty(ground)
                async with _lag() as lag:
                    seconds, accepted = await _import(shop, file)
                ours.append(count / seconds)
                lags.append(max(lag))
                exact = exact and accepted == _copy_out(ground, rows) == count
                ground.sql("TRUNCATE stock.cards CASCADE")
                ground.sql("CHECKPOINT")
                reference.append(count / _copy_in(ground, rows))
        result = Result(
            "import",
            "cards/s",
            ours,
            reference,
            BAR,
            "higher",
            {"cards": count, "file_bytes": file.stat().st_size},
            exact,
            {"event_loop_lag_ms": round(1000 * max(lags), 1)},
        )
        return line_of(result, ground, scale)


def write_file(path: Path, count: int, *, seed: int) -> None:
    """Write a supplier's file: no two cards alike, in no order."""
    chance = random.Random(seed)  # noqa: S311  (fake cards)
    with path.open("w") as file:
        file.write("卡号,密码,有效期\n")
        for number in chance.sample(range(10**14), count):
            file.write(f"MG{number:014d},{chance.randrange(10**8):08d},2099-12-31\n")


async def _import(shop: Shop, file: Path) -> tuple[float, int]:
    async with shop.database.transaction(shop.tenant_id) as tx:
        intake = await find_intake(
            tx,
            shop.tenant_id,
            sku=shop.skus[0].code,
            warehouse="main",
            supplier=shop.suppliers[0].code,
            unit_cost_e4=141_250,
            today=day_of(now()),
        )
    began = time.perf_counter()
    source = await asyncio.to_thread(open_file, file)
    outcome = await import_file(
        shop.database, shop.tenant_id, ACTOR, intake, source, keyrings=shop.keyrings
    )
    return time.perf_counter() - began, outcome.report.accepted


@asynccontextmanager
async def _lag() -> AsyncIterator[list[float]]:
    """How long the event loop kept somebody waiting who wanted to run at once."""
    lags = [0.0]

    async def look() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(LAG_LOOKS_EVERY_S)
            lags.append(time.perf_counter() - began - LAG_LOOKS_EVERY_S)

    looking = asyncio.create_task(look())
    try:
        yield lags
    finally:
        looking.cancel()


def _empty(ground: Ground) -> None:
    ground.sql("TRUNCATE stock.cards, stock.lots, stock.imports CASCADE")
    ground.sql("CHECKPOINT")


def _copy_out(ground: Ground, rows: Path) -> int:
    written = "COPY (SELECT * FROM stock.cards ORDER BY position) TO STDOUT (FORMAT binary)"
    with (
        psycopg.connect(ground.server.url(role="postgres")) as connection,
        rows.open("wb") as file,
    ):
        cursor = connection.cursor()
        with cursor.copy(written) as copy:
            for block in copy:
                file.write(block)
        return cursor.rowcount


def _copy_in(ground: Ground, rows: Path) -> float:
    began = time.perf_counter()
    with (
        psycopg.connect(ground.server.url(role="postgres")) as connection,
        rows.open("rb") as file,
        connection.cursor().copy("COPY stock.cards FROM STDIN (FORMAT binary)") as copy,
    ):
        while block := file.read(BLOCK_BYTES):
            copy.write(block)
    return time.perf_counter() - began
