"""The simulators' own server: what it reads, what it writes, and how it ends."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from kashu.simulators.faults import Receive, Scope, Send, answer, read_body
from kashu.simulators.serving import HOST, serving


class Echo:
    """Answers with what it was asked; counts what it has done."""

    def __init__(self) -> None:
        self.done = 0
        self.finished = asyncio.Event()
        self.hangs = asyncio.Event()
        self.came = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        self.came.set()
        if scope["path"] == "/hang":
            await self.hangs.wait()
        self.done += 1
        self.finished.set()
        if scope["path"] == "/parts":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for part in (b"one ", b"two"):
                await send({"type": "http.response.body", "body": part, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        if scope["path"] == "/broken":
            raise RuntimeError
        told = [scope["method"], scope["path"], scope["query_string"].decode(), body.decode()]
        await answer(send, " ".join(told).encode())


class Caller:
    """A connection, byte by byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def write(self, *parts: bytes) -> None:
        self.writer.write(b"".join(parts))

    async def read(self) -> tuple[bytes, bytes]:
        """One answer: its first line, and its body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head.strip().split(b"\r\n")
        told = dict(line.lower().split(b": ", 1) for line in lines)
        if told.get(b"transfer-encoding") == b"chunked":
            body = b""
            while size := int(await self.reader.readline(), 16):
                body += await self.reader.readexactly(size)
                await self.reader.readline()
            await self.reader.readline()
            return first, body
        return first, await self.reader.readexactly(int(told.get(b"content-length", b"0")))


@pytest.fixture
async def echo() -> Echo:
    return Echo()


@pytest.fixture
async def caller(echo: Echo) -> AsyncIterator[Caller]:
    async with serving(echo) as url:
        called = Caller(*await asyncio.open_connection(HOST, int(url.rpartition(":")[2])))
        yield called
        called.writer.close()


async def test_calls_on_one_connection_are_answered_in_their_order(caller: Caller) -> None:
    caller.write(
        b"GET /a%20b?x=%31 HTTP/1.1\r\nHost: h\r\n\r\n",
        b"POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz",
    )

    assert await caller.read() == (b"HTTP/1.1 200 OK", b"GET /a b x=%31 ")
    assert await caller.read() == (b"HTTP/1.1 200 OK", b"POST /c  xyz")


async def test_a_call_that_comes_in_pieces_is_read_whole(caller: Caller) -> None:
    for piece in (b"POST /p HT", b"TP/1.1\r\nContent-Le", b"ngth: 4\r\n\r", b"\nab", b"cd"):
        caller.write(piece)
        await caller.writer.drain()
        await asyncio.sleep(0)

    assert (await caller.read())[1] == b"POST /p  abcd"


async def test_who_asks_before_sending_a_body_is_told_to_go_on(caller: Caller) -> None:
    caller.write(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert await caller.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    caller.write(b"ab")

    assert (await caller.read())[1] == b"POST /  ab"


async def test_an_answer_of_unknown_length_comes_in_chunks(caller: Caller) -> None:
    caller.write(b"GET /parts HTTP/1.1\r\n\r\nGET /after HTTP/1.1\r\n\r\n")

    assert await caller.read() == (b"HTTP/1.1 200 OK", b"one two")
    assert (await caller.read())[1] == b"GET /after  "


@pytest.mark.parametrize(
    "wrong",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nname : text\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"x" * 70_000,
    ],
)
async def test_what_is_no_call_is_refused(caller: Caller, echo: Echo, wrong: bytes) -> None:
    caller.write(wrong)

    assert (await caller.read())[0] == b"HTTP/1.1 400 Bad Request"
    assert await caller.reader.read() == b""
    assert echo.done == 0


async def test_what_a_caller_who_left_asked_for_is_done_all_the_same(
    caller: Caller, echo: Echo
) -> None:
    caller.write(b"GET /hang HTTP/1.1\r\n\r\n")
    await echo.came.wait()
    caller.writer.close()
    await caller.writer.wait_closed()
    echo.hangs.set()
    async with asyncio.timeout(30):
        await echo.finished.wait()

    assert echo.done == 1


async def test_an_app_that_fails_breaks_the_call_off(
    caller: Caller, echo: Echo, caplog: pytest.LogCaptureFixture
) -> None:
    caller.write(b"GET /broken HTTP/1.1\r\n\r\n")

    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await caller.read()
    assert echo.done == 1
    assert "a simulator failed" in caplog.text


async def test_the_end_waits_for_no_call_that_hangs_and_leaves_no_thread(echo: Echo) -> None:
    before = threading.active_count()
    async with serving(echo) as url:
        caller = Caller(*await asyncio.open_connection(HOST, int(url.rpartition(":")[2])))
        caller.write(b"GET /hang HTTP/1.1\r\n\r\n")
        await echo.came.wait()

    with suppress(ConnectionResetError):
        assert await caller.reader.read() == b""
    caller.writer.close()
    assert echo.done == 0
    assert threading.active_count() == before


async def test_a_taken_port_is_refused(echo: Echo) -> None:
    async with serving(echo) as url:
        with pytest.raises(OSError, match="address already in use"):
            async with serving(echo, port=int(url.rpartition(":")[2])):
                pass


PROGRAM = """
import asyncio, http.client
from contextlib import AsyncExitStack
from kashu.simulators.faults import answer
from kashu.simulators.serving import serving

async def app(scope, receive, send):
    await answer(send, b"x")

async def main():
    async with AsyncExitStack() as stack:
        for _ in range(5):
            url = await stack.enter_async_context(serving(app))
            reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
            writer.write(b"GET / HTTP/1.1\\r\\n\\r\\n")
            await reader.readuntil(b"x")

asyncio.run(main())
"""


def test_a_program_with_open_connections_ends_in_peace() -> None:
    """An embedded Granian aborted the interpreter at its end, now and then: exit code 134."""
    for _ in range(5):
        done = subprocess.run(  # noqa: S603  (our own program)
            [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
