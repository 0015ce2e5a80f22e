"""Serve: the real processes on a real port; a process that dies is replaced."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

WAIT_S = 30.0


@pytest.fixture
def server(owner_url: str, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str, Path]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "log"
    settings = {
        "KASHU_DATABASE_URL": owner_url,
        "KASHU_DATA_DIR": str(tmp_path),
        "KASHU_PORT": str(port),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KASHU_")}
    program = (
        "from kashu.entry.serve import serve_web; from kashu.entry.settings import load_settings\n"
        "if __name__ == '__main__': serve_web(load_settings())"
    )
    file = tmp_path / "program.py"
    file.write_text(program)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, str(file)],
            env=kept | settings,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        yield process, f"http://127.0.0.1:{port}", log
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(origin: str, log: Path) -> httpx.Response:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        try:
            return httpx.get(f"{origin}/healthz?card=SECRET")
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(log.read_text())


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [
        int(child)
        for child in listed.split()
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the children in /proc")
def test_it_serves_replaces_a_dead_process_and_stops(
    server: tuple[subprocess.Popen[bytes], str, Path],
) -> None:
    process, origin, log = server
    answer = wait_for(origin, log)
    assert answer.json() == {"status": "ok"}
    assert answer.headers["server"] == "kashu"

    (worker,) = children(process.pid)
    os.kill(worker, signal.SIGKILL)
    assert wait_for(origin, log).status_code == 200
    assert children(process.pid) != [worker]

    process.send_signal(signal.SIGTERM)
    assert process.wait(WAIT_S) == 0
    written = log.read_text()
    assert re.search(r'"path": ?"/healthz"', written), written
    assert "SECRET" not in written
