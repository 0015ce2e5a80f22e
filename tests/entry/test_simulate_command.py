"""`kashu simulate` as a merchant tries it: what its options do, and how it refuses wrong ones."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.serving import HOST, serving
from tests.entry.conftest import Terminal

PLATFORMS = 5
SUPPLIERS = 3


def nine_ports() -> int:
    """Find a port that is free with the eight behind it."""
    while True:
        with socket.socket() as first:
            first.bind((HOST, 0))
            port: int = first.getsockname()[1]
            try:
                for behind in range(1, PLATFORMS + SUPPLIERS + 1):
                    with socket.socket() as other:
                        other.bind((HOST, port + behind))
            except (OSError, OverflowError):
                continue
            return port


@asynccontextmanager
async def simulating(folder: Path, *options: str) -> AsyncIterator[int]:
    """Run it; gives its first port, once it serves. Ends it by Ctrl-C, and in peace."""
    port = nine_ports()
    command = [sys.executable, "-m", "kashu.entry.cli", "simulate", "--port", str(port), *options]
    simulation = await asyncio.create_subprocess_exec(
        *command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"KASHU_DATA_DIR": str(folder)},
    )
    assert simulation.stdout is not None
    assert simulation.stderr is not None
    try:
        json.loads(await simulation.stdout.readline())
        while line := await simulation.stderr.readline():
            if b"Ctrl-C" in line:
                break
        yield port
        simulation.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            printed, _ = await simulation.communicate()
        assert simulation.returncode == 0
        assert json.loads(printed)["taken"]
    finally:
        if simulation.returncode is None:
            simulation.kill()
            await simulation.wait()


class Door:
    """An application's address."""

    def __init__(self) -> None:
        self.came = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["path"] == "/push/1/mine"
        assert b"trade_Trade" in await read_body(receive)
        self.came.set()
        await answer(send, b"{}")


async def test_platforms_push_where_they_are_told_to(tmp_path: Path) -> None:
    door = Door()
    async with serving(door) as url:
        push = ("--push", f"youzan={url}/push/1/mine")
        async with simulating(tmp_path, *push, "--rate", "20"), asyncio.timeout(60):
            await door.came.wait()


async def test_an_outage_of_one_platform_is_wished_for_and_ended(tmp_path: Path) -> None:
    outage = ("--outage", "30", "--outage-after", "0", "--outage-of", "jd")
    async with simulating(tmp_path, "--rate", "0", *outage) as port, _switches(port) as switches:
        async with asyncio.timeout(60):
            while not (out := await _out(switches)):
                pass
        assert out == ["jd"]
        await switches.post("/outage?minutes=0")
        assert await _out(switches) == []


async def test_suppliers_are_there_with_switches_and_can_be_connected(tmp_path: Path) -> None:
    options = ("--suppliers", "--rate", "0")
    async with simulating(tmp_path, *options) as port, _switches(port) as switches:
        told = (await switches.get("/")).json()
        assert [each["supplier"] for each in told["suppliers"]] == [
            "sim-instant",
            "sim-slow",
            "sim-flaky",
        ]
        risen = await switches.post("/suppliers/price?percent=10&sku=mgtv-month")
        for before, after in zip(told["suppliers"], risen.json()["suppliers"], strict=True):
            assert float(after["prices"]["mgtv-month"]) > float(before["prices"]["mgtv-month"])
            assert after["prices"]["iqiyi-month"] == before["prices"]["iqiyi-month"]
        for behind in range(1, SUPPLIERS + 1):
            async with httpx.AsyncClient() as client:
                await client.post(f"http://{HOST}:{port + PLATFORMS + behind}/")  # it answers


def _switches(port: int) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://{HOST}:{port + PLATFORMS}")


async def _out(switches: httpx.AsyncClient) -> Sequence[str]:
    told = (await switches.get("/")).json()["platforms"]
    return [each["platform"] for each in told if each["out_until"]]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--fault", "tired=0.1"), "--fault 的值不对"),
        (("--fault", "throttled=2"), "--fault 的值不对"),
        (("--fault", "throttled"), "--fault NAME=0.1"),
        (("--push", "amazon=http://127.0.0.1/push/1/x"), "--push 的平台应为 taobao"),
        (("--push", "youzan"), "--push youzan=http"),
        (("--clerk",), "--clerk 须与 --connect 同用"),
    ],
)
def test_what_is_written_wrong_is_told(
    terminal: Terminal, options: Sequence[str], says: str
) -> None:
    done = terminal.run("simulate", *options)

    assert done.exit_code == 2
    assert says in done.stderr


def test_a_taken_port_is_refused(terminal: Terminal) -> None:
    port = nine_ports()
    with socket.socket() as taken:
        taken.bind((HOST, port + 2))
        taken.listen()
        said = terminal.refused("simulate", "--port", str(port))

    assert "[port_taken]" in said
    assert f"{port}…{port + PLATFORMS}" in said
