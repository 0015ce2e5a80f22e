"""Add a SKU: one more thing that is sold of a product."""

from datetime import date
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import case, select

from kashu.catalog.card_format import CardFormat
from kashu.catalog.drafts import Written, sku_from
from kashu.catalog.entries import AccountType, Redemption, Terminal
from kashu.catalog.errors import SkuCodeTaken, UnknownProduct
from kashu.catalog.install import write_skus
from kashu.catalog.kinds import Fulfilment, Period, ShortagePolicy
from kashu.catalog.reads import ListedSku, is_sku_code, listed_sku
from kashu.catalog.sku_row import format_of, redemption_of, row_of
from kashu.catalog.tables import products, skus
from kashu.core.change import change_row, chosen
from kashu.core.db import Tx


class NewSku(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A SKU to add. What is unset goes without saying, or is as with the product's other SKUs."""

    code: str
    product: str  # its code
    period: Period
    face_value: str  # the brand's price in yuan, such as "25.00"
    fulfilment: Fulfilment = Fulfilment.CARD
    name_zh: str | UnsetType = UNSET
    name_en: str | UnsetType = UNSET
    days: int | UnsetType = UNSET
    terminal: Terminal | UnsetType = UNSET
    account_type: AccountType | UnsetType = UNSET
    face_value_as_of: date | UnsetType = UNSET
    face_value_source: str | UnsetType = UNSET
    returnable: bool | UnsetType = UNSET
    shortage_policy: ShortagePolicy | UnsetType = UNSET
    redemption: Redemption | UnsetType = UNSET
    card_format: CardFormat | UnsetType | None = UNSET  # null: nothing is checked
    partial_allowed: bool = False


async def add_sku(tx: Tx, tenant_id: int, actor: str, new: NewSku) -> ListedSku:
    """Add a SKU to a product that is there; it is on sale at once.

    A terminal that is unset is that of the product's other SKUs; how it is redeemed and what its
    cards look like, that of one with the same fulfilment.
    Raises: UnknownProduct, SkuWrong, SkuCodeTaken.
    """
    product, sibling = await _product(tx, tenant_id, new)
    written = chosen(new)
    partial_allowed = written.pop("partial_allowed")
    del written["product"]
    sku = sku_from(sibling | written, product)
    row = {"product": new.product, **row_of(sku)}
    outcome = await write_skus(tx, tenant_id, actor, [row])
    if sku.code not in outcome.added:
        raise SkuCodeTaken(sku=sku.code)
    if partial_allowed:
        await change_row(tx, skus, tenant_id, sku.code, {"partial_allowed": True})
    return await listed_sku(tx, tenant_id, sku.code)


async def _product(tx: Tx, tenant_id: int, new: NewSku) -> tuple[Written, Written]:
    """Read the names of the SKU's product, and what it takes over from a sibling."""
    unknown = UnknownProduct(product=new.product[:60])
    if not is_sku_code(new.product):
        raise unknown
    found = await tx.execute(
        select(products.c.id, products.c.name_zh, products.c.name_en).where(
            products.c.tenant_id == tenant_id, products.c.code == new.product
        )
    )
    product = found.one_or_none()
    if product is None:
        raise unknown
    alike_first = case((skus.c.fulfilment == new.fulfilment, 0), else_=1)
    siblings = await tx.execute(
        select(skus)
        .where(skus.c.tenant_id == tenant_id, skus.c.product_id == product.id)
        .order_by(alike_first, skus.c.code)
        .limit(1)
    )
    sibling: Any = siblings.mappings().one_or_none()
    names: Written = {"name_zh": product.name_zh, "name_en": product.name_en}
    if sibling is None:
        return names, {}
    alike: Written = {"terminal": sibling["terminal"]}
    if sibling["fulfilment"] == new.fulfilment:
        alike |= {"account_type": sibling["account_type"], "redemption": redemption_of(sibling)}
        if card_format := format_of(sibling):
            alike["card_format"] = card_format
    return names, alike
