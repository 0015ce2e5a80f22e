"""The door of the web interface: who calls, may they, and what a refusal looks like."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Receive, Scope, Send

from kashu.access.caller import Caller, language_of
from kashu.access.doorkeeper import Doorkeeper, check_csrf
from kashu.access.errors import BodyHashMissing, KeyIsBound, NulCharacter, SignatureWrong
from kashu.access.permissions import BOUND_MAY, Permission
from kashu.access.sessions import Session
from kashu.access.signatures import Signed, hash_signed, read_signed
from kashu.core.errors import NotSignedIn

COOKIE: Final = "kashu_session"
CSRF_HEADER: Final = "X-Kashu-CSRF"
PUBLIC: Final[dict[str, Any]] = {"public": True}  # `opt` of a handler that needs no sign-in

FILES: Final = "files"  # key in `opt`: the media types of the files that a handler answers with

BODY_MAX: Final = 1 << 20  # bytes; a signed body above it must tell its hash beforehand

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_WANTED: Final = frozenset(
    {
        b"authorization",
        b"cookie",
        b"accept-language",
        b"x-kashu-timestamp",
        b"x-kashu-nonce",
        b"x-kashu-content-sha256",
        b"x-kashu-csrf",
        b"content-length",
    }
)


class ProblemDetail(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong, and what to do about it."""

    at: str  # a JSON pointer into the body, the name of a parameter, or "row 17, 卡号"
    code: str
    detail: str


class ProblemDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """What every refusal looks like: RFC 9457, in the language of Accept-Language."""

    type: str
    title: str
    status: int
    detail: str
    code: str  # for programs; never changes
    facts: dict[str, Any] = {}
    problems: list[ProblemDetail] = []
    request_id: str = ""


_MEANINGS: Final = {
    400: "A header that must be there is missing",
    401: "Not signed in, or the signature is wrong",
    403: "Not allowed to this caller",
    404: "No such thing, or not yours to see",
    409: "Its state doesn't permit this: read it again",
    413: "The body is too large",
    415: "The body is not of the declared type",
    422: "The request cannot mean anything: change it",
    502: "A supplier or channel failed; the code says whether to repeat",
    503: "Busy; nothing was done: repeat after Retry-After seconds",
}


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """Document a handler's own refusals: `responses=problems(404, 409)`.

    Those that any handler may give (401, 403, 413, 415, 422, 503) are added for all.
    """
    return {
        status: ResponseSpec(
            ProblemDocument,
            generate_examples=False,
            description=_MEANINGS[status],
            media_type="application/problem+json",
        )
        for status in statuses
    }


@dataclass(frozen=True, slots=True)
class Requires:
    """A guard: only callers with this permission; a bound key only for what is its own."""

    permission: Permission

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
    ) -> None:
        """Raises: NotSignedIn, NotAllowed, KeyIsBound."""
        self.check(current_caller(connection.scope))

    def check(self, caller: Caller) -> None:
        """Raises: NotAllowed, KeyIsBound."""
        caller.require(self.permission)
        if caller.bound and self.permission not in BOUND_MAY:
            raise KeyIsBound


@dataclass(frozen=True, slots=True)
class RequiresOneOf:
    """A guard: only callers with one of these permissions; no bound key has any of them."""

    permissions: tuple[Permission, ...]

    async def __call__(
        self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler
    ) -> None:
        """Raises: NotSignedIn, NotAllowed, KeyIsBound."""
        caller = current_caller(connection.scope)
        mine = next((each for each in self.permissions if caller.may(each)), self.permissions[0])
        Requires(mine).check(caller)


def requires(permission: Permission) -> Requires:
    """Guard a handler: `guards=[requires(Permission.STOCK_READ)]`."""
    return Requires(permission)


def requires_one_of(*permissions: Permission) -> RequiresOneOf:
    """Guard a handler of what either of two trades may do."""
    return RequiresOneOf(permissions)


def current_caller(scope: Scope) -> Caller:
    """Tell who calls. Raises: NotSignedIn."""
    caller: Caller | None = scope["state"].get("caller")
    if caller is None:
        raise NotSignedIn
    return caller


