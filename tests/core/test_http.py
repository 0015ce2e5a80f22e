"""The way out: no address of our own network, no cookie, no URL that can't be."""

import asyncio
import gzip
import ipaddress
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpcore
import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kashu.core.http import (
    ANSWER_MAX,
    AddressForbidden,
    HeaderUnwritable,
    Http,
    NoClearAnswer,
    NotReached,
    is_public,
)


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
        "https://223.5.5.5:99999/",
        "https://223.5.5.5:port/",
        "https://223.5.5.5:0/",
        "https://店铺.example/",
        "https://223.5.5.5/店铺",
    ],
)
async def test_what_leads_inside_is_refused(url: str) -> None:
    http = Http()
    with pytest.raises(AddressForbidden):
        await http.call("GET", url)
    with pytest.raises(AddressForbidden):
        await http.look_at(url)
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

    async def connect(_: object, host: str, __: int) -> None:
        connected.append(host)
        raise ConnectionRefusedError

    monkeypatch.setattr(loop, "create_connection", connect)
    with pytest.raises(NotReached):
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


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def answering(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve each connection so, to its end; gives the port."""
    serving: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.create_task(one(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]
    await asyncio.gather(*serving)


async def test_a_connection_is_kept_and_one_that_was_hung_up_is_not_used_again() -> None:
    connections = 0
    hang_up = asyncio.Event()
    gone = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        for _ in range(2):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await hang_up.wait()
        # What a server says unasked is no answer to the next question.
        writer.write(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        gone.set()

    async with answering(serve) as port:
        http = Http(private_allowed=True)
        for _ in range(2):
            assert (await http.call("POST", f"http://127.0.0.1:{port}/", content=b"")).body == b"ok"
        assert connections == 1
        hang_up.set()
        await gone.wait()
        await asyncio.sleep(0.05)  # it is on its way to us
        assert (await http.call("GET", f"http://127.0.0.1:{port}/")).status == 200
        assert connections == 2
        await http.close()


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"Content-Length: 10\r\n", b"short"),
        (b"Content-Length: 2\r\nContent-Encoding: br\r\n", b"ok"),
        (b"Content-Length: 2\r\nContent-Encoding: gzip\r\n", b"ok"),
        (b"", b"\x1f" * (ANSWER_MAX + 1)),
    ],
    ids=["cut off", "packed unreadably", "packed wrongly", "too large"],
)
async def test_an_answer_that_is_not_whole_is_unclear(head: bytes, body: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + head + b"\r\n" + body)
        await writer.drain()

    async with answering(serve) as port:
        http = Http(private_allowed=True)
        with pytest.raises(NoClearAnswer):
            await http.call("GET", f"http://127.0.0.1:{port}/")
        await http.close()


@pytest.mark.parametrize("size", [3, ANSWER_MAX + 1], ids=["small", "a bomb"])
async def test_a_packed_answer_is_unpacked_and_no_further_than_the_largest(size: int) -> None:
    packed = gzip.compress(b"a" * size)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"Content-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
        writer.write(b"HTTP/1.1 200 OK\r\n" + head.encode() + packed)
        await reader.read()

    async with answering(serve) as port:
        http = Http(private_allowed=True)
        url = f"http://127.0.0.1:{port}/"
        if size > ANSWER_MAX:
            with pytest.raises(NoClearAnswer):
                await http.call("GET", url)
        else:
            assert (await http.call("GET", url)).body == b"a" * size
        await http.close()


@pytest.mark.parametrize("trusted", [True, False])
async def test_whom_no_certificate_speaks_for_is_not_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    certificate, key = make_certificate(tmp_path)
    heard = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            heard += 1
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            await reader.read()

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    if trusted:
        knows = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr(httpcore, "default_ssl_context", lambda: knows)
    async with answering(serve, tls) as port:
        http = Http(private_allowed=True)
        if trusted:
            assert (await http.call("GET", f"https://localhost:{port}/")).body == b"ok"
        else:
            with pytest.raises(NotReached):
                await http.call("GET", f"https://localhost:{port}/")
        await http.close()
    assert heard == int(trusted)


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_what_came_in_clear_is_no_answer_of_an_encrypted_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """Whoever is on the line can write before the handshake; nobody may take it for decrypted."""
    certificate, key = make_certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    knows = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(httpcore, "default_ssl_context", lambda: knows)
    forged = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"

    def serve(listening: socket.socket) -> None:
        for _ in range(20):
            connection, _ = listening.accept()
            with suppress(OSError):
                connection.sendall(forged)
                with tls.wrap_socket(connection, server_side=True) as safe:
                    safe.recv(1_000)

    async def ask(port: int) -> None:
        for _ in range(20):
            http = Http(private_allowed=True)
            with pytest.raises((NotReached, NoClearAnswer)):
                await http.call("GET", f"https://localhost:{port}/", deadline_s=5)
            await http.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=[listening], daemon=True)
        thread.start()
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(ask(listening.getsockname()[1]))
        thread.join()


async def test_what_no_request_can_carry_is_said(echo: tuple[str, list[bytes]]) -> None:
    url, heard = echo
    http = Http(private_allowed=True)
    with pytest.raises(HeaderUnwritable):
        await http.call("GET", url, headers={"Authorization": "令牌"})
    assert not heard
    await http.close()


async def test_whoever_is_being_called_is_not_hung_up_on_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kashu.core.http.ORIGINS_MAX", 1)
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await go_on.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await reader.read()

    async def quick(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await reader.read()

    async with answering(slow) as one, answering(quick) as another:
        http = Http(private_allowed=True)
        waiting = asyncio.create_task(http.call("GET", f"http://127.0.0.1:{one}/"))
        await asked.wait()
        assert (await http.call("GET", f"http://127.0.0.1:{another}/")).body == b"ok"
        go_on.set()
        assert (await waiting).body == b"ok"
        await http.close()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that speaks for localhost and for itself; and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    at = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    written, kept = folder / "certificate.pem", folder / "key.pem"
    written.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    kept.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return written, kept
