"""HTTP of the catalogue: SKUs, and catalogues from files."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Final

from litestar import get, patch, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter

from kashu.access.caller import Caller
from kashu.access.guards import problems, requires
from kashu.access.permissions import Permission
from kashu.catalog import api_bundles
from kashu.catalog.add_sku import add_sku
from kashu.catalog.card_format import CardFormat
from kashu.catalog.change_sku import change_sku
from kashu.catalog.install import install
from kashu.catalog.kinds import Fulfilment, SkuState
from kashu.catalog.reads import ListedSku, listed_sku, sku_list
from kashu.catalog.shapes import (
    BrandShown,
    CardShape,
    CatalogueInstalled,
    NewSku,
    ProductShown,
    RedemptionShown,
    SkuChanges,
    SkuPage,
    SkuShown,
)
from kashu.catalog.shipped import CATALOGUE_SIZE_MAX, parse_catalogue
from kashu.core.db import Database
from kashu.core.money import format_amount
from kashu.core.sought import WHICH_MAX, WRITTEN_MAX, Sought

FORM_SIZE: Final = 64 * 1024  # of a multipart form around its file


@get("/v1/skus", operation_id="listSkus", guards=[requires(Permission.CATALOG_READ)])
async def list_skus(
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    brand: FromQuery[str | None] = None,
    product: FromQuery[str | None] = None,
    fulfilment: FromQuery[Fulfilment | None] = None,
    in_state: Annotated[SkuState | None, QueryParameter(name="state")] = None,
    stocked: FromQuery[bool | None] = None,
    written: Annotated[str | None, QueryParameter(name="q", max_length=WRITTEN_MAX)] = None,
    which: Annotated[list[str] | None, QueryParameter(max_items=WHICH_MAX)] = None,
    after: FromQuery[str] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> SkuPage:
    """List SKUs by code, sold and retired, with their brands and products; conditions narrow it.

    `q` is in the code or in the name in either language; `which`: only these, each by its code or
    id; `stocked`: what is delivered from stock.
    """
    async with database.transaction(caller.tenant_id) as tx:
        found = await sku_list(
            tx,
            caller.tenant_id,
            brand=brand,
            product=product,
            fulfilment=fulfilment,
            state=in_state,
            stocked=stocked,
            sought=Sought(written, which),
            after=after,
            limit=limit + 1,
        )
    shown = found[:limit]
    return SkuPage(
        skus=[_shown(caller, sku) for sku in shown],
        next_after=shown[-1].sku.code if len(found) > limit else None,
    )


@get(
    "/v1/skus/{code:str}",
    operation_id="readSku",
    guards=[requires(Permission.CATALOG_READ)],
    responses=problems(404),
)
async def read_sku(
    code: FromPath[str], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> SkuShown:
    """Read one SKU."""
    async with database.transaction(caller.tenant_id) as tx:
        return _shown(caller, await listed_sku(tx, caller.tenant_id, code))


@post(
    "/v1/skus",
    operation_id="addSku",
    guards=[requires(Permission.CATALOG_WRITE)],
    responses=problems(409),
)
async def post_sku(
    data: JSONBody[NewSku], caller: NamedDependency[Caller], database: NamedDependency[Database]
) -> SkuShown:
    """Add a SKU to a product that is there. New brands and products come with a catalogue file."""
    async with database.transaction(caller.tenant_id) as tx:
        return _shown(caller, await add_sku(tx, caller.tenant_id, caller.actor, data))


@patch(
    "/v1/skus/{code:str}",
    operation_id="changeSku",
    guards=[requires(Permission.CATALOG_WRITE)],
    responses=problems(404),
)
async def patch_sku(
    code: FromPath[str],
    data: JSONBody[SkuChanges],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
) -> SkuShown:
    """Change what is given; retire a SKU with {"state": "retired"}, resume it with "active"."""
    async with database.transaction(caller.tenant_id) as tx:
        return _shown(caller, await change_sku(tx, caller.tenant_id, caller.actor, code, data))


@dataclass
class CatalogueFile:
    """A form with one file: .toml, or .csv with one row a SKU."""

    file: UploadFile


@post(
    "/v1/catalogue",
    operation_id="installCatalogue",
    guards=[requires(Permission.CATALOG_WRITE)],
    responses=problems(409),
    status_code=200,
    request_max_body_size=CATALOGUE_SIZE_MAX + FORM_SIZE,
)
async def post_catalogue(
    data: MultipartBody[CatalogueFile],
    caller: NamedDependency[Caller],
    database: NamedDependency[Database],
    *,
    dry_run: FromQuery[bool] = False,
    replace: FromQuery[bool] = False,
) -> CatalogueInstalled:
    """Install a catalogue from a file, whole or not at all.

    SKUs that are there stay as they are; with `replace` they become what the file says. A dry run
    says what would happen and writes nothing.
    """
    ending = PurePath(data.file.filename).suffix
    content = await data.file.read()
    catalogue = await asyncio.to_thread(parse_catalogue, content, ending)
    async with database.transaction(caller.tenant_id) as tx:
        installed = await install(tx, caller.tenant_id, caller.actor, catalogue, replace=replace)
        if dry_run:
            await tx.rollback()
    return CatalogueInstalled(
        dry_run=dry_run,
        added=installed.added,
        changed=installed.changed,
        kept=installed.kept,
        brands_added=installed.brands_added,
        products_added=installed.products_added,
    )


def _can(caller: Caller, state: SkuState) -> Sequence[str]:
    if not caller.may(Permission.CATALOG_WRITE):
        return ()
    return ("change", "retire" if state is SkuState.ACTIVE else "resume")


def _shape(card_format: CardFormat) -> CardShape:
    return CardShape(
        number=card_format.number,
        lengths=list(card_format.lengths),
        password=card_format.password,
        password_optional=card_format.password_optional,
        luhn=card_format.luhn,
    )


def _shown(caller: Caller, listed: ListedSku) -> SkuShown:
    sku, brand, product = listed.sku, listed.brand, listed.product
    return SkuShown(
        id=sku.id,
        code=sku.code,
        brand=BrandShown(brand.code, brand.name_zh, brand.name_en, brand.colour, brand.initial),
        product=ProductShown(product.code, product.name_zh, product.name_en),
        name_zh=sku.name_zh,
        name_en=sku.name_en,
        period=listed.period,
        days=sku.days,
        terminal=listed.terminal,
        account_type=listed.account_type,
        fulfilment=sku.fulfilment,
        face_value=format_amount(sku.face_value_e4),
        currency=sku.currency,
        face_value_verified=listed.face_value_verified,
        face_value_as_of=listed.face_value_as_of,
        returnable=sku.returnable,
        partial_allowed=sku.partial_allowed,
        shortage_policy=sku.shortage_policy,
        card_format=None if listed.card_format is None else _shape(listed.card_format),
        redemption=RedemptionShown(
            steps_zh=listed.steps_zh,
            steps_en=listed.steps_en,
            devices_zh=listed.devices_zh,
            devices_en=listed.devices_en,
            validity_zh=listed.validity_zh,
            validity_en=listed.validity_en,
            url=listed.redemption_url,
        ),
        state=sku.state,
        can=_can(caller, sku.state),
    )


routes: Final = (
    list_skus,
    read_sku,
    post_sku,
    patch_sku,
    post_catalogue,
    *api_bundles.routes,
)
