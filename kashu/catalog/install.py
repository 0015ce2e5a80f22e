"""Install: a merchant gets a catalogue, the one that ships or one from a file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import select

from kashu.catalog.bundles import parts_by_code, set_parts
from kashu.catalog.entries import Brand
from kashu.catalog.errors import ProductIsElsewhere, SkuIsAnother
from kashu.catalog.shipped import shipped
from kashu.catalog.sku_row import row_of
from kashu.catalog.tables import brands as brand_rows
from kashu.catalog.tables import products as product_rows
from kashu.catalog.tables import skus as sku_rows
from kashu.core.db import Tx
from kashu.core.events import Event, record
from kashu.core.ids import new_ids
from kashu.core.sql import Statement

NAMED_MAX: Final = 10  # of what was refused, in a sentence


@dataclass(frozen=True, slots=True)
class Installed:
    """What became of a catalogue: codes of SKUs, in its order."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    kept: tuple[str, ...]  # there already, and left as the merchant has them
    brands_added: int
    products_added: int


@dataclass(frozen=True, slots=True)
class _Written:
    id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    added: frozenset[str]
    changed: frozenset[str]


_brands = Statement(__file__, "install_brands.sql", _Written)
_products = Statement(__file__, "install_products.sql", _Written)
_skus = Statement(__file__, "install_skus.sql", _Written)


async def install(
    tx: Tx, tenant_id: int, actor: str, catalogue: Sequence[Brand], *, replace: bool = False
) -> Installed:
    """Add the brands, products and SKUs whose codes aren't there yet, as one. Safe to repeat.

    What is there stays as the merchant has it, and is reported as kept. With `replace` it becomes
    what the catalogue says, except whether it is sold and may be partly filled.
    Locks: what is there already, in order of code.
    Raises: ProductIsElsewhere, BundlePartsWrong; with `replace`, SkuIsAnother.
    """
    of_brand: list[Mapping[str, Any]] = [
        {
            "code": brand.code,
            "name_zh": brand.name_zh,
            "name_en": brand.name_en,
            "colour": brand.logo.colour,
            "initial": brand.logo.initial,
        }
        for brand in catalogue
    ]
    of_product: list[Mapping[str, Any]] = [
        {
            "brand": brand.code,
            "code": product.code,
            "name_zh": product.name_zh,
            "name_en": product.name_en,
        }
        for brand in catalogue
        for product in brand.products
    ]
    of_sku: list[Mapping[str, Any]] = [
        {"product": product.code, **row_of(sku)}
        for brand in catalogue
        for product in brand.products
        for sku in product.skus
    ]
    own_brands = await _write(
        tx, tenant_id, actor, statement=_brands, noun="brand", rows=of_brand, replace=replace
    )
    own_products = await _write(
        tx, tenant_id, actor, statement=_products, noun="product", rows=of_product, replace=replace
    )
    await _check_brands_of_products(tx, tenant_id, of_product)
    if replace:
        await _check_same_skus(tx, tenant_id, of_sku)
    own_skus = await write_skus(tx, tenant_id, actor, of_sku, replace=replace)
    remade = await _set_parts(tx, tenant_id, actor, catalogue, None if replace else own_skus.added)
    changed = own_skus.changed | remade - own_skus.added
    codes = [row["code"] for row in of_sku]
    return Installed(
        added=tuple(code for code in codes if code in own_skus.added),
        changed=tuple(code for code in codes if code in changed),
        kept=tuple(code for code in codes if code not in own_skus.added | changed),
        brands_added=len(own_brands.added),
        products_added=len(own_products.added),
    )


