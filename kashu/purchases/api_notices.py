"""HTTP for suppliers: the addresses at which they tell us how orders went."""

from typing import Final

from litestar import Request, Response, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import FromPath

from kashu.access.guards import PUBLIC, problems
from kashu.core.db import Database
from kashu.purchases.errors import UnknownNoticeAddress
from kashu.purchases.notices import take_notice
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.upstream import NoticeRequest

BODY_MAX: Final = 256 << 10  # bytes: cards may be in it
_TENANT_MAX: Final = 2**63 - 1


@route(
    "/notices/{tenant:int}/{token:str}",
    http_method=[HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT],
    operation_id="takeNotice",
    opt=PUBLIC,
    status_code=200,
    responses=problems(404),
    include_in_schema=False,
    request_max_body_size=BODY_MAX,
)
async def take_supplier_notice(
    tenant: FromPath[int],
    token: FromPath[str],
    request: Request,  # type: ignore[type-arg]
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> Response[bytes]:
    """Take what a supplier tells. Whoever doesn't know the address learns nothing."""
    if not 0 < tenant <= _TENANT_MAX:
        raise UnknownNoticeAddress
    came = NoticeRequest(
        request.method,
        request.url.path,
        request.scope["query_string"].decode("latin-1"),
        {name.lower(): value for name, value in request.headers.items()},
        await request.body(),
    )
    reply = await take_notice(database, tenant, upstreams, token, came)
    return Response(reply.body, media_type=reply.media_type, status_code=reply.status)


routes: Final = (take_supplier_notice,)
