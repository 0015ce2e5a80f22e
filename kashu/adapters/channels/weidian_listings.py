"""Read Weidian's items: one listing for each, or for each of its variants."""

import msgspec

from kashu.adapters.channels.weidian_calls import unclear
from kashu.channels.channel import Listing
from kashu.core.errors import Invalid
from kashu.core.money import parse_price

ON_SALE = 1


class _Sku(msgspec.Struct):
    id: int | str
    price: str | None = None
    stock: int | str | None = None
    title: str | None = None
    sku_merchant_code: str | None = None


class _Item(msgspec.Struct):
    itemid: int | str
    item_name: str
    price: str | None = None
    stock: int | str | None = None
    status: int | str | None = None
    merchant_code: str | None = None
    skus: list[_Sku] | None = None


class Items(msgspec.Struct):
    """A page of vdian.item.list.get."""

    items: list[_Item]


def read_items(page: Items) -> list[Listing]:
    """Read a page. Raises: ChannelUnclear."""
    return [listing for item in page.items for listing in _listings(item)]


def _listings(item: _Item) -> list[Listing]:
    on_sale = _count(item.status) == ON_SALE
    code = item.merchant_code or ""
    if not item.skus:
        price_e4, stock = _price(item.price), _count(item.stock)
        return [Listing(str(item.itemid), "", item.item_name, "", code, price_e4, stock, on_sale)]
    return [
        Listing(
            str(item.itemid),
            str(sku.id),
            item.item_name,
            sku.title or "",
            sku.sku_merchant_code or code,
            _price(sku.price),
            _count(sku.stock),
            on_sale,
        )
        for sku in item.skus
    ]


def _price(written: str | None) -> int | None:
    if written is None:
        return None
    try:
        return parse_price(written)
    except Invalid as error:
        raise unclear("unreadable price") from error


def _count(told: int | str | None) -> int | None:
    try:
        return None if told is None else int(told)
    except ValueError as error:
        raise unclear("unreadable number") from error