async def _set_parts(
    tx: Tx,
    tenant_id: int,
    actor: str,
    catalogue: Sequence[Brand],
    only: Collection[str] | None,
) -> frozenset[str]:
    """Say what the catalogue's bundles are made of, or `only` some; return those that changed."""
    bundles = [
        sku
        for brand in catalogue
        for sku in brand.skus
        if sku.parts and (only is None or sku.code in only)
    ]
    changed = set()
    for sku in bundles:
        before = await parts_by_code(tx, tenant_id, sku.code)
        at = f"sku {sku.code}, parts"
        if before != await set_parts(tx, tenant_id, actor, sku.code, sku.parts, at=at):
            changed.add(sku.code)
    return frozenset(changed)


async def begin_tenant(tx: Tx, tenant_id: int, actor: str) -> Installed:
    """Give a new merchant the catalogue that ships. Safe to repeat: nothing is overwritten."""
    return await install(tx, tenant_id, actor, shipped())


async def write_skus(
    tx: Tx,
    tenant_id: int,
    actor: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    replace: bool = False,
) -> _Outcome:
    """Write rows of SKUs, each with the code of its `product`, and record what happened."""
    return await _write(
        tx, tenant_id, actor, statement=_skus, noun="sku", rows=rows, replace=replace
    )


async def _write(
    tx: Tx,
    tenant_id: int,
    actor: str,
    *,
    statement: Statement[_Written],
    noun: str,
    rows: Sequence[Mapping[str, Any]],
    replace: bool,
) -> _Outcome:
    new = set(ids := new_ids(len(rows)))
    entries = [{"id": row_id, **row} for row_id, row in zip(ids, rows, strict=True)]
    written = await statement(
        tx, tenant=tenant_id, entries=msgspec.json.encode(entries).decode(), replace=replace
    )
    happened = [
        Event(
            f"{noun}.added" if row.id in new else f"{noun}.changed",
            row.id,
            {"code": row.code, "by": "catalogue"},
        )
        for row in written
    ]
    await record(tx, tenant_id, actor, happened)
    return _Outcome(
        added=frozenset(row.code for row in written if row.id in new),
        changed=frozenset(row.code for row in written if row.id not in new),
    )


async def _check_brands_of_products(
    tx: Tx, tenant_id: int, of_product: Sequence[Mapping[str, Any]]
) -> None:
    wanted = {row["code"]: row["brand"] for row in of_product}
    found = await tx.execute(
        select(product_rows.c.code, brand_rows.c.code.label("brand"))
        .join(
            brand_rows,
            (brand_rows.c.tenant_id == product_rows.c.tenant_id)
            & (brand_rows.c.id == product_rows.c.brand_id),
        )
        .where(product_rows.c.tenant_id == tenant_id, brand_rows.c.tenant_id == tenant_id)
        .where(product_rows.c.code.in_(list(wanted)))
    )
    elsewhere = sorted(row.code for row in found if row.brand != wanted[row.code])
    if elsewhere:
        raise ProductIsElsewhere(products=_named(elsewhere))


async def _check_same_skus(tx: Tx, tenant_id: int, of_sku: Sequence[Mapping[str, Any]]) -> None:
    wanted = {row["code"]: (row["product"], row["period"], row["fulfilment"]) for row in of_sku}
    found = await tx.execute(
        select(
            sku_rows.c.code,
            product_rows.c.code.label("product"),
            sku_rows.c.period,
            sku_rows.c.fulfilment,
        )
        .join(
            product_rows,
            (product_rows.c.tenant_id == sku_rows.c.tenant_id)
            & (product_rows.c.id == sku_rows.c.product_id),
        )
        .where(sku_rows.c.tenant_id == tenant_id, product_rows.c.tenant_id == tenant_id)
        .where(sku_rows.c.code.in_(list(wanted)))
    )
    others = sorted(row.code for row in found if tuple(row)[1:] != wanted[row.code])
    if others:
        raise SkuIsAnother(skus=_named(others))


def _named(codes: Sequence[str]) -> str:
    more = f" … ({len(codes)})" if len(codes) > NAMED_MAX else ""
    return ", ".join(codes[:NAMED_MAX]) + more
