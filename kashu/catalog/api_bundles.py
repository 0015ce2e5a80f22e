"""HTTP of bundles: what they are made of."""

from typing import Annotated, Final

import msgspec
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.catalog.bundles import PARTS_MAX, Goods, parts_by_code, set_parts
from kashu.catalog.entries import NamedPart
from kashu.core.db import Database


class PartsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a bundle is made of, in the order that its cards are given in."""

    parts: Annotated[tuple[NamedPart, ...], msgspec.Meta(min_length=1, max_length=PARTS_MAX)]


class PartsShown(msgspec.Struct, frozen=True):
    """What a SKU comes to from stock. `sold`: all of it is on sale and given from stock."""

    parts: tuple[NamedPart, ...]
    sold: bool


@get(
    "/v1/skus/{code:str}/parts",
    operation_id="readParts",
    guards=[requires(Permission.CATALOG_READ)],
    responses=problems(404),
)
async def read_parts(
    code: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> PartsShown:
    """Say what a SKU comes to: itself, or the parts of a bundle; none while nobody set them."""
    async with database.transaction(caller.tenant_id) as tx:
        return _shown(await parts_by_code(tx, caller.tenant_id, code))


@put(
    "/v1/skus/{code:str}/parts",
    operation_id="setParts",
    guards=[requires(Permission.CATALOG_WRITE)],
    responses=problems(404, 409),
)
async def put_parts(
    code: FromPath[str],
    data: JSONBody[PartsBody],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> PartsShown:
    """Say what a bundle is made of: SKUs in stock and top-ups, each once. No part is a bundle.

    Orders that come from now on are of these parts; what was sold before stays as it was.
    """
    async with database.transaction(caller.tenant_id) as tx:
        return _shown(await set_parts(tx, caller.tenant_id, caller.actor, code, data.parts))


def _shown(goods: Goods) -> PartsShown:
    parts = tuple(NamedPart(part.sku.code, part.units) for part in goods.parts)
    return PartsShown(parts, goods.is_sold)


routes: Final = (read_parts, put_parts)
