"""An import whose program is killed leaves nothing behind but its row, which the sweep closes."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select, update

from kashu.access.keyring import Keyrings
from kashu.core.db import Database
from kashu.stock.imports_reading import CHUNK_ROWS, open_file
from kashu.stock.imports_state import fail_silent_imports
from kashu.stock.tables import imports
from tests.conftest import Tenant
from tests.stock.importing import Shop, open_shop

pytestmark = pytest.mark.faults

HERE = Path(__file__).parents[2]


@pytest.fixture
async def shop(database: Database, tenant: Tenant, keyrings: Keyrings) -> Shop:
    return await open_shop(database, tenant, keyrings)


@pytest.mark.parametrize("chunks", [1, 3, 5])
async def test_a_killed_import_leaves_nothing_behind(
    shop: Shop, owner_url: str, tmp_path: Path, chunks: int
) -> None:
    file = tmp_path / "cards.txt"
    rows = 8 * CHUNK_ROWS
    file.write_text("\n".join(f"MG{n:012d}" for n in range(rows)))
    before = await shop.counts()
    told = _import_and_kill(owner_url, str(shop.tenant.id), str(file), after=chunks)
    assert len(told) == chunks
    assert all(map(str.isdecimal, told))  # it wasn't done
    _wait_until_alone(owner_url)

    after = await shop.counts()
    assert {name for name in after if after[name] != before[name]} == {"imports"}
    async with shop.database.transaction(shop.tenant.id) as tx:
        assert (await tx.execute(select(imports.c.state))).scalar_one() == "running"
        minute = timedelta(seconds=61)
        await tx.execute(update(imports).values(beat_at=func.now() - minute))
    assert await fail_silent_imports(shop.database, shop.tenant.id)
    async with shop.database.transaction(shop.tenant.id) as tx:
        assert (await tx.execute(select(imports.c.state))).scalar_one() == "failed"

    again = await shop.bring_in(open_file(file))
    assert (again.report.accepted, again.report.rejected) == (rows, 0)


def _import_and_kill(*arguments: str, after: int) -> list[str]:
    """Start the program, and kill it when it has told its progress so often."""
    importing = subprocess.Popen(  # noqa: S603  ourselves
        [sys.executable, "-m", "tests.faults.importing", *arguments],
        cwd=HERE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert importing.stdout is not None
    with importing.stdout as said:
        told = [said.readline().strip() for _ in range(after)]
        importing.kill()
    importing.wait()
    return told


def _wait_until_alone(owner_url: str) -> None:
    """A server notices a dead client when it next wants to send to it: wait for its backends."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(
            "DO $$ BEGIN"
            " WHILE EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            "                  AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            "                  AND state <> 'idle')"
            " LOOP PERFORM pg_sleep(0.02), pg_stat_clear_snapshot(); END LOOP; END $$"
        )
