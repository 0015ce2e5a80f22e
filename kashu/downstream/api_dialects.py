"""HTTP of dialects: public addresses; the dialect's own signature is their guard."""

from typing import Any, Final

from litestar import Request, Response, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import FromPath

from kashu.access.guards import PUBLIC, problems
from kashu.downstream.dialect import Call
from kashu.downstream.dialects import Dialects

UPSTREAM: Final = "/api/v1/upstream"  # where the sites of one program expect it
NAMED: Final = "/downstream"

_METHODS: Final = (HttpMethod.GET, HttpMethod.POST)
_HIDDEN: Final[dict[str, Any]] = {
    "opt": PUBLIC,
    "status_code": 200,
    "responses": problems(404),
    "include_in_schema": False,
}


@route(UPSTREAM + "/{rest:path}", http_method=_METHODS, operation_id="takeUpstreamCall", **_HIDDEN)
async def take_upstream_call(
    request: Request[Any, Any, Any], dialects: NamedDependency[Dialects]
) -> Response[bytes]:
    """Answer a site of dujiao-next that buys from us."""
    return await _take(dialects, "dujiao_next", "", UPSTREAM, request)


@route(
    NAMED + "/{dialect:str}/{login:str}/{rest:path}",
    http_method=_METHODS,
    operation_id="takeAgentCall",
    **_HIDDEN,
)
async def take_agent_call(
    dialect: FromPath[str],
    login: FromPath[str],
    request: Request[Any, Any, Any],
    dialects: NamedDependency[Dialects],
) -> Response[bytes]:
    """Answer an agent's system whose login is part of the address."""
    return await _take(dialects, dialect, login, f"{NAMED}/{dialect}/{login}", request)


async def _take(
    dialects: Dialects, dialect: str, login: str, address: str, request: Request[Any, Any, Any]
) -> Response[bytes]:
    path = request.scope["raw_path"].partition(b"?")[0].decode("latin-1")
    call = Call(
        request.method,
        path,
        login,
        path.removeprefix(address).strip("/"),
        dict(request.query_params.items()),
        {name.lower(): value for name, value in request.headers.items()},
        await request.body(),
    )
    reply = await dialects.take(dialect, call)
    return Response(reply.body, media_type="application/json", status_code=reply.status)


routes: Final = (take_upstream_call, take_agent_call)
