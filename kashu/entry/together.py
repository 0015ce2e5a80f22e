"""Together: database, web and worker in one command, each brought back when it dies."""

import asyncio
import multiprocessing
import os
import threading
from contextlib import ExitStack
from multiprocessing.process import BaseProcess
from typing import Final, Self

import click
import structlog

from kashu.entry.begin import Begun, welcome_first
from kashu.entry.logs import set_up_logs
from kashu.entry.serve import check_port, serve_on
from kashu.entry.settings import Settings
from kashu.entry.startup import Ground, start_up
from kashu.entry.terminal import say
from kashu.entry.worker import GRACE_S, run_child, run_worker

LOOK_EVERY_S: Final = 1.0

_log = structlog.get_logger()


def serve_all(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM: the web processes and workers, on a migrated database.

    On an empty database the first merchant is made, and its owner's one-time link told.
    """
    set_up_logs(settings)
    check_port(settings)
    with start_up(settings) as ground:
        begun = asyncio.run(_welcome(ground))
        _tell(settings, begun)
        with ExitStack() as workers:
            for _ in range(settings.worker_processes):
                workers.enter_context(WorkerProcess(ground))
            serve_on(ground)


def work_alone(settings: Settings) -> None:
    """Be one worker until SIGINT or SIGTERM."""
    set_up_logs(settings)
    with start_up(settings) as ground:
        run_worker(ground)


class WorkerProcess:
    """A worker in a process of its own, replaced when it dies."""

    def __init__(self, ground: Ground) -> None:
        """Prepare; `with` starts it."""
        self._ground = ground
        self._stopping = threading.Event()
        self._process = self._start()
        self._keeper = threading.Thread(target=self._keep, name="worker keeper", daemon=True)

    def __enter__(self) -> Self:
        """Look after it."""
        self._keeper.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let it end what is under way; then it ends."""
        self._stopping.set()
        self._keeper.join()
        self._process.terminate()
        self._process.join(GRACE_S + 5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _start(self) -> BaseProcess:
        # Not fork: a child would inherit locks that another thread of ours holds just then.
        process = multiprocessing.get_context("spawn").Process(
            target=run_child,
            args=(self._ground.settings, self._ground.url, self._ground.masters, os.getpid()),
            name="kashu worker",
        )
        process.start()
        return process

    def _keep(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            if not self._process.is_alive():
                _log.warning("worker_died", exit_code=self._process.exitcode)
                self._process = self._start()


async def _welcome(ground: Ground) -> Begun | None:
    database = ground.open()
    try:
        return await welcome_first(
            database, ground.masters, code=ground.settings.tenant, name=ground.settings.tenant
        )
    finally:
        await database.close()


def _tell(settings: Settings, begun: Begun | None) -> None:
    origin = (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
    say(f"控制台：{origin}/console/", f"Console: {origin}/console/")
    say(f"接口文档：{origin}/v1/docs", f"API documents: {origin}/v1/docs")
    if begun is not None:
        link = settings.link(begun.token).clear
        say(
            f"首次使用，请店主在 72 小时内打开此链接设置密码（只显示一次）：\n  {link}",
            f"First start. The owner sets a password here within 72 hours (shown once):\n  {link}",
        )
    click.echo("Ctrl-C 结束 / to stop", err=True)
