"""HTTP of price lists: what a supplier without an interface asks, from a file or a chat."""

import asyncio
from dataclasses import dataclass
from typing import Final

from litestar import post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.core.db import Database
from kashu.core.naming import Code
from kashu.suppliers.errors import OfferFileChanged, OfferFileWrong
from kashu.suppliers.offer_file import import_offers
from kashu.suppliers.offer_report import OffersImported, imported
from kashu.suppliers.offer_rows import FILE_BYTES, read_offer_file, read_pasted_offers
from kashu.suppliers.reach import Upstreams
from kashu.suppliers.reads import supplier_by_code

FORM_BYTES: Final = 64 * 1024  # of a form around its file


@dataclass
class OfferForm:
    """A form with a price list: a file (.xlsx, .csv, .txt), or `pasted` text."""

    file: UploadFile | None = None
    pasted: str | None = None
    dry_run: bool = False
    expect_sha256: str | None = None  # of what was looked at


@post(
    "/v1/suppliers/{code:str}/offers/import",
    operation_id="importOffers",
    guards=[requires(Permission.SUPPLIERS_WRITE)],
    status_code=200,
    responses=problems(404, 409),
    request_max_body_size=FILE_BYTES + FORM_BYTES,
)
async def post_import(
    code: FromPath[Code],
    data: MultipartBody[OfferForm],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    upstreams: NamedDependency[Upstreams],
) -> OffersImported:
    """Take down a supplier's price list from a file or pasted text: its good rows, all at once.

    Columns: `title` 名称 or `ref` 商品编号, `price` 价格, and as wanted `stock` 库存, `goods` 类型,
    `face` 面值, `least` 起购, `sku` 规格编码, `units` 数量; or just a title and a
    price in each row. With `dry_run` nothing is written; to confirm, send it again with that
    answer's `sha256` as `expect_sha256`. Prices that can't be believed are
    held, as those that are read are.
    """
    if (data.file is None) == (data.pasted is None):
        raise OfferFileWrong
    if data.file is not None:
        file = await asyncio.to_thread(read_offer_file, await data.file.read())
    else:
        file = await asyncio.to_thread(read_pasted_offers, data.pasted or "")
    if data.expect_sha256 and data.expect_sha256.casefold() != file.sha256:
        raise OfferFileChanged
    async with database.transaction(caller.tenant_id) as tx:
        supplier = await supplier_by_code(tx, caller.tenant_id, code)
        report = await import_offers(
            tx,
            caller.tenant_id,
            caller.actor,
            supplier,
            file,
            at=upstreams.now(),
            dry_run=data.dry_run,
        )
    return imported(report, dry_run=data.dry_run)


routes: Final = (post_import,)
