"""Read Kakayun's goods and what must be filled in."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec

from kashu.adapters.suppliers.amounts import price_e4
from kashu.adapters.suppliers.answers import read_answer
from kashu.adapters.suppliers.texts import TITLE_MAX, printable
from kashu.suppliers.kinds import Goods
from kashu.suppliers.upstream import Input, Product

GOODS: Final = {0: Goods.CARD, 1: Goods.TOPUP}
ON_SALE: Final = 1
ACCOUNTS: Final = ("1", "14", "10")  # an account; a game's account; a telephone


class Item(msgspec.Struct):
    """A product, as the list and its detail tell it."""

    goodsid: int | str
    goodsname: str
    goodsprice: Decimal
    goodsstatus: int
    goodstype: int
    stock: int
    minbuy: int | None = None
    maxbuy: int | None = None


class Field(msgspec.Struct):
    """Something that must be filled in."""

    type: int | str
    title: str | None = None


def read_item(told: msgspec.Raw) -> Product:
    """Read one row of a list. Raises: ValueError."""
    return read_product(read_answer(told, Item))


def read_product(item: Item) -> Product:
    """Read a product. Raises: ValueError."""
    goods = GOODS.get(item.goodstype)
    if goods is None:
        raise ValueError("goods of another kind")
    stock = max(item.stock, 0)
    return Product(
        ref=str(item.goodsid),
        title=printable(item.goodsname, TITLE_MAX),
        goods=goods,
        unit_cost_e4=price_e4(item.goodsprice),
        in_stock=stock > 0,
        on_sale=item.goodsstatus == ON_SALE,
        stock=stock,
        least=max(item.minbuy or 1, 1),
        most=item.maxbuy or None,
    )


def read_inputs(fields: Sequence[Field]) -> Sequence[Input]:
    """Say what must be filled in. Keys are their types: an order names them so."""
    keys = [str(field.type) for field in fields]
    account = next((key for key in ACCOUNTS if key in keys), next(iter(keys), ""))
    return [
        Input(key, printable(field.title or key, TITLE_MAX), is_account=key == account)
        for key, field in zip(keys, fields, strict=True)
    ]
