"""The embedded PostgreSQL after kills: of its starter, of itself, and in the middle of things."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg.pq import PGconn

from kashu.core import postgres
from tests.embedded import Neighbour, ask, empty_folder, leader

pytestmark = pytest.mark.faults


@pytest.fixture
def folder() -> Iterator[Path]:
    with empty_folder() as path:
        yield path


def data_of(folder: Path) -> Path:
    return folder / "postgres" / "data"


def test_a_killed_starter_leaves_it_serving_and_the_next_adopts_it(folder: Path) -> None:
    with Neighbour(folder) as starter:
        starter.heard()
        before = leader(data_of(folder))
        starter.process.kill()
        starter.process.wait()
    adopted = postgres.start(folder)
    assert leader(adopted.folder) == before
    assert ask(adopted, "SELECT 1") == [(1,)]
    adopted.close()
    assert not (adopted.folder / "postmaster.pid").exists()  # the dead hold no share in it


def test_an_interrupt_at_the_starters_terminal_does_not_reach_it(folder: Path) -> None:
    with Neighbour(folder) as starter:
        starter.heard()
        before = leader(data_of(folder))
        os.killpg(starter.process.pid, signal.SIGINT)
        starter.process.wait()
    adopted = postgres.start(folder)
    assert leader(adopted.folder) == before
    adopted.close()


def test_a_killed_server_is_brought_back_with_its_data(folder: Path) -> None:
    server = postgres.start(folder)
    ask(server, "CREATE TABLE kept AS SELECT 7 AS seven")
    killed = leader(server.folder)
    os.kill(killed, signal.SIGKILL)
    server.ensure()
    assert leader(server.folder) != killed
    assert ask(server, "SELECT seven FROM kept") == [(7,)]
    server.close()


def test_ensure_leaves_a_server_that_answers_alone(folder: Path) -> None:
    server = postgres.start(folder)
    before = leader(server.folder)
    server.ensure()
    assert leader(server.folder) == before
    server.close()


def test_many_who_find_it_dead_bring_back_one(folder: Path) -> None:
    server = postgres.start(folder)
    os.kill(leader(server.folder), signal.SIGKILL)
    healers = [threading.Thread(target=server.ensure) for _ in range(4)]
    for healer in healers:
        healer.start()
    for healer in healers:
        healer.join()
    assert ask(server, "SELECT 1") == [(1,)]
    log = "".join(file.read_text() for file in (server.folder / "log").glob("*.log"))
    assert log.count("ready to accept connections") == 2  # at first, and once more
    server.close()


def test_a_query_that_outlives_its_postmaster_does_not_hold_up_the_next(folder: Path) -> None:
    server = postgres.start(folder)
    busy = PGconn.connect(server.url(role="postgres").encode())
    orphan = busy.backend_pid
    # A backend in a tight loop doesn't notice that its postmaster is gone.
    busy.send_query(b"SELECT count(*) FROM generate_series(1, 100000000000)")
    _until(lambda: _used_cpu(orphan))
    os.kill(leader(server.folder), signal.SIGKILL)
    server.ensure()
    assert not _running(orphan)
    busy.finish()
    assert ask(server, "SELECT 1") == [(1,)]
    server.close()


def test_a_stale_number_that_is_now_anothers_is_no_obstacle(folder: Path) -> None:
    server = postgres.start(folder)
    written = (server.folder / "postmaster.pid").read_text()
    socket_lock = server.socket_folder / ".s.PGSQL.5432.lock"
    server.close()
    # As after a power cut in a container, where numbers start at 1 again: it is ours now.
    mine = written.replace(written.split()[0], str(os.getpid()), 1)
    (server.folder / "postmaster.pid").write_text(mine)
    socket_lock.write_text(mine)
    (server.socket_folder / ".s.PGSQL.5432").touch()
    again = postgres.start(folder)
    assert ask(again, "SELECT 1") == [(1,)]
    again.close()


@pytest.mark.parametrize("reached", ["data.new-*", "data.new-*/base/1/PG_VERSION", "data"])
def test_a_first_start_killed_halfway_is_begun_again(folder: Path, reached: str) -> None:
    with Neighbour(folder) as starter:
        _until(lambda: any((folder / "postgres").glob(reached)))
        starter.process.kill()
        starter.process.wait()
    server = postgres.start(folder)
    assert ask(server, "SELECT 1", "kashu_app") == [(1,)]
    assert not list((folder / "postgres").glob("data.new-*"))
    server.close()


def test_a_starter_killed_while_another_waits_hands_over(folder: Path) -> None:
    with Neighbour(folder) as first, Neighbour(folder) as second:
        _until(lambda: any((folder / "postgres").glob("data.new-*")))
        first.process.kill()
        first.process.wait()
        assert second.heard() == str(data_of(folder))
        second.close()


def _until(reached: Callable[[], bool]) -> None:
    """Look without pause: the moment passes quickly."""
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline


def _running(pid: int) -> bool:
    """Whether the process lives; one that only waits to be buried has no command line."""
    command_line = Path(f"/proc/{pid}/cmdline")
    return command_line.exists() and command_line.read_bytes() != b""


def _used_cpu(pid: int) -> bool:
    """Whether the process has computed for a tenth of a second."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]) >= 10
