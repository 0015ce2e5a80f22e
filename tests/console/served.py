"""The real server, as `kashu web` starts it, on a database of the console's own."""

import base64
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from kashu.core.secrets import KEY_BYTES
from kashu.entry import console

WAIT_S: Final = 180.0
HERE: Final = Path(__file__).parents[2]
IN_CI: Final = bool(os.environ.get("CI") or os.environ.get("KASHU_TEST_CI"))
# Somebody who works on a page has a build of their own beside the one that is served.
DIST: Final = Path(os.environ.get("KASHU_CONSOLE_DIST") or console.DIST)
# Debian's, then what others call it.
_PROGRAM: Final = """
from pathlib import Path
from kashu.entry import console
console.DIST = Path({dist!r})  # here at the top: the web process begins with this file as well
if __name__ == "__main__":
    from kashu.entry.cli import main
    main()
"""
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """Where Chromium is, if it is."""
    named = os.environ.get("KASHU_CHROMIUM")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def serving(database_url: str) -> Iterator[str]:
    """Run the web processes until the end of the block; yields where they are."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="kashu-console-"))
    settings = {
        "KASHU_DATABASE_URL": database_url,
        "KASHU_DATA_DIR": str(folder),
        "KASHU_MASTER_KEY": base64.b64encode(b"k" * KEY_BYTES).decode(),  # as tests.conftest has it
        "KASHU_PORT": str(port),
        "KASHU_ACCESS_LOG": "false",
        "KASHU_PRIVATE_NETWORK": "true",  # simulators are on this machine
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KASHU_")}
    program = folder / "program.py"
    program.write_text(_PROGRAM.format(dist=str(DIST)))
    log = folder / "log"
    origin = f"http://127.0.0.1:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, str(program), "web"],
            env=kept | settings | {"PYTHONPATH": str(HERE)},
            cwd=HERE,
            stdout=output,
            stderr=output,
        )
    try:
        _wait(origin, log, process)
        yield origin
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder)


def _wait(origin: str, log: Path, process: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + WAIT_S
    while time.monotonic() < give_up_at and process.poll() is None:
        try:
            httpx.get(f"{origin}/healthz").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())
