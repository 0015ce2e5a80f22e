"""The command line on the database of this worker, as its reader meets it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from click.testing import CliRunner, Result

from kashu.access.keyring import Keyrings
from kashu.access.tenants import tenant_by_code
from kashu.catalog.reads import sku_by_code
from kashu.core.db import APP_ROLE, Database, Tx
from kashu.core.secrets import read_master_keys
from kashu.entry.cli import main
from tests.stock.builders import put_cards

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal with an installed program. What is printed isn't a terminal: it is JSON."""

    url: str
    folder: Path

    def run(self, *arguments: str) -> Result:
        """Run `kashu …`."""
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    def ask(self, *arguments: str) -> Any:  # noqa: ANN401  (any JSON)
        """Run `kashu …`, which must succeed, and read its JSON."""
        done = self.run(*arguments)
        assert done.exit_code == 0, (done.exit_code, done.stdout, done.stderr, done.exception)
        return json.loads(done.stdout)

    def refused(self, *arguments: str) -> str:
        """Run `kashu …`, which must be refused, and return what the reader is told."""
        done = self.run(*arguments)
        assert done.exit_code == 1, (done.exit_code, done.stdout, done.stderr, done.exception)
        assert "Traceback" not in done.stderr
        return done.stderr

    def in_shop(self, act: Callable[[Tx, int, Keyrings], Awaitable[Answer]]) -> Answer:
        """Do something in a transaction of the shop `main`, and commit it."""

        async def run() -> Answer:
            database = Database(self.url, role=APP_ROLE)
            keyrings = Keyrings(read_master_keys(self.folder / "master.key"))
            try:
                async with database.transaction(None) as tx:
                    tenant = await tenant_by_code(tx, "main")
                assert tenant is not None
                async with database.transaction(tenant.id) as tx:
                    return await act(tx, tenant.id, keyrings)
            finally:
                await database.close()

        return asyncio.run(run())

    def stock(self, count: int, sku: str = "mgtv-month") -> list[str]:
        """Put cards on the shelf; return their numbers."""

        async def put(tx: Tx, tenant_id: int, keyrings: Keyrings) -> list[str]:
            sku_id = (await sku_by_code(tx, tenant_id, sku)).id
            return (await put_cards(tx, tenant_id, count, sku_id=sku_id, keyrings=keyrings)).numbers

        return self.in_shop(put)


@pytest.fixture
def terminal(
    owner_url: str, tables: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """A terminal on an empty database, with the shop `main`."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(f"TRUNCATE {tables} RESTART IDENTITY")  # type: ignore[arg-type, unused-ignore]
    monkeypatch.setenv("KASHU_DATABASE_URL", owner_url)
    monkeypatch.setenv("KASHU_DATA_DIR", str(tmp_path))
    made = Terminal(owner_url, tmp_path)
    assert made.ask("tenant", "add", "main", "--name", "店")["tenant"] == "main"
    return made