def current_session(scope: Scope) -> tuple[Session, str] | None:
    """The session and its token, where the caller came with a cookie."""
    found: tuple[Session, str] | None = scope["state"].get("session")
    return found


class HasDoorkeeper(Protocol):
    """Something that has the one who knows who may come in."""

    doorkeeper: Doorkeeper


class Authentication:
    """Middleware: nobody passes unknown, but to handlers whose `opt` is PUBLIC."""

    def __init__(self, app: ASGIApp, means: HasDoorkeeper) -> None:
        """Stand before `app`."""
        self._app = app
        self._means = means

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its caller.

        Raises: NulCharacter, CsrfTokenWrong, and what is wrong with who calls (401).
        """
        http = cast("HTTPScope", scope)
        if b"%00" in http["query_string"] or "\0" in http["path"]:
            raise NulCharacter
        if http["method"] == "OPTIONS":
            await _tell_methods(http, send)
            return
        if not http["route_handler"].opt.get("public"):
            receive = await self._admit(http, receive, send)
        await self._app(scope, receive, send)

    async def _admit(self, scope: HTTPScope, receive: Receive, send: Send) -> Receive:
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
            if name in _WANTED
        }
        language = language_of(headers.get("accept-language", ""))
        if "authorization" in headers:
            signed = read_signed(headers)
            body_hash, receive = await _hash_body(scope, receive, send, signed, headers)
            caller = await self._means.doorkeeper.admit_signed(
                signed,
                language,
                method=scope["method"],
                path=scope["raw_path"].partition(b"?")[0].decode("latin-1"),
                query=scope["query_string"].decode("latin-1"),
                body_hash=body_hash,
            )
        else:
            token = _cookie(headers.get("cookie", ""))
            if not token:
                raise NotSignedIn
            caller, session = await self._means.doorkeeper.admit_session(token, language)
            if scope["method"] not in _SAFE_METHODS:
                check_csrf(token, headers.get("x-kashu-csrf", ""))
            scope["state"]["session"] = session, token
        scope["state"]["caller"] = caller
        return receive


async def _tell_methods(scope: HTTPScope, send: Send) -> None:
    """Answer OPTIONS. Litestar's own answer knows only the handler that was registered first."""
    methods = {
        method
        for route in scope["litestar_app"].routes
        if isinstance(route, HTTPRoute) and route.path_format == scope["path_template"]
        for method in route.route_handler_map
    }
    allow = (b"allow", ", ".join(sorted(methods)).encode())
    await send({"type": "http.response.start", "status": 204, "headers": [allow]})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _hash_body(
    scope: HTTPScope, receive: Receive, send: Send, signed: Signed, headers: dict[str, str]
) -> tuple[str, Receive]:
    """Hash the body: a small one now; a large one, which tells its hash, while it streams."""
    if scope["method"] in _SAFE_METHODS and headers.get("content-length", "0") == "0":
        return hashlib.sha256(b"").hexdigest(), receive
    handler = cast("HTTPRouteHandler", scope["route_handler"])
    largest = handler.resolve_request_max_body_size()
    if largest is None or largest > BODY_MAX:
        if signed.body_hash is None:
            raise BodyHashMissing(limit_bytes=BODY_MAX)
        return signed.body_hash, _checking(receive, signed.body_hash)
    body = await Request[Any, Any, Any](scope, receive, send).body()
    return hash_signed(signed, body), receive


def _checking(receive: Receive, expected: str) -> Receive:
    """Hash what is received; its last part is only passed on when all was what was signed."""
    digest = hashlib.sha256()

    async def receive_checked() -> HTTPReceiveMessage:
        message = cast("HTTPReceiveMessage", await receive())
        if message["type"] == "http.request":
            digest.update(message["body"])
            if not message.get("more_body") and digest.hexdigest() != expected:
                raise SignatureWrong
        return message

    return receive_checked


def _cookie(header: str) -> str:
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE:
            return value
    return ""
