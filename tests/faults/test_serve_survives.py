"""`kashu serve` after a kill -9 of each of its processes, and of itself: back within 30 s."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from kashu.core import postgres
from tests.embedded import empty_folder, leader

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc"),
]

BACK_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    """A `kashu serve`, from the outside."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int
    log: Path

    def is_healthy(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def leads(self) -> int | None:
        """The PostgreSQL process that serves the worker who leads, once one does."""
        url = postgres_url(self.folder)
        try:
            with psycopg.connect(url, connect_timeout=3) as connection:
                row = connection.execute(
                    "SELECT pid FROM pg_stat_activity WHERE application_name = 'kashu-worker'"
                    " AND EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
                    "             AND pg_locks.pid = pg_stat_activity.pid)"
                ).fetchone()
        except psycopg.OperationalError:
            return None
        return None if row is None else int(row[0])

    def children(self) -> dict[str, int]:
        """Its processes: the web's, which listens, and the worker, which doesn't."""
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
                title = (path / "cmdline").read_bytes()
                sockets = {str(file.readlink()) for file in (path / "fd").iterdir()}
            except OSError:
                continue  # it ended while we looked
            if parent == self.process.pid and b"spawn_main" in title:
                found["web" if sockets & listening(self.port) else "worker"] = int(path.name)
        return found


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def listening(port: int) -> set[str]:
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}")}


def postgres_url(folder: Path) -> str:
    socket_folder = folder / "postgres" / "socket"
    return f"postgresql://postgres@/kashu?host={socket_folder}&port={postgres.PORT}"


def until(holds: Callable[[], object], log: Path) -> None:
    deadline = time.monotonic() + BACK_WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


@contextmanager
def serving(folder: Path, port: int) -> Iterator[Served]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KASHU_")}
    settings = {"KASHU_DATA_DIR": str(folder), "KASHU_PORT": str(port)}
    log = folder / "log"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  (our own program)
            [Path(sys.executable).with_name("kashu"), "serve"],
            env=kept | settings,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    served = Served(process, folder, port, log)
    try:
        until(served.is_healthy, log)
        until(served.leads, log)
        yield served
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


@pytest.fixture
def folder() -> Iterator[Path]:
    with empty_folder() as path:
        yield path


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_whichever_process_is_killed_is_replaced(folder: Path, port: int) -> None:
    with serving(folder, port) as served:
        web = served.children()["web"]
        os.kill(web, signal.SIGKILL)
        until(lambda: served.children().get("web") not in {None, web}, served.log)
        until(served.is_healthy, served.log)
        worker, lead = served.children()["worker"], served.leads()
        os.kill(worker, signal.SIGKILL)
        until(lambda: served.leads() not in {None, lead}, served.log)
        assert served.children()["worker"] != worker
        killed = leader(folder / "postgres" / "data")
        os.kill(killed, signal.SIGKILL)
        until(served.leads, served.log)
        until(served.is_healthy, served.log)
        assert leader(folder / "postgres" / "data") != killed


def test_when_serve_itself_is_killed_nothing_of_it_is_left_in_the_way(
    folder: Path, port: int
) -> None:
    with serving(folder, port) as served:
        children = served.children()
        assert children.keys() == {"web", "worker"}
        served.process.kill()
        served.process.wait()
        until(lambda: not any(alive(pid) for pid in children.values()), served.log)
        assert not served.is_healthy()
    with serving(folder, port) as served:
        assert served.is_healthy()
    links = re.findall(r"/join#\S+", (folder / "log").read_text())
    assert len(set(links)) == 2  # nobody used the first: there was another


def test_an_interrupt_ends_everything_in_good_order(folder: Path, port: int) -> None:
    with serving(folder, port) as served:
        children = served.children()
        os.killpg(served.process.pid, signal.SIGINT)  # as a terminal does
        assert served.process.wait(60) == 0
        assert not any(alive(pid) for pid in children.values())
        assert not (folder / "postgres" / "data" / "postmaster.pid").exists()
        assert "Traceback" not in served.log.read_text()
