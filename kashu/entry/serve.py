"""Serve the web interface: Granian's processes, each with its own pool of connections."""

import functools
import gc
import multiprocessing
import os
import socket
import threading
import time
from contextlib import suppress
from multiprocessing.synchronize import Event
from typing import Any, Final

import structlog
from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server.common import AbstractServer
from litestar import Litestar

from kashu.access.keyring import Keyrings
from kashu.core.db import APP_ROLE, Database
from kashu.core.errors import Invalid, KashuError
from kashu.core.postgres import Server
from kashu.core.secrets import MasterKeys
from kashu.entry.logs import set_up_logs
from kashu.entry.parent import end_with
from kashu.entry.settings import Settings
from kashu.entry.startup import Ground, start_up
from kashu.entry.web import make_app

LOOK_EVERY_S: Final = 1.0
STATEMENT_TIMEOUT_S: Final = 120  # of a request; an import of a million cards takes less
PORT_WAIT_S: Final = 5.0

_log = structlog.get_logger()


class PortTaken(Invalid):
    """Somebody listens there already; perhaps another one of us, on other data."""

    code = "port_taken"
    zh = "{host} 的端口 {port} 已被占用。请先停掉占用它的程序，或用 --port 换一个端口。"
    en = "Port {port} of {host} is taken. Stop what uses it, or choose another with --port."


def check_port(settings: Settings) -> None:
    """See that nobody listens where we will, before anything is begun or told.

    Our processes share the port among themselves, so they would share it with a stranger's. Waits
    a few seconds: after a kill, our own former processes take a moment to notice and end.
    Raises: PortTaken.
    """
    give_up_at = time.monotonic() + PORT_WAIT_S
    while (error := _taken(settings.host, settings.port)) is not None:
        if time.monotonic() > give_up_at:
            raise PortTaken(host=settings.host, port=settings.port) from error
        time.sleep(LOOK_EVERY_S / 4)


def _taken(host: str, port: int) -> OSError | None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what was just closed is free
        try:
            trial.bind((host, port))
        except OSError as error:
            return error
    return None


def serve_web(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM.

    Starts the embedded PostgreSQL where no URL is given, and brings it back when it dies; migrates;
    then starts the web processes, and replaces one that dies.
    """
    set_up_logs(settings)
    check_port(settings)
    with start_up(settings) as ground:
        serve_on(ground)


def serve_on(ground: Ground) -> None:
    """Serve on a database that stands already, until SIGINT or SIGTERM.

    Granian gives up when a process it has just replaced dies again. We begin anew: whatever kills
    them may pass, and nobody is there to start us.
    """
    # Not fork: a process that replaces a dead one would inherit locks that a thread of ours held.
    multiprocessing.set_start_method("spawn", force=True)
    stopping = threading.Event()
    if ground.server is not None:
        threading.Thread(target=_keep, args=(ground.server, stopping), daemon=True).start()
    try:
        while True:
            granian = _granian(ground.settings)
            ending = multiprocessing.get_context("spawn").Event()
            threading.Thread(target=_announce, args=(granian, ending), daemon=True).start()
            with suppress(SystemExit):  # how it ends after giving up
                granian.serve(
                    target_loader=functools.partial(
                        _load, ground.settings, ground.url, ground.masters, os.getpid(), ending
                    ),
                    wrap_loader=False,
                )
            if not granian.interrupt_signal:
                _log.error("web_gave_up", again_in_s=LOOK_EVERY_S)
                time.sleep(LOOK_EVERY_S)
            if granian.interrupt_signal:  # before, or while we waited
                return
    finally:
        stopping.set()


def _granian(settings: Settings) -> AbstractServer[Any]:
    return Granian(
        "kashu",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.web_processes,
        loop=Loops.auto,
        websockets=False,
        log_level=LogLevels.warning,
        log_access=False,  # Granian's line can't be trusted to leave the query out; ours does
        respawn_failed_workers=True,
        workers_kill_timeout=30,
        process_name=None,
    )


def _announce(granian: AbstractServer[Any], ending: Event) -> None:
    """Tell the web processes that we end: who is told of changes live would hold each of them up.

    They get the signal too, but Granian keeps it to itself until the last answer is sent.
    """
    while not granian.interrupt_signal:
        time.sleep(LOOK_EVERY_S / 4)
    ending.set()


def _load(
    settings: Settings, url: str, masters: MasterKeys, parent: int, ending: Event
) -> Litestar:
    """Make the application, in the process that will serve it."""
    end_with(parent)
    set_up_logs(settings)
    database = Database(
        url,
        role=APP_ROLE,
        pool_size=settings.pool_size,
        statement_timeout_s=STATEMENT_TIMEOUT_S,
    )
    app = make_app(database, Keyrings(masters), settings)
    app.state.means.listeners.is_over = ending.is_set
    app.on_shutdown.append(database.close)
    _collect_seldom()
    return app


def _collect_seldom() -> None:
    """Look for cycles less often: with 256 requests open the default walks them all the time.

    What is loaded now stays, so it is never walked again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def _keep(server: Server, stopping: threading.Event) -> None:
    """Bring the embedded PostgreSQL back whenever it doesn't answer."""
    while not stopping.wait(LOOK_EVERY_S):
        try:
            server.ensure()
        except KashuError as error:
            _log.exception("postgres_lost", error=error.code)
