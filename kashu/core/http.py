"""The only way out: every call has a deadline, a largest answer, and no address of our own network.

How a call ended is exactly one of: an Answer, Unavailable (we never reached them, nothing
happened), Unclear (it may have happened).
"""

import asyncio
import ipaddress
import logging
import socket
import ssl
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, cast
from urllib.parse import urlsplit

import httpcore

from kashu.core.errors import Invalid, Unavailable, Unclear

ANSWER_MAX: Final = 8 << 20  # bytes
DEADLINE_S: Final = 15.0
CONNECT_S: Final = 5.0
ORIGINS_MAX: Final = 200  # whose connections are kept …
CONNECTIONS_MAX: Final = 100  # … of one …
KEPT_MAX: Final = 16  # … of them while idle …
KEPT_S: Final = 5.0  # … for so long: servers hang up on who is silent

READ_AHEAD_MAX: Final = 1 << 20  # bytes that came and nobody has read yet

# It logs whole addresses, and one platform wants a secret in one.
logging.getLogger("httpcore").setLevel(logging.WARNING)


class AddressForbidden(Invalid):
    """An address inside our own network, or not HTTPS."""

    code = "address_forbidden"
    zh = "不能访问地址 {host}：须为公网的 https 地址。若是本机模拟器，请在设置中允许内网地址。"
    en = (
        "The address {host} isn't allowed: it must be a public one over https. For a simulator "
        "on this machine, allow private addresses in the settings."
    )


class HeaderUnwritable(Invalid):
    """A key or a token that no request can carry."""

    code = "header_unwritable"
    zh = "发给 {host} 的密钥或令牌中有无法发送的字符（例如全角字符），请重新复制后再填写。"
    en = "A key or token for {host} has characters that can't be sent: copy it anew and enter it."


class NotReached(Unavailable):
    """No connection."""

    code = "not_reached"
    zh = "没有连上 {host}，什么都没有发生。系统会自动重试；若持续出现，请检查网络。"
    en = "{host} couldn't be reached; nothing happened. It will be tried again; check the network."


class NoClearAnswer(Unclear):
    """The request left, and no whole answer came."""

    code = "no_clear_answer"
    zh = "请求已发给 {host}，但没有收到完整的答复（{why}），可能已经成功。系统会先查询再决定。"
    en = "The request left for {host}, but no whole answer came ({why}). We ask before repeating."


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whole. Its body may hold secrets: it isn't printed."""

    status: int
    headers: Mapping[str, str] = field(repr=False)  # names in lower case
    body: bytes = field(repr=False)


