"""Backstage: the server beside the demo, from when it answers until the demo is over."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from kashu.core.errors import OutsideError, Unavailable
from kashu.core.http import Http
from kashu.entry.serve import check_port
from kashu.entry.settings import Settings

STARTING_S: Final = 180.0  # a slow machine that has other things to do
STOPPING_S: Final = 60.0
LOOK_EVERY_S: Final = 0.2


class ServerAway(Unavailable):
    """The demo's own server doesn't come up, or has ended."""

    code = "demo_server_away"
    zh = "演示的服务没有运行（{why}）。请换一个端口（--port）再试，或先运行 kashu serve 查看原因。"
    en = "The demo's server isn't running ({why}). Try another --port, or see `kashu serve`."


@dataclass(frozen=True, slots=True)
class Backstage:
    """Where the server is, and its process."""

    origin: str
    process: subprocess.Popen[bytes]

    def check(self) -> None:
        """See that it hasn't ended. Raises: ServerAway."""
        if self.process.poll() is not None:
            raise ServerAway(why=f"exit {self.process.returncode}")

    async def ready(self) -> None:
        """Wait until it answers. Raises: ServerAway."""
        http = Http(private_allowed=True)
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + STARTING_S
        try:
            while loop.time() < give_up_at:
                self.check()
                try:
                    answer = await http.call("GET", f"{self.origin}/healthz")
                except OutsideError:
                    answer = None
                if answer is not None and answer.status == 200:  # noqa: PLR2004
                    return
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await http.close()
        raise ServerAway(why=f"{STARTING_S:.0f} s")


@contextmanager
def backstage(settings: Settings) -> Iterator[Backstage]:
    """Run web and worker while the block runs. Raises: PortTaken."""
    check_port(settings)
    process = subprocess.Popen(  # noqa: S603  (our own program)
        [sys.executable, "-m", "kashu.entry.demo.web", str(os.getpid())],
        start_new_session=True,  # Ctrl-C is ours: the server ends after those who call it
    )
    try:
        yield Backstage(f"http://{settings.host}:{settings.port}", process)
    finally:
        process.terminate()
        try:
            process.wait(STOPPING_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
