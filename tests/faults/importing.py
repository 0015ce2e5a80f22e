"""A program that imports a file on a database, to be killed while it does."""

import asyncio
import sys
from datetime import date
from pathlib import Path

from kashu.access.keyring import Keyrings
from kashu.core.db import APP_ROLE, Database
from kashu.entry import modules  # noqa: F401  (declares every table)
from kashu.stock.imports import import_file
from kashu.stock.imports_intake import find_intake
from kashu.stock.imports_reading import open_file
from tests.conftest import MASTERS


async def main(url: str, tenant_id: int, path: Path) -> None:
    """Say on standard output how many rows have been read."""
    database = Database(url, role=APP_ROLE)
    async with database.transaction(tenant_id) as tx:
        intake = await find_intake(
            tx,
            tenant_id,
            sku="mgtv-month",
            warehouse="main",
            supplier="fulu",
            unit_cost_e4=141_250,
            today=date(2026, 11, 22),
        )

    def on_progress(read: int) -> None:
        sys.stdout.write(f"{read}\n")
        sys.stdout.flush()

    await import_file(
        database,
        tenant_id,
        "cli",
        intake,
        open_file(path),
        keyrings=Keyrings(MASTERS),
        on_progress=on_progress,
    )
    sys.stdout.write("done\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
