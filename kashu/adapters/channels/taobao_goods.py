"""Items on TOP: what is for sale, how many of it, at what price."""

from collections.abc import Sequence
from typing import Final

import msgspec

from kashu.adapters.channels.taobao_calls import NAME, call, unclear
from kashu.channels.channel import Link, Listing, Page, StockLevel
from kashu.channels.errors import ChannelRefused
from kashu.core.errors import Invalid
from kashu.core.money import format_amount, parse_price

ITEMS_MAX: Final = 20  # of one items.seller.list.get, and SKUs of one skus.quantity.update
ROWS_MAX: Final = 20_000  # page_no × page_size of items.onsale.get
ITEM_FIELDS: Final = "num_iid,title,price,num,outer_id,approve_status,sku"


class _Sku(msgspec.Struct):
    sku_id: int | str
    properties: str
    price: str
    quantity: int
    properties_name: str = ""
    outer_id: str = ""


class _SkuList(msgspec.Struct):
    sku: list[_Sku] = []


class _Item(msgspec.Struct):
    num_iid: int | str
    title: str
    price: str
    num: int
    approve_status: str
    outer_id: str = ""
    skus: _SkuList = msgspec.field(default_factory=_SkuList)


class _ItemList(msgspec.Struct):
    item: list[_Item] = []


class _Items(msgspec.Struct):
    items: _ItemList = msgspec.field(default_factory=_ItemList)


class _NumIid(msgspec.Struct):
    num_iid: int | str


class _NumIidList(msgspec.Struct):
    item: list[_NumIid] = []


class _OnSale(msgspec.Struct):
    total_results: int
    items: _NumIidList = msgspec.field(default_factory=_NumIidList)


class _Changed(msgspec.Struct):
    """The item that was changed; its new state isn't believed, only that there is one."""

    item: _NumIid


class _SkuChanged(msgspec.Struct):
    sku: msgspec.Raw


async def listings(link: Link, page: str | None) -> Page[Listing]:
    """List what is for sale, 20 items a page, with their variants."""
    number = int(page or "1")
    on_sale = await call(
        link,
        "taobao.items.onsale.get",
        _OnSale,
        {"fields": "num_iid", "page_no": str(number), "page_size": str(ITEMS_MAX)},
    )
    if on_sale.total_results > ROWS_MAX:
        raise ChannelRefused(
            channel=NAME,
            said=f"{on_sale.total_results} items",
            meaning="在售商品超过平台可列出的数量 more items than the platform lists",
        )
    found = [str(each.num_iid) for each in on_sale.items.item]
    items = await _items(link, found) if found else []
    more = number * ITEMS_MAX < on_sale.total_results
    members = [listing for item in items for listing in _listings_of(item)]
    return Page(members, str(number + 1) if more else None)


async def publish_stock(link: Link, levels: Sequence[StockLevel]) -> None:
    """Set quantities, one call for each item. Raises: what a call raises; earlier items stay."""
    by_item: dict[str, list[StockLevel]] = {}
    for level in levels:
        assert level.quantity >= 0, "a quantity can't be negative"
        by_item.setdefault(level.item_id, []).append(level)
    for item_id, wanted in by_item.items():
        assert len(wanted) <= ITEMS_MAX, "at most 20 listings at once"
        method, parameters = _quantities(item_id, wanted)
        changed = await call(link, method, _Changed, parameters, writes=True)
        if str(changed.item.num_iid) != item_id:
            raise unclear("another item was changed")


async def publish_price(link: Link, item_id: str, sku_id: str, price_e4: int) -> None:
    """Set a variant's price. TOP names it by its properties, which are asked for first."""
    if not sku_id:
        raise ChannelRefused(
            channel=NAME,
            said="no variant",
            meaning="没有规格的商品请在千牛后台改价 change it in the platform's console",
        )
    properties = await _properties(link, item_id, sku_id)
    await call(
        link,
        "taobao.item.sku.price.update",
        _SkuChanged,
        {"num_iid": item_id, "properties": properties, "price": format_amount(price_e4)},
        writes=True,
    )


async def _properties(link: Link, item_id: str, sku_id: str) -> str:
    for item in await _items(link, [item_id]):
        for sku in item.skus.sku:
            if str(item.num_iid) == item_id and str(sku.sku_id) == sku_id:
                return sku.properties
    raise ChannelRefused(
        channel=NAME, said="no such variant", meaning="平台上没有这个规格 it isn't there"
    )


async def _items(link: Link, item_ids: Sequence[str]) -> list[_Item]:
    told = await call(
        link,
        "taobao.items.seller.list.get",
        _Items,
        {"num_iids": ",".join(item_ids), "fields": ITEM_FIELDS},
    )
    return told.items.item


def _quantities(item_id: str, wanted: Sequence[StockLevel]) -> tuple[str, dict[str, str]]:
    absolute = {"num_iid": item_id, "type": "1"}
    if all(level.sku_id for level in wanted):
        pairs = ";".join(f"{level.sku_id}:{level.quantity}" for level in wanted)
        return "taobao.skus.quantity.update", absolute | {"skuid_quantities": pairs}
    assert len(wanted) == 1, "an item has variants, or it has none"
    return "taobao.item.quantity.update", absolute | {"quantity": str(wanted[0].quantity)}


def _listings_of(item: _Item) -> list[Listing]:
    item_id, on_sale = str(item.num_iid), item.approve_status == "onsale"
    if not item.skus.sku:
        price_e4 = _price(item.price)
        return [Listing(item_id, "", item.title, "", item.outer_id, price_e4, item.num, on_sale)]
    return [
        Listing(
            item_id=item_id,
            sku_id=str(sku.sku_id),
            title=item.title,
            properties=sku.properties_name,
            merchant_code=sku.outer_id or item.outer_id,
            price_e4=_price(sku.price),
            quantity=sku.quantity,
            on_sale=on_sale,
        )
        for sku in item.skus.sku
    ]


def _price(told: str) -> int:
    try:
        return parse_price(told)
    except Invalid as error:
        raise unclear("a price that is none") from error