class Http:
    """One client for all calls of a process. It keeps no cookies, and goes no redirects."""

    def __init__(self, *, private_allowed: bool = False) -> None:
        """`private_allowed`: also plain HTTP and addresses of this machine, for simulators."""
        self._private_allowed = private_allowed
        self._network = _Network(public_only=not private_allowed)
        # It takes a tenth of a second. With simulators it is read when it is needed, if ever.
        self._tls = None if private_allowed else httpcore.default_ssl_context()
        # Apart by origin: a pool is walked for every call, and is thus short.
        self._pools: dict[tuple[str, str, int | None], httpcore.AsyncConnectionPool] = {}

    async def call(
        self,
        method: str,
        url: str,
        *,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = DEADLINE_S,
    ) -> Answer:
        """Send one request and read the whole answer, whatever its status; redirects aren't gone.

        Raises: AddressForbidden, HeaderUnwritable, NotReached (nothing happened), NoClearAnswer
        (it may have).
        """
        host = self._host_of(url)
        if not all(value.isascii() and value.isprintable() for value in (headers or {}).values()):
            raise HeaderUnwritable(host=host)
        try:
            async with asyncio.timeout(deadline_s):
                return await self._exchange(method, url, content, headers)
        except _NOT_REACHED as error:
            raise NotReached(host=host) from error
        except TimeoutError as error:
            raise NoClearAnswer(host=host, why="timeout") from error
        except (*_BROKEN, zlib.error) as error:
            raise NoClearAnswer(host=host, why=type(error).__name__) from error

    async def look_at(self, url: str) -> None:
        """Refuse early an address that no call may go to. A name that isn't known yet passes.

        Each call looks again: where a name leads to may change. Raises: AddressForbidden.
        """
        host = self._host_of(url)
        if self._private_allowed:
            return
        with suppress(OSError, UnicodeError):  # nobody knows the name now: a call will tell
            await public_address(host, urlsplit(url).port or _HTTPS)

    async def turn(self, name: str) -> None:
        """Wait until a call of this name may leave. Here all may; see kashu/core/pace.py."""

    async def _exchange(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str] | None
    ) -> Answer:
        sent = [("Accept", "*/*"), ("User-Agent", "kashu"), *(headers or {}).items()]
        pool = await self._pool_of(url)
        async with pool.stream(
            method, url, headers=sent, content=content, extensions={"timeout": _TIMEOUTS}
        ) as response:
            told = {
                name.decode("latin-1").lower(): value.decode("latin-1")
                for name, value in response.headers
            }
            unpack = _unpacking(told.get("content-encoding", "identity"))
            body = bytearray()
            async for part in response.aiter_stream():
                body += unpack.decompress(part, ANSWER_MAX + 1 - len(body)) if unpack else part
                if len(body) > ANSWER_MAX:
                    raise httpcore.RemoteProtocolError("the answer is too large")
            return Answer(response.status, told, bytes(body))

    async def _pool_of(self, url: str) -> httpcore.AsyncConnectionPool:
        parts = urlsplit(url)
        origin = (parts.scheme, parts.hostname or "", parts.port)
        pool = self._pools.pop(origin, None)
        if pool is None:
            if parts.scheme == "https" and self._tls is None:
                self._tls = httpcore.default_ssl_context()
            pool = httpcore.AsyncConnectionPool(
                ssl_context=self._tls,
                max_connections=CONNECTIONS_MAX,
                max_keepalive_connections=KEPT_MAX,
                keepalive_expiry=KEPT_S,
                network_backend=self._network,
            )
        self._pools[origin] = pool  # at the end: the one that is used least stands first
        if len(self._pools) > ORIGINS_MAX:
            await self._leave_one(pool)
        return pool

    async def _leave_one(self, besides: httpcore.AsyncConnectionPool) -> None:
        """Hang up on the origin that is used least and isn't being called."""
        for origin, pool in self._pools.items():
            if pool is not besides and all(each.is_idle() for each in pool.connections):
                del self._pools[origin]
                await pool.aclose()
                return

    def _host_of(self, url: str) -> str:
        """Whom a URL is of. Raises: AddressForbidden."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise AddressForbidden(host="") from error
        plain = self._private_allowed and parts.scheme == "http"
        if not host or port == 0 or not url.isascii() or not (plain or parts.scheme == "https"):
            raise AddressForbidden(host=host)
        return host

    async def close(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.aclose()


def _unpacking(encoding: str) -> Any:  # noqa: ANN401  (zlib has no name for its type)
    """How to read a body. We ask for it as it is; some servers pack it all the same."""
    if encoding == "identity":
        return None
    if encoding not in {"gzip", "deflate"}:
        raise httpcore.RemoteProtocolError("packed in a way that we don't read")
    return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # 32: either, as its first bytes say


class _Network(httpcore.AsyncNetworkBackend):
    """Connects on asyncio itself: to public addresses only, those that were looked at."""

    def __init__(self, *, public_only: bool) -> None:
        self._public_only = public_only

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (httpcore's word)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, look, connect. Raises: AddressForbidden, and httpcore's own."""
        assert local_address is None, "we ask for none"
        assert socket_options is None, "we ask for none"
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                address = await public_address(host, port) if self._public_only else host
                _, line = await loop.create_connection(_Line, address, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(type(error).__name__) from error
        return line


class _Line(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """One connection."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._came = bytearray()
        self._ended: Exception | bool = False
        self._reading: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep what came, up to some more than anybody reads at once."""
        self._came += data
        if len(self._came) > READ_AHEAD_MAX and self._transport is not None:
            self._transport.pause_reading()
        self._tell()

    def eof_received(self) -> None:
        """Nothing more will come."""
        self._ended = self._ended or True
        self._tell()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._ended = exc or True
        self._tell()

    def _tell(self) -> None:
        if self._reading is not None and not self._reading.done():
            self._reading.set_result(None)

    async def read(
        self,
        max_bytes: int,
        timeout: float | None = None,  # noqa: ASYNC109  (the whole call has a deadline)
    ) -> bytes:
        """Wait for some of what comes; nothing at its end. Raises: httpcore.ReadError."""
        del timeout
        while not self._came and not self._ended:
            self._reading = asyncio.get_running_loop().create_future()
            await self._reading
        if not self._came and isinstance(self._ended, Exception):
            raise httpcore.ReadError(type(self._ended).__name__) from self._ended
        part = bytes(self._came[:max_bytes])
        del self._came[:max_bytes]
        if len(self._came) <= READ_AHEAD_MAX and self._transport is not None:
            self._transport.resume_reading()
        return part

    async def write(
        self,
        buffer: bytes,
        timeout: float | None = None,  # noqa: ASYNC109  (the whole call has a deadline)
    ) -> None:
        """Send; a request is in memory anyway, so nobody waits. Raises: httpcore.WriteError."""
        del timeout
        if self._transport is None or self._transport.is_closing() or self._ended:
            raise httpcore.WriteError("the connection is gone")
        self._transport.write(buffer)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  (httpcore's word)
    ) -> httpcore.AsyncNetworkStream:
        """Go on encrypted. Raises: httpcore.ConnectError, httpcore.ConnectTimeout."""
        assert self._transport is not None, "it is connected"
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                self._transport = await loop.start_tls(
                    self._transport, self, ssl_context, server_hostname=server_hostname
                )
            if self._came:  # nothing was asked: it came in clear, from whoever is on the line
                raise ConnectionAbortedError
        except TimeoutError as error:
            await self.aclose()
            raise httpcore.ConnectTimeout from error
        except OSError as error:  # also of the certificate: nothing has been asked yet
            await self.aclose()
            raise httpcore.ConnectError(type(error).__name__) from error
        return self

    async def aclose(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  (httpcore's)
        """Say what httpcore asks: whether an idle connection is no good any more."""
        if info == "is_readable":
            return bool(self._came) or bool(self._ended)
        return None if self._transport is None else self._transport.get_extra_info(info)


async def public_address(host: str, port: int) -> str:
    """Find where a host is; any of it inside is refused.

    Raises: AddressForbidden, OSError, UnicodeError (a name that can't be).
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(each[4][0]) for each in found]
    if not addresses or not all(map(is_public, addresses)):
        raise AddressForbidden(host=host)
    return str(addresses[0])


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is nobody's own network, also behind a translation to IPv4."""
    inside = [address]
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            inside.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        inside += filter(None, (address.ipv4_mapped, address.sixtofour))
    return all(each.is_global and not each.is_multicast for each in inside)


_HTTPS: Final = 443
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_TIMEOUTS: Final = {"connect": CONNECT_S, "pool": CONNECT_S}
_NOT_REACHED: Final = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
    httpcore.UnsupportedProtocol,
)
_BROKEN: Final = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)
