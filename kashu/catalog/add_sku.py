"""Add a SKU: one more thing that is sold of a product."""

from typing import Any

import msgspec
from sqlalchemy import case, select

from kashu.catalog.drafts import Written, sku_from
from kashu.catalog.errors import SkuCodeTaken, UnknownProduct
from kashu.catalog.install import write_skus
from kashu.catalog.kinds import Fulfilment
from kashu.catalog.reads import ListedSku, is_sku_code, listed_sku
from kashu.catalog.shapes import NewSku
from kashu.catalog.sku_row import format_of, redemption_of, row_of
from kashu.catalog.tables import products, skus
from kashu.core.change import change_row
from kashu.core.db import Tx


async def add_sku(tx: Tx, tenant_id: int, actor: str, new: NewSku) -> ListedSku:
    """Add a SKU to a product that is there; it is on sale at once.

    A terminal that is unset is that of the product's other SKUs; how it is redeemed and what its
    cards look like, that of one with the same fulfilment.
    Raises: UnknownProduct, SkuWrong, SkuCodeTaken.
    """
    product, sibling = await _product(tx, tenant_id, new)
    written: dict[str, Any] = msgspec.to_builtins(new)  # leaves out what is unset
    partial_allowed = written.pop("partial_allowed")
    del written["product"]
    if "redemption" in written and "redemption" in sibling:
        written["redemption"] = sibling.pop("redemption") | written["redemption"]
    sku = sku_from(sibling | written, product)
    row = {"product": new.product, **row_of(sku)}
    outcome = await write_skus(tx, tenant_id, actor, [row])
    if sku.code not in outcome.added:
        raise SkuCodeTaken(sku=sku.code)
    await change_row(tx, skus, tenant_id, sku.code, {"partial_allowed": partial_allowed})
    return await listed_sku(tx, tenant_id, sku.code)


async def _product(tx: Tx, tenant_id: int, new: NewSku) -> tuple[Written, dict[str, Any]]:
    """Read the names of the SKU's product, and what it takes over from a sibling."""
    if not is_sku_code(new.product):
        raise UnknownProduct(product=new.product[:60])
    found = await tx.execute(
        select(products.c.id, products.c.name_zh, products.c.name_en).where(
            products.c.tenant_id == tenant_id, products.c.code == new.product
        )
    )
    product = found.one_or_none()
    if product is None:
        raise UnknownProduct(product=new.product)
    names: Written = {"name_zh": product.name_zh, "name_en": product.name_en}
    alike_first = case((skus.c.fulfilment == new.fulfilment.value, 0), else_=1)
    siblings = await tx.execute(
        select(skus)
        .where(skus.c.tenant_id == tenant_id, skus.c.product_id == product.id)
        .order_by(alike_first, skus.c.code)
        .limit(1)
    )
    sibling = siblings.mappings().one_or_none()
    if sibling is None:
        return names, {}
    if new.fulfilment is Fulfilment.BUNDLE:  # how its parts are redeemed, they say themselves
        return names, {"terminal": sibling["terminal"], "redemption": redemption_of(dict(sibling))}
    if sibling["fulfilment"] != new.fulfilment:
        return names, {"terminal": sibling["terminal"]}
    return names, {
        "terminal": sibling["terminal"],
        "account_type": sibling["account_type"],
        "redemption": redemption_of(dict(sibling)),
        "card_format": format_of(dict(sibling)),
    }
