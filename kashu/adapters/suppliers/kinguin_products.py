"""What Kinguin sells: a product at the price within which so many text keys are offered."""

from decimal import Decimal
from typing import Final

import msgspec

from kashu.adapters.suppliers.exact import price_e4
from kashu.adapters.suppliers.texts import TITLE_MAX, printable
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Product

CURRENCY: Final = "EUR"
MOST: Final = 9  # of one order's line, unless it is wholesale


class _Offer(msgspec.Struct, rename="camel"):
    price: Decimal
    available_text_qty: int | None = None
    text_qty: int | None = None


class FoundProduct(msgspec.Struct, rename="camel"):
    """A product as it is told."""

    product_id: str
    name: str
    price: Decimal
    text_qty: int | None = None
    qty: int = 0
    is_preorder: bool = False
    platform: str | None = None
    offers: list[_Offer] = []


def product_of(found: FoundProduct, quantity: int) -> Product:
    """A product at the price of the last of so many text keys, the cheapest first.

    Raises: Unreadable.
    """
    stock = found.qty if found.text_qty is None else found.text_qty
    cost = price_e4(found.price)
    offers = sorted((price_e4(each.price), _texts(each)) for each in found.offers)
    there = 0
    for price, count in offers:
        there += count
        if count and there >= quantity:
            cost = price
            break
    return Product(
        ref=found.product_id,
        title=printable(found.name, TITLE_MAX),
        goods=Goods.CARD,
        unit_cost_e4=cost,
        in_stock=max(stock, there) >= quantity,
        on_sale=not found.is_preorder,
        stock=max(stock, there),
        most=MOST,
        currency=CURRENCY,
        group=printable(found.platform or "", TITLE_MAX),
    )


def _texts(offer: _Offer) -> int:
    count = offer.text_qty if offer.available_text_qty is None else offer.available_text_qty
    return max(count or 0, 0)
