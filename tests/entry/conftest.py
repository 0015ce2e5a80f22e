"""The command line on the database of this worker, as its reader meets it."""

import asyncio
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
from click.testing import CliRunner, Result

from kashu.access.keyring import Keyrings
from kashu.access.tenants import tenant_by_code
from kashu.catalog.reads import sku_by_code
from kashu.core.db import APP_ROLE, Database, Tx
from kashu.core.secrets import read_master_keys
from kashu.entry.cli import main
from tests.emptied import Emptier
from tests.stock.builders import put_cards

Answer = TypeVar("Answer")


COLUMNS = 80
SILENT_S = 60  # a program that says nothing for so long waits for somebody


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # EIO: whoever wrote has gone
        return b""


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

    def see(
        self, *arguments: str, answer: str = "", interrupt_at: bytes | None = None
    ) -> tuple[int, str]:
        """Run `kashu …` on a real terminal of 80 columns; return its exit code and its screen.

        `interrupt_at`: press Ctrl-C once this can be read.
        """
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, COLUMNS, 0, 0))
        command = [sys.executable, "-m", "kashu.entry.cli", *map(str, arguments)]
        environment = os.environ | {"TERM": "dumb"}
        with subprocess.Popen(  # noqa: S603  (our own program)
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
        ) as program:
            os.close(theirs)
            if answer:
                os.write(ours, f"{answer}\n".encode())
            screen = b""
            while True:
                is_asked = interrupt_at is not None and screen.rstrip().endswith(interrupt_at)
                if is_asked:  # again, if it came between the question and the wait for an answer
                    program.send_signal(signal.SIGINT)
                if select.select([ours], [], [], 1 if is_asked else SILENT_S)[0]:
                    part = _read(ours)
                    if not part:
                        break
                    screen += part
                elif not is_asked:
                    program.kill()
                    raise AssertionError(screen)
        os.close(ours)
        return program.returncode, screen.decode().replace("\r\n", "\n")

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
    owner_url: str, empty: Emptier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """A terminal on an empty database, with the shop `main`."""
    empty()
    monkeypatch.setenv("KASHU_DATABASE_URL", owner_url)
    monkeypatch.setenv("KASHU_DATA_DIR", str(tmp_path))
    made = Terminal(owner_url, tmp_path)
    assert made.ask("tenant", "add", "main", "--name", "店")["tenant"] == "main"
    return made
