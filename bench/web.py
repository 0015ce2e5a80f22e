"""Web servers for benches: the real one, and a bare one of the same framework beside it."""

import asyncio
import base64
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import msgspec

from bench.ground import MASTERS, Ground, Shop
from bench.load import Plan, Tally
from kashu.access.api_keys import make_key, wire_name
from kashu.access.caller import Caller
from kashu.access.permissions import Permission

ROOT: Final = Path(__file__).parents[1]
CONNECTIONS: Final = 256
STOPPING_S: Final = 30.0


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(ground: Ground, *, processes: int = 1) -> Iterator[int]:
    """Run the real web server as it ships, on a bench's database; gives its port."""
    settings = {
        "DATA_DIR": str(ground.folder),
        "MASTER_KEY": base64.b64encode(MASTERS.current.key).decode(),
        "WEB_PROCESSES": str(processes),
    }
    with _running("from kashu.entry.cli import main; main()", "web", settings) as port:
        yield port


@contextmanager
def serving_bare() -> Iterator[int]:
    """Run an endpoint that parses the same body and answers alike, and does nothing else."""
    with _running("from bench.bare import main; main()", "", {}) as port:
        yield port


@contextmanager
def working(ground: Ground, **more: str) -> Iterator[None]:
    """Run a worker as it ships, on a bench's database; `more` settings than that by name."""
    settings = {
        "DATA_DIR": str(ground.folder),
        "MASTER_KEY": base64.b64encode(MASTERS.current.key).decode(),
        **more,
    }
    with _running("from kashu.entry.cli import main; main()", "worker", settings):
        yield


@contextmanager
def _running(program: str, word: str, settings: dict[str, str]) -> Iterator[int]:
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KASHU_")}
    ours = {f"KASHU_{name}": value for name, value in settings.items()}
    process = subprocess.Popen(  # noqa: S603  ourselves
        [sys.executable, "-c", program, *([word] if word else [])],
        cwd=ROOT,
        env=kept | ours | {"KASHU_PORT": str(port)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # the access log is written as it ships
    )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(STOPPING_S)


class Key(msgspec.Struct, frozen=True):
    """An API key, for the generator."""

    name: str
    secret: str


async def key_of(shop: Shop) -> Key:
    """Make a key that may bring in orders and see their cards."""
    owner = Caller(shop.tenant_id, "cli", frozenset(Permission))
    scopes = [Permission.ORDERS_WRITE, Permission.STOCK_REVEAL]
    async with shop.database.transaction(shop.tenant_id) as tx:
        made = await make_key(tx, owner, MASTERS, name="bench", scopes=scopes)
    return Key(wire_name(shop.tenant_id, made.key), made.secret.clear)


def plan_for(
    shop: Shop,
    key: Key,
    port: int,
    run: str,
    *,
    for_s: float,
    requests: int,
    deliver: Literal["answer", "later"] = "answer",
    connections: int = CONNECTIONS,
    rate: float = 0.0,
) -> Plan:
    """Say what a generator shall send."""
    return Plan(
        port=port,
        key=key.name,
        secret=key.secret,
        run=run,
        skus=[sku.code for sku in shop.skus],
        stores=[store.code for store in shop.stores],
        deliver=deliver,
        connections=connections,
        for_s=for_s,
        requests=requests,
        rate=rate,
    )


async def load(plan: Plan) -> Tally:
    """Run a generator in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.load",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    written, _ = await process.communicate(msgspec.json.encode(plan) + b"\n")
    assert process.returncode == 0, "the load generator failed: see above"
    return msgspec.json.decode(written, type=Tally)
