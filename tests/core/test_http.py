"""The way out: no address of our own network, no cookie, no URL that can't be."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpcore
import pytest

from kashu.core.http import AddressForbidden, Http, NotReached, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104  (nothing is bound)
        "224.0.0.1",
        "::1",
        "fe80::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_no_address_inside_is_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


def test_public_addresses_are() -> None:
    assert is_public(ipaddress.ip_address("223.5.5.5"))
    assert is_public(ipaddress.ip_address("2400:3200::1"))


@pytest.mark.parametrize(
    "url",
    [
        "http://223.5.5.5/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://user@127.0.0.1/",
        "https://[::1",
        "https://",
        "file:///etc/passwd",
        "https://[::ffff:10.0.0.1]/",
    ],
)
async def test_what_leads_inside_is_refused(url: str) -> None:
    http = Http()
    with pytest.raises(AddressForbidden):
        await http.call("GET", url)
    await http.close()


@pytest.mark.parametrize("url", ["https://a..b/", "https://" + "x" * 70 + ".example/"])
async def test_a_name_that_can_not_be_is_an_expected_refusal(url: str) -> None:
    http = Http()
    with pytest.raises((AddressForbidden, NotReached)):
        await http.call("GET", url)
    await http.close()


async def test_the_address_that_was_looked_at_is_the_one_that_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that answers with a public address first and an inside one then gets nowhere."""
    answers = [("223.5.5.5", 443), ("127.0.0.1", 443)]
    asked: list[str] = []
    loop = asyncio.get_running_loop()

    async def resolve(host: str, _: int, **__: object) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", answers[min(len(asked) - 1, 1)])]

    monkeypatch.setattr(loop, "getaddrinfo", resolve)
    http = Http()
    connected: list[str] = []

    async def connect(_: object, host: str, *__: object) -> None:
        connected.append(host)
        raise ConnectionRefusedError

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    with pytest.raises(ConnectionRefusedError):
        await http.call("GET", "https://shop.example/")
    assert (asked, connected) == (["shop.example"], ["223.5.5.5"])
    with pytest.raises(AddressForbidden):
        await http.call("GET", "https://shop.example/")
    assert connected == ["223.5.5.5"]
    await http.close()


@pytest.fixture
async def echo() -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that hands out a cookie, and keeps what it was asked."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(
            b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nSet-Cookie: shop=1\r\n"
            b"Content-Length: 2\r\nConnection: close\r\n\r\nok"
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield f"http://127.0.0.1:{port}/", heard


async def test_no_cookie_of_one_call_is_sent_with_another_and_no_redirect_is_gone(
    echo: tuple[str, list[bytes]],
) -> None:
    url, heard = echo
    http = Http(private_allowed=True)
    for _ in range(2):
        answer = await http.call("GET", url)
        assert (answer.status, answer.body) == (302, b"ok")
    assert len(heard) == 2
    assert not any(b"cookie" in each.lower() for each in heard)
    await http.close()
