"""Serve a simulator on this machine, inside the process that asks for it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from granian.constants import Interfaces
from granian.server.embed import Server

from kashu.simulators.faults import App

HOST = "127.0.0.1"
STARTING_S = 10.0


@asynccontextmanager
async def serving(app: App, *, port: int | None = None) -> AsyncIterator[str]:
    """Serve while the block runs; gives the base URL, without a slash at its end."""
    port = port or free_port()
    server = Server(app, address=HOST, port=port, interface=Interfaces.ASGINL, log_enabled=False)
    running = asyncio.create_task(server.serve())
    try:
        await _wait_for(port)
        yield f"http://{HOST}:{port}"
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(running, STARTING_S)


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


async def _wait_for(port: int) -> None:
    async with asyncio.timeout(STARTING_S):
        while True:
            try:
                _, writer = await asyncio.open_connection(HOST, port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
