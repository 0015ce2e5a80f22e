"""What a shop at Youzan has for sale: on sale first, then what is in the warehouse."""

from typing import Final

import msgspec

from kashu.adapters.channels.youzan_answers import CHANNEL, Api, call, unclear
from kashu.channels.channel import Link, Listing, Page
from kashu.channels.errors import ChannelRefused
from kashu.core.money import FEN

_LISTS: Final = (
    Api("youzan.items.onsale.get", "3.0.0"),
    Api("youzan.items.inventory.get", "3.0.0"),
)
_DETAIL: Final = Api("youzan.item.detail.get", "1.0.1")
_SIZE: Final = 20  # each is read by itself
_REACH: Final = 100 * _SIZE  # page ≤ 100, page × size < 4000


class _Row(msgspec.Struct):
    item_id: int


class _Rows(msgspec.Struct):
    count: int
    items: list[_Row] = []


class _Property(msgspec.Struct):
    prop_name: str = ""
    prop_value_name: str = ""


class _Variant(msgspec.Struct):
    sku_id: int
    price: int | None = None  # fen
    stock_num: int | None = None
    sku_no: str | None = None
    sku_props: list[_Property] | None = None


class _Price(msgspec.Struct):
    price: int | None = None


class _Item(msgspec.Struct):
    item_id: int
    title: str
    item_no: str | None = None
    is_display: int | None = None
    quantity: int | None = None
    item_price_param: _Price | None = None
    sku_list: list[_Variant] | None = None


async def page_of(link: Link, place: str | None) -> Page[Listing]:
    """Read one page. `place` is the list's number and the page's.

    Raises: ChannelRefused where a list is longer than Youzan lets anybody read.
    """
    which, number = (int(part) for part in (place or "0.1").split("."))
    body = {"page_no": number, "page_size": _SIZE, "order_by": "created_time:asc"}
    found = await call(link, _LISTS[which], body, _Rows)
    if found.count > _REACH:
        said = f"{_LISTS[which].name}: {found.count}"
        meaning = f"商品超过 {_REACH} 个，无法全部读取 (more items than can be read)"
        raise ChannelRefused(channel=CHANNEL, said=said, meaning=meaning)
    members = [
        listing
        for row in found.items
        for listing in _variants(
            await call(link, _DETAIL, {"item_id": row.item_id}, _Item), row.item_id, which
        )
    ]
    return Page(members, _following(which, number, found.count))


def _following(which: int, number: int, count: int) -> str | None:
    if number * _SIZE < count:
        return f"{which}.{number + 1}"
    return f"{which + 1}.1" if which + 1 < len(_LISTS) else None


def _variants(item: _Item, asked: int, which: int) -> list[Listing]:
    if item.item_id != asked:
        raise unclear("item_id: another item")
    on_sale = which == 0 if item.is_display is None else item.is_display == 1
    variants = [variant for variant in item.sku_list or () if variant.sku_id]
    if not variants:
        price = item.item_price_param.price if item.item_price_param else None
        variants = [_Variant(0, price, item.quantity)]
    return [
        Listing(
            item_id=str(item.item_id),
            sku_id=str(variant.sku_id or ""),
            title=item.title,
            properties=_words(variant.sku_props or []),
            merchant_code=variant.sku_no or item.item_no or "",
            price_e4=None if variant.price is None else variant.price * FEN,
            quantity=variant.stock_num,
            on_sale=on_sale,
        )
        for variant in variants
    ]


def _words(properties: list[_Property]) -> str:
    return ";".join(f"{each.prop_name}:{each.prop_value_name}" for each in properties)
