"""Connections that stay open: nowhere they may not go, nothing larger than they may be."""

import asyncio
import logging
import socket
from typing import Any

import pytest

from kashu.core.errors import Unavailable
from kashu.core.http import AddressForbidden, NotReached
from kashu.core.sockets import FRAME_MAX, WAITING_MAX, SocketClosed, Sockets
from kashu.simulators.faults import Receive, Scope, Send, answer
from kashu.simulators.serving import serving

INSIDE = Sockets(private_allowed=True)


async def parrot(scope: Scope, receive: Receive, send: Send) -> None:
    """Say it again; `drop` leaves, `flood` says much, `huge` too much at once."""
    if scope["type"] == "http":
        await answer(send, b"", status=404)
        return
    await receive()
    if scope["path"] == "/closed":
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        said = message.get("text")
        if said == "drop":
            return
        if said == "bye":
            await send({"type": "websocket.close", "code": 4001})
        out = {"type": "websocket.send", "text": said, "bytes": message["bytes"]}
        if said == "huge":
            out["text"] = "x" * (FRAME_MAX + 1)
        for _ in range(500 if said == "flood" else 1):
            await send(out)


async def test_frames_come_and_go_whole() -> None:
    async with serving(parrot) as url, INSIDE.open(_ws(url)) as opened:
        await opened.send("会员")
        await opened.send(b"\x00\xff")
        heard: list[Any] = []
        while len(heard) < 2:
            heard += await opened.receive()
        assert heard == ["会员", b"\x00\xff"]


async def test_a_flood_is_read_to_its_end_and_waits_meanwhile() -> None:
    async with serving(parrot) as url, INSIDE.open(_ws(url)) as opened:
        await opened.send("flood")
        heard = 0
        while heard < 500:
            frames = await opened.receive()
            assert len(frames) <= WAITING_MAX
            heard += len(frames)


@pytest.mark.parametrize(
    ("said", "why"),
    [("drop", "closed without a word"), ("bye", "closed 4001"), ("huge", "closed without a word")],
)
async def test_the_end_is_told_after_what_came_before_it(said: str, why: str) -> None:
    async with serving(parrot) as url, INSIDE.open(_ws(url)) as opened:
        await opened.send("before")
        assert await opened.receive() == ["before"]
        await opened.send(said)
        for _ in range(2):  # whoever asks again hears it again
            with pytest.raises(SocketClosed) as closed:
                await opened.receive()
            assert closed.value.facts["why"] == why
        with pytest.raises(SocketClosed):
            await opened.send("after")


async def test_a_heart_beats_until_the_block_ends() -> None:
    beats = iter(range(100))
    async with serving(parrot) as url, INSIDE.open(_ws(url)) as opened:
        async with opened.beating(0.01, lambda: f"beat {next(beats)}"):
            heard: list[Any] = []
            while len(heard) < 3:
                heard += await opened.receive()
        assert heard[:3] == ["beat 0", "beat 1", "beat 2"]
    assert next(beats) < 99


@pytest.mark.parametrize("path", ["/closed", "/"])
async def test_who_is_not_let_in_is_told_so_without_the_address(path: str) -> None:
    async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/closed":
            await parrot(scope, receive, send)
            return
        await receive()
        await send({"type": "websocket.accept"})

    async with serving(elsewhere) as url:
        with pytest.raises(Unavailable) as refused:
            async with INSIDE.open(f"{_ws(url)}{path}?secret=1") as opened:
                await opened.receive()
    assert "secret" not in f"{refused.value!r} {refused.value.text('en')} {refused.value.facts}"


async def test_a_redirect_is_not_gone() -> None:
    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(redirect, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(SocketClosed) as refused:
            async with INSIDE.open(f"ws://127.0.0.1:{port}/"):
                pass
    assert refused.value.facts["why"] == "HTTP 302"


@pytest.mark.parametrize(
    "url",
    [
        "ws://223.5.5.5/",
        "wss://127.0.0.1/",
        "wss://localhost/",
        "wss://[::ffff:10.0.0.1]/",
        "wss://",
        "wss://[::1",
        "https://223.5.5.5/",
        "wss://223.5.5.5:99999/",
    ],
)
async def test_what_leads_inside_or_goes_in_clear_is_refused(url: str) -> None:
    with pytest.raises(AddressForbidden):
        async with Sockets().open(url):
            pass


async def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that answers with a public address first and an inside one then gets nowhere."""
    loop = asyncio.get_running_loop()
    met: list[Any] = []

    async def resolve(host: str, port: int, **_: object) -> list[Any]:
        met.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("223.5.5.5", port))]

    async def connect(_: object, host: str, port: int, **__: object) -> None:
        met.append((host, port))
        raise ConnectionRefusedError

    monkeypatch.setattr(loop, "getaddrinfo", resolve)
    monkeypatch.setattr(loop, "create_connection", connect)
    with pytest.raises(NotReached):
        async with Sockets().open("wss://messages.example/"):
            pass
    assert met == ["messages.example", ("223.5.5.5", 443)]


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "ws_proxy", "wss_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with serving(parrot) as url, INSIDE.open(_ws(url)) as opened:
        await opened.send("hello")
        assert await opened.receive() == ["hello"]


async def test_nothing_of_it_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with serving(parrot) as url, INSIDE.open(f"{_ws(url)}/secret-path") as opened:
            await opened.send("secret frame")
            await opened.receive()
    assert "secret" not in caplog.text


def _ws(url: str) -> str:
    return "ws" + url.removeprefix("http")
