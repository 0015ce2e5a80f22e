"""The only way out: every call has a deadline, a largest answer, and no address of our own network.

How a call ended is exactly one of: an Answer, Unavailable (we never reached them, nothing
happened), Unclear (it may have happened).
"""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final
from urllib.parse import urlsplit

import httpcore
import httpx

from kashu.core.errors import Invalid, Unavailable, Unclear

ANSWER_MAX: Final = 8 << 20  # bytes
DEADLINE_S: Final = 15.0
CONNECT_S: Final = 5.0
ORIGINS_MAX: Final = 200  # whose connections are kept

# They log whole addresses, and one platform wants a secret in one.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class AddressForbidden(Invalid):
    """An address inside our own network, or not HTTPS."""

    code = "address_forbidden"
    zh = "不能访问地址 {host}：须为公网的 https 地址。若是本机模拟器，请在设置中允许内网地址。"
    en = (
        "The address {host} isn't allowed: it must be a public one over https. For a simulator "
        "on this machine, allow private addresses in the settings."
    )


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
    """One client for all calls of a process."""

    def __init__(self, *, private_allowed: bool = False) -> None:
        """`private_allowed`: also plain HTTP and addresses of this machine, for simulators."""
        self._private_allowed = private_allowed
        self._client = httpx.AsyncClient(
            follow_redirects=False,  # a redirect could lead anywhere, with our signature
            trust_env=False,
            transport=_ByOrigin(None if private_allowed else _PublicOnly()),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # shops have none in common
        )

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

        Raises: AddressForbidden, NotReached (nothing happened), NoClearAnswer (it may have).
        """
        host = self._host_of(url)
        try:
            async with asyncio.timeout(deadline_s):
                return await self._exchange(method, url, content, headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotReached(host=host) from error
        except TimeoutError as error:
            raise NoClearAnswer(host=host, why="timeout") from error
        except httpx.InvalidURL as error:
            raise AddressForbidden(host=host) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise NoClearAnswer(host=host, why=type(error).__name__) from error

    async def _exchange(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str] | None
    ) -> Answer:
        timeout = httpx.Timeout(None, connect=CONNECT_S, pool=CONNECT_S)
        async with self._client.stream(
            method, url, content=content, headers=headers, timeout=timeout
        ) as response:
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > ANSWER_MAX:
                    raise httpx.DecodingError("the answer is too large")
            told = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, told, bytes(body))

    def _host_of(self, url: str) -> str:
        """Whom a URL is of. Raises: AddressForbidden."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError as error:
            raise AddressForbidden(host="") from error
        if not host or not (self._private_allowed or parts.scheme == "https"):
            raise AddressForbidden(host=host)
        return host

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


class _PublicOnly(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only: to the very ones that were looked at."""

    def __init__(self) -> None:
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (httpcore's word)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve, look, connect. Raises: AddressForbidden, httpcore.ConnectError."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(type(error).__name__) from error
        addresses = [ipaddress.ip_address(each[4][0]) for each in found]
        if not addresses or not all(map(is_public, addresses)):
            raise AddressForbidden(host=host)
        return await self._inner.connect_tcp(
            str(addresses[0]), port, timeout, local_address, socket_options
        )


class _Transport(httpx.AsyncHTTPTransport):
    """As httpx's own, on a network of our choice."""

    def __init__(self, limits: httpx.Limits, network: httpcore.AsyncNetworkBackend | None) -> None:
        super().__init__(trust_env=False, limits=limits)
        if network is not None:
            self._pool = httpcore.AsyncConnectionPool(
                ssl_context=httpx.create_ssl_context(trust_env=False),
                max_connections=limits.max_connections,
                max_keepalive_connections=limits.max_keepalive_connections,
                network_backend=network,
            )


class _ByOrigin(httpx.AsyncBaseTransport):
    """Keeps connections apart by origin: a pool is walked for every call, and is thus short."""

    def __init__(self, network: httpcore.AsyncNetworkBackend | None) -> None:
        self._network = network
        self._pools: dict[tuple[str, str, int | None], _Transport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send on a connection to the request's own origin."""
        url = request.url
        origin = (url.scheme, url.host, url.port)
        pool = self._pools.pop(origin, None)
        if pool is None:
            pool = _Transport(_LIMITS, self._network)
        self._pools[origin] = pool  # at the end: the one that is used least stands first
        if len(self._pools) > ORIGINS_MAX:
            await self._pools.pop(next(iter(self._pools))).aclose()
        return await pool.handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            await pool.aclose()


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is nobody's own network, also behind a translation to IPv4."""
    inside = [address]
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            inside.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        inside += filter(None, (address.ipv4_mapped, address.sixtofour))
    return all(each.is_global and not each.is_multicast for each in inside)


_LIMITS: Final = httpx.Limits(max_connections=100, max_keepalive_connections=16)  # an origin
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
